"""Tokens of the API: shown once, shut out for good, their last use known roughly."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts import api_tokens
from models.accounts.api_tokens import PREFIX, USED_STEP, ApiToken
from models.accounts.audit import Audit
from models.db import Database
from models.errors import Refused
from tests.cast import NOW


@pytest.fixture
def token(sqlite_database: Database) -> str:
    with sqlite_database.write() as session:
        return api_tokens.create(session, " crm ", writes=True, who="周岚", now=NOW)


def test_its_text_is_in_no_row_and_no_line_of_the_book(sqlite_database: Database, token: str) -> None:
    with sqlite_database.read() as session:
        row, line = session.exec(select(ApiToken)).one(), session.exec(select(Audit)).one()
        assert api_tokens.find(session, token) == row
    assert token not in row.model_dump_json() + line.model_dump_json()
    assert (row.name, row.words, line.verb) == ("crm", f"crm …{token[-4:]}", "token.add")


def test_whatever_is_no_token_of_ours_finds_nothing(sqlite_database: Database, token: str) -> None:
    with sqlite_database.read() as session:
        for wrong in ("", PREFIX, token[:-1], token.upper(), token.removeprefix(PREFIX)):
            assert api_tokens.find(session, wrong) is None, wrong


def test_a_revoked_one_opens_nothing_and_is_revoked_once(sqlite_database: Database, token: str) -> None:
    with sqlite_database.write() as session:
        row = session.exec(select(ApiToken)).one()
        assert api_tokens.revoke(session, row, "周岚", NOW)
        assert not api_tokens.revoke(session, row, "陈默", NOW + timedelta(hours=1))
        assert row.revoked_at == NOW and api_tokens.find(session, token) is None
        assert [line.actor for line in session.exec(select(Audit).where(Audit.verb == "token.revoke"))] == [
            "周岚"
        ]


@pytest.mark.parametrize("name", ["", "   ", "用" * 65])
def test_without_the_name_of_its_user_none_is_made(sqlite_database: Database, name: str) -> None:
    with pytest.raises(Refused) as refused, sqlite_database.write() as session:
        api_tokens.create(session, name, writes=False, who="周岚", now=NOW)
    assert list(refused.value.faults) == ["name"]
    with sqlite_database.read() as session:
        assert session.exec(select(ApiToken)).all() == session.exec(select(Audit)).all() == []


def test_reading_all_day_writes_its_last_use_seldom(sqlite_database: Database, token: str) -> None:
    with sqlite_database.read() as session:
        row = session.exec(select(ApiToken)).one()
    written = [api_tokens.used(row, NOW + minute * timedelta(minutes=1)) for minute in range(25)]
    assert [minute for minute, wrote in enumerate(written) if wrote] == [0, 10, 20]
    assert row.used_at == NOW + 2 * USED_STEP
