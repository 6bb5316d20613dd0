"""Outbox rows that nobody settled: what becomes of them depends on what may have happened."""

from datetime import timedelta

import pytest

from models import delivery_decisions
from models.db import Database
from models.ledger import lease, outbox, recovery
from models.ledger.lease import LEASE_SECONDS
from models.ledger.outbox import Outbox, OutboxStatus
from tests.cast import NOW
from tests.models.ledger.rows import claim, put, read, write

SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(seconds=LEASE_SECONDS + 1)
CHECKED = {"enable_duplicate_check": 1, "duplicate_check_interval": 1800}


def called(database: Database, channel: str, request: dict | None, **fields) -> Outbox:
    """A row whose call left (or, without a request, did not) and whose process then died."""
    row = claim(database, put(database, channel, f"{channel}:x", **fields))
    if request is not None:
        write(database, lambda s: lease.write_request(s, row, request, NOW))
    return row


def lapse_all(database: Database, now=LATER) -> list[OutboxStatus | None]:
    with database.read() as session:
        rows = recovery.lapsed(session, now)
    return [write(database, lambda s, row=row: recovery.lapse(s, row, now)) for row in rows]


def test_a_lease_that_still_runs_is_left_alone(database: Database):
    called(database, "mass", {"a": 1})
    assert lapse_all(database, NOW + timedelta(seconds=LEASE_SECONDS - 1)) == []


def test_a_process_that_died_before_the_intent_leaves_the_row_to_another_C03(database: Database):
    row = called(database, "welcome", None)
    assert lapse_all(database) == [OutboxStatus.QUEUED]
    assert claim(database, row.id, LATER).attempts == 2


@pytest.mark.parametrize(
    ("channel", "status"),
    [
        ("mass", OutboxStatus.UNKNOWN),
        ("welcome", OutboxStatus.UNKNOWN),
        ("robot", OutboxStatus.UNKNOWN),
        ("contact_way", OutboxStatus.UNKNOWN),
        ("notice", OutboxStatus.QUEUED),
        ("card", OutboxStatus.QUEUED),
    ],
)
def test_what_may_have_arrived_is_repeated_only_where_the_platform_drops_the_copy_C05(
    database: Database, channel: str, status: str
):
    row = called(database, channel, CHECKED)
    assert lapse_all(database) == [status]
    assert read(database, row.id).request == CHECKED


def test_the_stored_bytes_go_again_only_inside_the_duplicate_check(database: Database):
    row = called(database, "notice", CHECKED)
    assert recovery.repeatable(row, NOW + timedelta(seconds=1700))
    assert not recovery.repeatable(row, NOW + timedelta(seconds=1790))
    assert lapse_all(database, NOW + timedelta(hours=1)) == [OutboxStatus.UNKNOWN]


def test_a_message_without_the_duplicate_check_is_never_repeated(database: Database):
    called(database, "notice", {"text": "您好"})
    assert lapse_all(database) == [OutboxStatus.UNKNOWN]


def test_what_killed_its_process_three_times_is_put_aside_C14(database: Database):
    row_id, now = put(database, "mass", "mass:poison"), NOW
    for expected in (OutboxStatus.QUEUED, OutboxStatus.QUEUED, OutboxStatus.NOT_SENT):
        assert claim(database, row_id, now) is not None
        now += timedelta(seconds=LEASE_SECONDS + 1)
        assert lapse_all(database, now) == [expected]
    assert "中断了 3 次" in read(database, row_id).reason


def test_a_lease_from_before_the_clock_was_set_back_does_not_last_for_hours_E03(database: Database):
    called(database, "mass", {"a": 1})
    assert lapse_all(database, NOW - timedelta(hours=2)) == [OutboxStatus.UNKNOWN]


def test_a_caller_that_came_back_in_time_is_not_overruled(database: Database):
    row = called(database, "mass", {"a": 1})
    write(database, lambda s: lease.settle(s, row, OutboxStatus.SENT, LATER))
    assert write(database, lambda s: recovery.lapse(s, row, LATER)) is None
    assert read(database, row.id).status == OutboxStatus.SENT


def test_a_caller_that_renewed_its_lease_after_the_look_keeps_its_row(database: Database):
    """It was slow to prepare, and writes its request while another process goes through lapsed rows."""
    row = called(database, "notice", None)
    with database.read() as session:
        seen = recovery.lapsed(session, LATER)
    write(database, lambda s: lease.write_request(s, row, CHECKED, LATER))
    assert [write(database, lambda s, old=old: recovery.lapse(s, old, LATER)) for old in seen] == [None]
    kept = read(database, row.id)
    assert (kept.status, kept.request, kept.lease_until) == (
        OutboxStatus.CALLING,
        CHECKED,
        LATER + timedelta(seconds=LEASE_SECONDS),
    )
    assert write(database, lambda s: lease.settle(s, row, OutboxStatus.SENT, LATER))


def test_rows_past_their_deadline_expire_and_say_so(database: Database):
    late = put(database, "welcome", "w1", deadline=NOW + 20 * SECOND)
    put(database, "welcome", "w2", deadline=NOW + 60 * SECOND)
    calling = claim(database, put(database, "welcome", "w3", deadline=NOW + 20 * SECOND))
    gone = write(database, lambda s: recovery.expire(s, NOW + 21 * SECOND))
    assert [row.id for row in gone] == [late]
    assert (read(database, late).status, read(database, late).reason) == (
        OutboxStatus.EXPIRED,
        outbox.TOO_LATE,
    )
    assert read(database, calling.id).status == OutboxStatus.CALLING


def test_a_row_whose_earlier_try_may_have_arrived_is_not_called_expired(database: Database):
    row = called(database, "card", {"enable_duplicate_check": 1}, deadline=NOW + 20 * SECOND)
    write(database, lambda s: lease.put_back(s, row, NOW + 5 * SECOND, reason="没等到回答", same_bytes=True))
    write(database, lambda s: recovery.expire(s, NOW + 21 * SECOND))
    assert (read(database, row.id).status, read(database, row.id).reason) == (
        OutboxStatus.UNKNOWN,
        outbox.NO_ANSWER,
    )


def test_an_expired_row_says_what_it_waited_for(database: Database):
    row = claim(database, put(database, "mass", "m1", deadline=NOW + 20 * SECOND))
    write(database, lambda s: lease.put_back(s, row, NOW + 5 * SECOND, reason="她的入口码正在做" * 40))
    write(database, lambda s: recovery.expire(s, NOW + 21 * SECOND))
    said = read(database, row.id).reason
    assert said.startswith(f"{outbox.TOO_LATE}。它等的是：她的入口码正在做") and len(said) < 600


def test_unknown_rows_are_asked_about_soon_then_at_twice_the_age(database: Database):
    row = called(database, "mass", {"a": 1})
    write(database, lambda s: lease.settle(s, row, OutboxStatus.UNKNOWN, NOW))
    asked: list[float] = []
    for seconds in range(0, 200, 5):
        now = NOW + seconds * SECOND
        with database.read() as session:
            waiting = recovery.to_ask(session, ["mass"], now, 9)
        for found in waiting:
            asked.append(seconds)
            write(
                database,
                lambda s, found=found, now=now: recovery.found_out(
                    s, found, OutboxStatus.UNKNOWN, now, reason="还在派发"
                ),
            )
    assert asked == [10, 20, 40, 80, 160]


def test_after_a_day_a_person_has_to_look(database: Database):
    row = called(database, "mass", {"a": 1})
    write(database, lambda s: lease.settle(s, row, OutboxStatus.UNKNOWN, NOW))
    with database.read() as session:
        assert recovery.to_ask(session, ["mass"], NOW + timedelta(hours=25), 9) == []
        assert recovery.to_ask(session, ["robot"], NOW + timedelta(hours=1), 9) == []


def test_what_the_platform_tells_settles_an_unknown_row(database: Database):
    row = called(database, "mass", {"a": 1})
    write(database, lambda s: lease.settle(s, row, OutboxStatus.UNKNOWN, NOW))
    assert write(
        database,
        lambda s: recovery.found_out(s, row, OutboxStatus.SENT, LATER, reason="查实", answer={"msgid": "m"}),
    )
    assert (read(database, row.id).status, read(database, row.id).answer) == (
        OutboxStatus.SENT,
        {"msgid": "m"},
    )
    assert not write(
        database, lambda s: recovery.found_out(s, row, OutboxStatus.QUEUED, LATER, reason="查实没有")
    )


def test_what_surely_did_not_arrive_is_queued_again_from_the_beginning(database: Database):
    row = called(database, "mass", {"a": 1})
    write(database, lambda s: lease.settle(s, row, OutboxStatus.UNKNOWN, NOW))
    assert write(
        database, lambda s: recovery.found_out(s, row, OutboxStatus.QUEUED, LATER, reason="查实没有收下")
    )
    again = claim(database, row.id, LATER)
    assert (again.request, again.attempts) == (None, 2)


def test_a_persons_word_on_an_unknown_row_stands(database: Database):
    row = called(database, "mass", {"a": 1})
    write(database, lambda s: lease.settle(s, row, OutboxStatus.UNKNOWN, NOW))
    decided = NOW + timedelta(minutes=11)
    write(database, lambda s: delivery_decisions.decide(s, s.get_one(Outbox, row.id), False, "小李", decided))
    assert not write(database, lambda s: recovery.found_out(s, row, OutboxStatus.SENT, LATER, reason="查实"))
    assert read(database, row.id).status == OutboxStatus.NOT_SENT
