"""The inbox loop: one effect per event, parked poison, unknown kinds that wait for newer code."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from handlers import registry
from handlers.registry import HandlerContext, handle, on
from models.errors import Refused
from models.friends import Friend
from models.ledger import inbox, outbox
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.org import Guide
from models.preferences import Preference
from tests import cast
from tests.cast import NOW, WANG, XU
from tests.handlers.platform import event, friend_event
from tests.models.db.postgres import on_postgres, sees_deadlocks_soon
from tests.waiting import PATIENCE

AROUND = HandlerContext(zone=cast.ZONE)


@pytest.fixture
def poison():
    """A handler of a kind of its own that leaves traces and raises, until it is cured."""
    cured = []

    @on("poison")
    def swallow(arrival):
        arrival.session.add(Guide(userid="ghost", userid_key="ghost", joined_at=arrival.now))
        outbox.put(arrival.session, "notice", "ghost", now=arrival.now)
        arrival.session.flush()
        if not cured:
            raise RuntimeError("第一行\nsecond line")
        return "咽下去了"

    yield cured
    del registry._HANDLERS["poison"]


def traces(database):
    with database.read() as session:
        return len(session.exec(select(Guide)).all()), len(session.exec(select(Outbox)).all())


def test_a_handler_that_raises_leaves_no_effect_and_no_offer_A15(database, happen, poison):
    offered = []
    database.offer = offered.extend
    row = happen(event("poison", at=NOW))
    assert traces(database) == (0, 0)
    assert [one.box for one in offered] == ["inbox"]
    assert (row.status, row.error) == ("failed", "RuntimeError: 第一行")
    assert "in swallow" in row.trace


def test_poison_is_parked_after_its_tries_and_the_others_go_on_A15(
    database, happen, poison, clock, work, rows, people
):
    happen(event("poison", at=NOW))
    for seconds in (1, 10, 60):
        assert rows()[0].status == "failed"
        clock.wait(seconds=seconds)
        happen(friend_event("add_external_contact", WANG, XU, at=clock()))
    assert (rows()[0].status, rows()[0].attempts) == ("parked", 4)
    assert {row.status for row in rows()[1:]} == {"handled"}
    clock.wait(days=1)
    work()
    assert rows()[0].attempts == 4


def test_a_parked_event_is_replayed_once_the_code_is_cured_A15(database, happen, poison, clock, work, rows):
    happen(event("poison", at=NOW))
    for seconds in (1, 10, 60):
        clock.wait(seconds=seconds)
        work()
    poison.append("cure")
    with database.write() as session:
        inbox.replay(session, session.get_one(Inbox, rows()[0].id), "周岚", clock())
    work()
    assert (rows()[0].status, rows()[0].decision, rows()[0].trace) == ("handled", "咽下去了", "")
    assert traces(database) == (1, 1)


def test_an_unknown_kind_stays_visible_and_can_be_replayed_A14(database, happen, clock, work, rows):
    row = happen(event("brand_new_event", "something", at=NOW, Field="1"))
    assert (row.status, row.kind) == ("unknown_kind", "brand_new_event.something")
    assert "重放" in row.decision

    @on("brand_new_event.something")
    def newer(arrival):
        return "现在认识了"

    try:
        with database.write() as session:
            inbox.replay(session, session.get_one(Inbox, row.id), "周岚", clock())
        work()
    finally:
        del registry._HANDLERS["brand_new_event.something"]
    assert (rows()[0].status, rows()[0].decision) == ("handled", "现在认识了")


def test_two_workers_with_one_event_make_one_effect_A02(database, platform, rows, people):
    platform.send(friend_event("add_external_contact", WANG, XU, at=NOW, WelcomeCode="WC1"))
    row_id = rows()[0].id
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: handle(database, row_id, NOW, AROUND), range(4)))
    assert (rows()[0].status, rows()[0].attempts) == ("handled", 1)
    assert traces(database)[1] == 1


def test_a_handled_event_is_not_handled_again(database, happen, people):
    row = happen(friend_event("add_external_contact", WANG, XU, at=NOW))
    handle(database, row.id, NOW, AROUND)
    with database.write() as session, pytest.raises(Refused, match="已经处理好了"):
        inbox.replay(session, session.get_one(Inbox, row.id), "周岚", NOW)
    handle(database, row.id, NOW, AROUND)
    with database.read() as session:
        assert session.get_one(Inbox, row.id).attempts == 1


def test_an_event_whose_process_died_is_taken_again_after_its_lease(
    database, platform, rows, clock, work, people
):
    platform.send(friend_event("add_external_contact", WANG, XU, at=NOW))
    with database.write() as session:
        inbox.claim(session, rows()[0].id, clock())  # and then the process died
    work()
    assert rows()[0].status == "stored"
    clock.wait(seconds=inbox.LEASE_SECONDS + 1)
    work()
    assert (rows()[0].status, rows()[0].attempts) == ("handled", 2)


def test_a_worker_whose_lease_ended_before_it_began_leaves_the_event_to_the_other(
    database, platform, rows, clock, people
):
    """Two processes, one of them stopped between its claim and its handling."""
    platform.send(friend_event("add_external_contact", WANG, XU, at=NOW))
    row_id = rows()[0].id
    with database.write() as session:
        late = inbox.claim(session, row_id, clock())
    clock.wait(seconds=inbox.LEASE_SECONDS + 1)
    handle(database, row_id, clock(), AROUND)
    with database.write() as session:
        registry._handle(session, row_id, late, clock(), AROUND)
    assert (rows()[0].attempts, rows()[0].status) == (2, "handled")
    with database.read() as session:
        assert len(session.exec(select(Friend)).all()) == 1


def test_what_kills_its_process_each_time_is_parked_C14(database, platform, rows, clock, work, people):
    platform.send(friend_event("add_external_contact", WANG, XU, at=NOW))
    for _ in range(registry.MOST_TRIES):
        with database.write() as session:
            assert inbox.claim(session, rows()[0].id, clock())  # and then the process died
        clock.wait(seconds=inbox.LEASE_SECONDS + 1)
    work()
    assert (rows()[0].status, rows()[0].error) == ("parked", registry.KILLER)


def test_one_kind_has_one_handler():
    with pytest.raises(ValueError, match="two handlers"):
        on("change_external_contact.add_external_contact")(lambda arrival: "")
    with pytest.raises(ValueError, match="two commands"):
        registry.command("签到")(lambda arrival: registry.Outcome(""))


def test_every_handler_and_command_says_what_it_is_for():
    registry.load()
    assert [kind for kind, handler in registry._HANDLERS.items() if not handler.__doc__] == []
    assert [one.words[0] for one in registry.commands()] == ["帮助", "今日任务", "签到"]
    assert all(one.line for one in registry.commands())


@on_postgres
def test_of_two_events_in_each_others_way_one_is_tried_again_and_both_count_once_D03(
    database, platform, rows, work, clock
):
    """Each locks what the other wants next; the server ends one of them."""
    sees_deadlocks_soon(database)
    with database.write() as session:
        session.add_all([Preference(key=key, value="0") for key in "ab"])
    both, first = threading.Barrier(2, timeout=PATIENCE), []

    @on("crossing")
    def cross(arrival):
        for key in arrival.event.text("Order"):
            note = arrival.session.get_one(Preference, key, with_for_update=True)
            note.value = str(int(note.value) + 1)
            arrival.session.flush()
            if arrival.row.id not in first:
                first.append(arrival.row.id)
                both.wait()
        return "过去了"

    try:
        for order in ("ab", "ba"):
            platform.send(event("crossing", at=NOW, Order=order))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda row: handle(database, row.id, clock(), AROUND), rows()))
        assert sorted(row.status for row in rows()) == ["failed", "handled"]
        assert any("DeadlockDetected" in row.trace for row in rows())
        clock.wait(seconds=1)
        work()
    finally:
        del registry._HANDLERS["crossing"]
    assert [row.status for row in rows()] == ["handled"] * 2
    with database.read() as session:
        assert [session.get_one(Preference, key).value for key in "ab"] == ["2", "2"]
