"""Takes a post back from the 客户朋友圈 of the guides who have not published it; what is published stays."""

from models.ledger.channels import MOMENT_CANCEL
from scheduler.channels.base import Sender, TakeBack


class MomentCancel(TakeBack):
    name = MOMENT_CANCEL
    named_by = "moment_id"


SENDER: Sender = MomentCancel()
