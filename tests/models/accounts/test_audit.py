"""The book of who did what."""

from sqlmodel import select

from models.accounts import audit
from models.accounts.audit import Audit
from models.db import Database
from tests.models.accounts.test_accounts import NOW


def test_the_book_keeps_long_words_short(database: Database) -> None:
    with database.write() as session:
        audit.record(session, "周岚" * 60, "登录", "账号", NOW, "x" * 900)
    with database.read() as session:
        line = session.exec(select(Audit)).one()
    assert (len(line.actor), len(line.detail)) == (64, 500)
