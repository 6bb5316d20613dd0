"""Names and texts hold nothing that nobody sees, wherever they come from."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from models import groups, names, preferences
from models.accounts import api_tokens, lifecycle
from models.accounts.lifecycle import AccountFields
from models.campaigns import announcement_rules, fields
from models.campaigns.announcement_rules import reach_of
from models.campaigns.fields import CampaignFields
from models.db import Database
from models.errors import Refused
from tests import cast
from tests.cast import NOW

UNSEEN = ["一\x07二", "一\x1b[31m二", "一\n二", "一\u2028二", "一\u202e二", "一\ud83d二", "\x7f一"]


@pytest.mark.parametrize("text", UNSEEN)
def test_a_line_holds_no_control_character_no_half_and_nothing_that_turns_it(text: str) -> None:
    assert names.line_fault(text)


def test_what_people_write_is_fine() -> None:
    for text in ("霁野 2026 秋冬（一）", "👩\u200d👧 亲子", "Zoë’s café", "한국어", ""):
        assert not names.line_fault(text)
    assert not names.text_fault("第一行\n\t第二行")
    assert names.text_fault("第一行\x07") and names.text_fault("一\ud83d")


def test_a_name_of_the_platform_holds_nothing_spoilt_and_no_joiner_that_joins_nothing() -> None:
    assert names.plain_name("陆\ufffd瑶", 64) == "陆瑶"
    assert names.plain_name("王\u200d芳\u200c", 64) == "王芳"
    assert names.plain_name("👩\u200d👧 亲子", 64) == "👩\u200d👧 亲子"


def account(session: Session, database: Database, name: str) -> None:
    lifecycle.open_account(
        database, AccountFields(name=name, login="zhou", password="correct-horse"), "周岚", NOW
    )


def campaign(session: Session, _database: Database, name: str) -> None:
    plan = CampaignFields(name=name, text="您好", launch_at=NOW, ends_at=NOW + timedelta(days=1))
    if faults := {key: one for key, one in fields.complaints(session, plan, NOW).items() if key == "name"}:
        raise Refused(faults=faults)


def announcement(session: Session, _database: Database, name: str) -> None:
    if "title" in (faults := announcement_rules.complaints(name, "您好", reach_of(session))):
        raise Refused(faults=faults)


PLACES: dict[str, Callable[[Session, Database, str], object]] = {
    "group": lambda session, _database, name: groups.add_internal(session, name, "周岚", NOW),
    "token": lambda session, _database, name: api_tokens.create(
        session, name, writes=False, who="周岚", now=NOW
    ),
    "brand": lambda session, _database, name: preferences.change(session, "周岚", NOW, name=name),
    "campaign": campaign,
    "announcement": announcement,
    "account": account,
}


@pytest.mark.parametrize("place", PLACES)
def test_no_name_holds_a_control_character(sqlite_database: Database, place: str) -> None:
    with sqlite_database.write() as session:
        cast.play(session)
    for name in ("一\x07二", "一\u202e二"):
        with sqlite_database.read() as session, pytest.raises(Refused, match="看不见的字符"):
            PLACES[place](session, sqlite_database, name)
