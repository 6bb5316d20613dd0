"""Every channel has its sender, and an API that exists."""

from pathlib import Path

from models.ledger.channels import CHANNELS
from scheduler import channels
from scheduler.channels import SENDERS
from wecom.endpoints import ENDPOINTS


def test_every_channel_has_its_sender_and_every_sender_its_channel():
    leaving = {name: one for name, one in CHANNELS.items() if not one.shared}
    assert all(name == one.name == SENDERS[name].name for name, one in leaving.items())
    modules = {
        path.stem for path in Path(channels.__file__).parent.glob("*.py") if "SENDER" in path.read_text()
    }
    assert modules - {"__init__", "base"} == set(leaving) == set(SENDERS)


def test_channels_name_an_api_that_exists_so_that_its_closed_window_is_seen():
    leaving = [one for one in CHANNELS.values() if not one.shared]
    named = {api for one in leaving for api in (one.api, one.update_api) if api}
    assert named <= set(ENDPOINTS)
