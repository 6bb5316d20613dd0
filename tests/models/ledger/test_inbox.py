"""The inbox: each event once, leased to one worker, tried again, parked, replayed, forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models.errors import Refused
from models.ledger import inbox
from models.ledger.inbox import Inbox, InboxStatus
from tests.cast import NOW


@pytest.fixture
def store(database):
    """Put an event into the inbox; (row id, is it new)."""

    def put(body="<xml/>", now=NOW, lane="inbox"):
        with database.write() as session:
            return inbox.store(
                session,
                source="app",
                key=inbox.body_key(body),
                kind="test",
                actor="sys",
                subject="",
                body=body,
                event_at=now,
                now=now,
                lane=lane,
            )

    return put


@pytest.fixture
def claim(database):
    def take(row_id, now=NOW):
        with database.write() as session:
            return inbox.claim(session, row_id, now)

    return take


@pytest.fixture
def row(database):
    def read(row_id):
        with database.read() as session:
            return session.get_one(Inbox, row_id)

    return read


def due(database, now=NOW):
    with database.read() as session:
        return inbox.due(session, now, 100)


def test_a_copy_is_counted_on_the_first_row(store, row):
    first, new = store("a")
    assert (new, store("a")) == (True, (first, False))
    assert (row(first).copies, store("b")[1]) == (2, True)


def test_copies_at_the_same_moment_are_one_row_A02(store, row, database):
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: store("same"), range(6)))
    assert len({row_id for row_id, _ in found}) == 1
    assert sum(new for _, new in found) == 1
    assert row(found[0][0]).copies == 6


def test_only_a_new_event_is_offered_to_the_queue(store, database):
    offered = []
    database.offer = offered.extend
    row_id, _ = store("a")
    store("a")
    assert [(one.box, one.id) for one in offered] == [("inbox", row_id)]


def test_one_worker_at_a_time_has_it(store, claim, database):
    row_id, _ = store()
    with ThreadPoolExecutor(4) as pool:
        assert sum(found > 0 for found in pool.map(lambda _: claim(row_id), range(4))) == 1
    assert due(database) == []


def test_a_dead_workers_lease_ends(store, claim, database):
    row_id, _ = store()
    claim(row_id)
    later = NOW + timedelta(seconds=inbox.LEASE_SECONDS + 1)
    assert claim(row_id, NOW + timedelta(seconds=inbox.LEASE_SECONDS - 1)) == 0
    assert due(database, later) == [row_id]
    assert claim(row_id, later) == 2


def test_a_lease_from_before_the_clock_was_set_back_does_not_hold_E03(store, claim):
    row_id, _ = store(now=NOW - timedelta(hours=3))
    claim(row_id)
    assert claim(row_id, NOW - timedelta(hours=2)) == 2


def test_failures_wait_longer_each_time_and_end_parked_A15(store, claim, row, database):
    row_id, _ = store()
    now, waits = NOW, []
    while row(row_id).status != InboxStatus.PARKED:
        assert claim(row_id, now)
        with database.write() as session:
            inbox.fail(session, row_id, now, "错" * 400, "t" * 9000)
        found = row(row_id)
        if found.next_at:
            waits.append((found.next_at - now).total_seconds())
            now = found.next_at
    assert waits == list(inbox.RETRY_SECONDS)
    assert (len(row(row_id).error), len(row(row_id).trace)) == (400, 8000)
    assert due(database, now + timedelta(days=9)) == []


def test_only_what_is_not_done_can_be_replayed(store, claim, row, database):
    row_id, _ = store()
    claim(row_id)
    with database.write() as session:
        inbox.settle(session.get_one(Inbox, row_id), NOW, decision="好了")
        with pytest.raises(Refused, match="已经处理好了"):
            inbox.replay(session, session.get_one(Inbox, row_id), "周岚", NOW)
    assert row(row_id).status == InboxStatus.HANDLED
    with database.write() as session:
        inbox.settle(session.get_one(Inbox, row_id), NOW, decision="不认识", known=False)
        inbox.replay(session, session.get_one(Inbox, row_id), "周岚", NOW)
    assert (row(row_id).status, row(row_id).attempts, due(database)) == (InboxStatus.STORED, 0, [row_id])


def test_bodies_are_forgotten_but_a_late_copy_is_still_known_L06(store, claim, row, database):
    row_id, _ = store("personal")
    with database.write() as session:
        inbox.settle(session.get_one(Inbox, row_id), NOW, decision="好了", reply="secret")
        assert inbox.forget_bodies(session, NOW + timedelta(seconds=1)) == 1
        assert inbox.forget_bodies(session, NOW + timedelta(seconds=1)) == 0
    assert (row(row_id).body, row(row_id).reply, row(row_id).decision) == ("", "", "好了")
    assert store("personal") == (row_id, False)


def test_a_parked_body_is_kept_for_whoever_looks(store, claim, row, database):
    row_id, _ = store("poison")
    with database.write() as session:
        session.get_one(Inbox, row_id).status = InboxStatus.PARKED
    with database.write() as session:
        assert inbox.forget_bodies(session, NOW + timedelta(days=99)) == 0
        assert inbox.prune(session, NOW + timedelta(days=400)) == 1


def test_counts_add_up_to_what_was_sent(store, claim, database):
    for body in ("a", "a", "b"):
        store(body)
    with database.write() as session:
        inbox.settle(session.get_one(Inbox, 1), NOW, decision="好了")
    with database.read() as session:
        assert inbox.counts(session) == {"handled": 1, "stored": 1, "copies": 3}


def test_new_events_that_wait_are_counted_no_further_than_asked(store, claim, row, database):
    for body in "abc":
        store(body)
    with database.write() as session:
        inbox.settle(session.get_one(Inbox, 1), NOW, decision="")
        assert [inbox.waiting(session, most) for most in (1, 9)] == [1, 2]


def test_the_newest_of_a_lane_is_taken_first_and_what_is_too_old_not_at_all(store, database, row):
    """So some new friends are greeted in time when more come than can be: in their order all would be late."""
    for seconds, lane in ((0, "friend"), (10, "friend"), (12, "friend"), (13, "inbox")):
        store(f"{seconds}", NOW + timedelta(seconds=seconds), lane)
    since, now = NOW + timedelta(seconds=5), NOW + timedelta(seconds=21)

    def newest():
        with database.write() as session:
            return inbox.claim_newest(session, "friend", since, now)

    taken = [newest() for _ in range(3)]
    assert [number and row(number).body for number in taken] == ["12", "10", 0]
    assert {row(number).attempts for number in taken if number} == {1}


def test_two_who_take_the_newest_take_two(store, database):
    for number in range(8):
        store(f"{number}", NOW, "friend")

    def newest(_):
        with database.write() as session:
            return inbox.claim_newest(session, "friend", NOW - timedelta(seconds=1), NOW)

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(newest, range(8)))
    assert len(set(taken) - {0}) == sum(map(bool, taken))
