"""Rows of the outbox: written, claimed, read back."""

from datetime import timedelta

from models.db import Database
from models.ledger import lease, outbox
from models.ledger.outbox import Outbox
from tests.cast import NOW

SECOND = timedelta(seconds=1)


def put(database: Database, channel: str = "notice", key: str = "n:1", **fields) -> int:
    with database.write() as session:
        row_id = outbox.put(session, channel, key, now=NOW, **fields)
    assert row_id is not None
    return row_id


def claim(database: Database, row_id: int, now=NOW) -> Outbox | None:
    return database.run(lambda session: lease.claim(session, row_id, now))


def read(database: Database, row_id: int) -> Outbox:
    with database.read() as session:
        return session.get_one(Outbox, row_id)


def write(database: Database, work):
    """One verb in one transaction, on a fresh copy of the row."""
    return database.run(work)
