"""The ways out: each channel of models/ledger/channels.py that has a lane has its sender in the module of its name."""

from importlib import import_module

from models.ledger.channels import CHANNELS
from scheduler.channels.base import Sender


def sender(name: str) -> Sender:
    found: Sender = import_module(f"{__name__}.{name}").SENDER
    return found


SENDERS = {name: sender(name) for name, one in CHANNELS.items() if one.lane}
