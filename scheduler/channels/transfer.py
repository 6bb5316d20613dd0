"""The same for customers of a guide who goes on working: the customer reads a line from whoever takes over."""

from typing import ClassVar

from models.friends.handover import Handover
from models.ledger.channels import TRANSFER
from scheduler.channels.base import Json, Sender
from scheduler.channels.transfer_left import TransferLeft


class Transfer(TransferLeft):
    name: ClassVar[str] = TRANSFER
    results: ClassVar[str] = "externalcontact/transfer_result"

    def words(self, handover: Handover) -> Json:
        return {"transfer_success_msg": handover.message} if handover.message else {}


SENDER: Sender = Transfer()
