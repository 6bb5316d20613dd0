"""The same while the owner goes on working."""

from typing import ClassVar

from models.ledger.channels import GROUP_OWNER
from scheduler.channels.base import Sender
from scheduler.channels.group_owner_left import GroupOwnerLeft


class GroupOwner(GroupOwnerLeft):
    name: ClassVar[str] = GROUP_OWNER


SENDER: Sender = GroupOwner()
