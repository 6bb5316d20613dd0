"""The mark that a restore leaves: it decides for every row that is written after it (D08)."""

from datetime import timedelta

import pytest

from models.db import Database
from models.ledger import outbox, restore_mark
from models.ledger.outbox import FROM_BACKUP, OutboxStatus
from tests.cast import NOW
from tests.models.ledger.rows import read, write

MINUTE = timedelta(minutes=1)
HELD, QUEUED = OutboxStatus.HELD, OutboxStatus.QUEUED


@pytest.mark.parametrize(
    "since, born", [(NOW - MINUTE, HELD), (NOW, HELD), (NOW + MINUTE, QUEUED), (None, QUEUED)]
)
def test_what_could_be_told_before_a_restore_is_born_held_and_offered_to_nobody_D08(
    sqlite_database: Database, since, born
):
    offers = []
    sqlite_database.offer = offers.extend
    write(sqlite_database, lambda s: restore_mark.restored(s, NOW))
    later = NOW + 2 * MINUTE
    row_id = write(sqlite_database, lambda s: outbox.put(s, "notice", "key", now=later, since=since))
    row = read(sqlite_database, row_id)
    assert (row.status, row.reason) == (born, FROM_BACKUP if born == HELD else "")
    assert len(offers) == (born == QUEUED)


def test_without_a_restore_nothing_is_held(sqlite_database: Database):
    put = write(sqlite_database, lambda s: outbox.put(s, "notice", "key", now=NOW, since=NOW - 9 * MINUTE))
    assert read(sqlite_database, put).status == QUEUED


def test_the_last_restore_counts(sqlite_database: Database):
    write(sqlite_database, lambda s: restore_mark.restored(s, NOW))
    write(sqlite_database, lambda s: restore_mark.restored(s, NOW + 5 * MINUTE))
    assert write(sqlite_database, lambda s: restore_mark.may_have_left(s, NOW + 2 * MINUTE))


def test_what_a_row_was_born_as_stays_when_its_end_is_known(sqlite_database: Database):
    """A welcome that is too late for its code is not held: nobody could release it."""
    write(sqlite_database, lambda s: restore_mark.restored(s, NOW))
    ended = {"status": OutboxStatus.EXPIRED, "reason": outbox.TOO_LATE}
    row_id = write(
        sqlite_database,
        lambda s: outbox.put(s, "welcome", "key", now=NOW + MINUTE, since=NOW, **ended),
    )
    assert read(sqlite_database, row_id).status == OutboxStatus.EXPIRED
