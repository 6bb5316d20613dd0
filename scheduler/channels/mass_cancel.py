"""Takes a mass message back from the 群发助手 of a guide who has not sent it; what she sent stays sent."""

from models.ledger.channels import MASS_CANCEL
from scheduler.channels.base import Sender, TakeBack


class MassCancel(TakeBack):
    name = MASS_CANCEL


SENDER: Sender = MassCancel()
