"""What every sender can do."""

from models.ledger.channels import ASK, CHANNELS
from scheduler.channels import SENDERS
from scheduler.channels.base import STILL_UNKNOWN, Plain


def test_who_says_that_it_can_be_asked_can_be_asked():
    for name, sender in SENDERS.items():
        asks = type(sender).ask is not Plain.ask
        assert asks == (CHANNELS[name].on_unknown == ASK), name
    assert Plain().ask(None, None, None) is STILL_UNKNOWN
