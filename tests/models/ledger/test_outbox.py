"""The outbox: one row per intention, in its order, postponed, cancelled, forgotten."""

from datetime import timedelta

from sqlalchemy import inspect
from sqlmodel import select

from models.db import Database, Offer
from models.ledger import lease, outbox
from models.ledger.channels import CHANNELS
from models.ledger.outbox import Outbox, OutboxStatus
from tests.cast import NOW
from tests.models.ledger.rows import SECOND, claim, put, read, write


def test_the_same_intention_twice_is_one_row(database: Database):
    with database.write() as session:
        assert outbox.put(session, "notice", "n:1", now=NOW) is not None
        assert outbox.put(session, "notice", "n:1", now=NOW) is None


def test_a_row_takes_lane_and_priority_from_its_route_and_is_offered_when_due(database: Database):
    offers: list[Offer] = []
    database.offer = offers.extend
    row_id = put(database, "welcome", "welcome:x")
    put(database, "mass", "mass:later", due_at=NOW + 60 * SECOND)
    put(database, "mass", "mass:held", status=OutboxStatus.HELD)
    assert offers == [Offer("outbox", row_id, "welcome")]
    assert (read(database, row_id).lane, read(database, row_id).priority) == ("welcome", 0)


def test_every_route_has_a_lane_that_exists():
    assert {one.lane for one in CHANNELS.values() if not one.shared} <= set(outbox.LANES)
    assert min(CHANNELS.values(), key=lambda one: one.priority) is CHANNELS["welcome"]


def test_due_rows_come_by_priority_then_deadline_then_age(database: Database):
    late = put(database, "contact_way", "c", due_at=NOW - SECOND)
    old, new = (put(database, "mass", f"m{n}", due_at=NOW - n * SECOND) for n in (9, 3))
    put(database, "mass", "future", due_at=NOW + SECOND)
    with database.read() as session:
        assert outbox.due(session, "bulk", NOW, 10) == [late, old, new]
        assert outbox.due(session, "bulk", NOW, 10, skip=[old]) == [late, new]
        assert outbox.due(session, "bulk", NOW, 1) == [late]
    soon, sooner = (put(database, "welcome", f"w{n}", deadline=NOW + n * SECOND) for n in (15, 5))
    with database.read() as session:
        assert outbox.due(session, "welcome", NOW, 10) == [sooner, soon]


def test_postponing_moves_the_queued_rows_of_a_channel_together_B02(database: Database):
    """Everybody waits for a closed window, not each for itself."""
    mine = [put(database, "mass", f"m{n}") for n in range(3)]
    other, until = put(database, "notice", "n"), NOW + 60 * SECOND
    assert write(database, lambda s: outbox.postpone(s, ["mass"], until, "平台说太多")) == 3
    assert write(database, lambda s: outbox.postpone(s, ["mass"], until, "平台说太多")) == 0
    assert {read(database, row_id).due_at for row_id in mine} == {until}
    assert read(database, other).due_at == NOW


def test_cancelling_takes_back_only_what_has_not_left(database: Database):
    waiting, called = put(database, key="a"), put(database, key="b")
    claim(database, called)
    assert write(database, lambda s: outbox.cancel(s, [waiting, called], NOW, "活动已停止")) == 1
    assert [read(database, row_id).status for row_id in (waiting, called)] == [
        OutboxStatus.CANCELLED,
        OutboxStatus.CALLING,
    ]


def test_pruning_forgets_old_calls_that_ended_and_nothing_else(database: Database):
    old = NOW - timedelta(days=500)
    with database.write() as session:
        for key, status in (
            ("done", OutboxStatus.SENT),
            ("open", OutboxStatus.QUEUED),
            ("held", OutboxStatus.HELD),
        ):
            outbox.put(session, "notice", key, now=old, status=status)
        outbox.put(session, "notice", "new", now=NOW, status=OutboxStatus.SENT)
    assert write(database, lambda s: outbox.prune(s, NOW - timedelta(days=400))) == 1
    with database.read() as session:
        assert set(session.exec(select(Outbox.key))) == {"open", "held", "new"}
        assert outbox.counts(session) == {OutboxStatus.QUEUED: 1, OutboxStatus.HELD: 1, OutboxStatus.SENT: 1}
        assert outbox.counts(session, since=NOW) == {OutboxStatus.SENT: 1}


def test_what_may_have_left_within_the_hour_counts_against_our_rates_B17(database: Database):
    """A restart fills the windows again from these: also what is being called, but not what was put back."""
    old, left, calling, back = (
        put(database, key=key, due_at=NOW - timedelta(hours=2)) for key in ("old", "left", "calling", "back")
    )
    for row_id, at in ((old, NOW - timedelta(hours=1)), (left, NOW - SECOND), (calling, NOW), (back, NOW)):
        row = claim(database, row_id, at)
        if row_id == back:
            write(database, lambda s, row=row, at=at: lease.put_back(s, row, at, reason="等"))
        elif row_id != calling:
            write(database, lambda s, row=row, at=at: lease.write_request(s, row, {"a": 1}, at))
    with database.read() as session:
        rows = outbox.called_since(session, NOW - timedelta(hours=1))
        assert {row.id for row in rows} == {left, calling}
        assert inspect(rows[0]).unloaded & {"request", "answer"} == {"request", "answer"}
