"""The bare address."""

import pytest

from models.db import Database
from tests.pages.conftest import make_console

MESSENGER = "Mozilla/5.0 (iPhone) wxwork/4.1.20 MicroMessenger/7.0.1"


@pytest.mark.parametrize(
    ("demo", "agent", "where"),
    [(True, "", "/demo"), (False, "", "/console/"), (False, MESSENGER, "/g/")],
)
def test_the_bare_address_leads_on(sqlite_database: Database, demo: bool, agent: str, where: str) -> None:
    console = make_console(sqlite_database, demo=demo, emulator_url="http://127.0.0.1:1")
    answer = console.stranger().get("/", headers={"User-Agent": agent})
    assert (answer.status_code, answer.location) == (302, where)
