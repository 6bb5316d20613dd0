"""Lets the platform forget the contact way of an entry code that was retired; what was printed of it leads nowhere then."""

from models.ledger.channels import CONTACT_WAY_END
from scheduler.channels.base import Sender, TakeBack


class ContactWayEnd(TakeBack):
    name = CONTACT_WAY_END
    named_by = "config_id"


SENDER: Sender = ContactWayEnd()
