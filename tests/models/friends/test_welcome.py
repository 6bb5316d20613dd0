"""The welcome of a new friend: intended once, with 20 seconds from the callback's arrival, and timed from there."""

from datetime import timedelta

import pytest

from models.friends.welcome import WELCOME_SECONDS, put_welcome, welcome_seconds
from models.ledger import inbox
from models.ledger.outbox import Outbox, OutboxStatus
from tests import cast
from tests.cast import NOW, XU

SECOND = timedelta(seconds=1)


@pytest.fixture
def intend(sqlite_database):
    """王芳's new friend is handled `late` after her callback came, which came `under_way` after it happened."""
    with sqlite_database.write() as session:
        wang = cast.play(session).wang
        friend = cast.befriend(session, wang, XU)

    def put(code: str = "WC1", *, under_way: timedelta = SECOND, late: timedelta = SECOND):
        event = {"source": "app", "key": code, "kind": "k", "actor": "sys", "subject": "", "body": "<xml/>"}
        with sqlite_database.write() as session:
            event_id, _ = inbox.store(session, event_at=NOW, now=NOW + under_way, **event)
            session.add(friend)
            said = put_welcome(session, friend, wang, code, NOW, NOW + under_way + late, event_id)
            return said, session.get(Outbox, friend.welcome_id or 0)

    return put


def test_it_may_leave_until_twenty_seconds_after_the_callback_came(intend):
    said, row = intend(under_way=3 * SECOND, late=5 * SECOND)
    assert (said, row.status, row.deadline) == ("queued", OutboxStatus.QUEUED, NOW + 23 * SECOND)
    assert "王芳" in row.payload["text"] and "WC1" not in row.key


def test_one_code_is_one_welcome(intend):
    _, first = intend()
    said, row = intend()
    assert (said, row.id) == ("used", first.id)


def test_an_event_that_came_after_its_code_had_died_leaves_no_row(intend):
    assert intend(under_way=(WELCOME_SECONDS + 1) * SECOND) == ("late", None)


def test_one_that_we_handled_too_late_is_written_down_as_missed(intend):
    said, row = intend(late=WELCOME_SECONDS * SECOND)
    assert (said, row.status) == ("missed", OutboxStatus.EXPIRED)
    assert welcome_seconds(row) is None, "nobody was welcomed, in however many seconds"


def test_it_is_timed_from_the_callbacks_arrival_not_from_its_own_row(intend):
    _, row = intend(late=7 * SECOND)
    row.status, row.done_at = OutboxStatus.SENT, row.created_at + SECOND
    assert welcome_seconds(row) == 8.0
    row.deadline = None
    assert welcome_seconds(row) == 1.0, "a row of a version that kept no deadline"
