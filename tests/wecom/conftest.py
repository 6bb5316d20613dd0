"""The scripted platform, a clock that stands, and clients on both."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.wecom.closed_windows import MemoryClosedWindows
from tests.wecom.fake_platform import FakePlatform
from wecom.client import WorkClient
from wecom.tokens import MemoryTokens

CORP = "ww0123456789abcdef"
IMPATIENT = (3.0, 1.0)
"""For an answer that never comes. Whoever gets one may wait as long as in the shop."""
SECRET = "S3cret-of-the-app-0123456789abcdefghijklmno"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def move(self, **by):
        self.now += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def platform():
    platform = FakePlatform()
    yield platform
    platform.close()


@pytest.fixture
def closed_windows():
    return MemoryClosedWindows()


@pytest.fixture
def new_client(platform, closed_windows, clock):
    """Makes clients on the scripted platform and closes them."""
    made = []

    def make(**changes):
        wanted = {
            "agent_id": 1000002, "base_url": platform.base_url, "tokens": MemoryTokens(),
            "closed_windows": closed_windows, "clock": clock, **changes,
        }  # fmt: skip
        client = WorkClient(wanted.pop("corp_id", CORP), wanted.pop("secret", SECRET), **wanted)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(new_client):
    return new_client()
