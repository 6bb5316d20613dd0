"""Calls of 100 customers, 300 groups a day, and an end."""

from datetime import timedelta

from sqlmodel import select

from models.friends import handover_calls
from models.friends.handover import HandedGroup, TransferState
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.cast import NOW
from tests.models.friends import handed


def test_a_hundred_customers_go_into_one_call_and_none_twice(session, sqlite_people):
    handover = handed.confirmed(session, sqlite_people, 250)
    assert handover_calls.put_transfers(session, handover.id, NOW) == 250
    assert [len(row.payload["friends"]) for row in handed.calls(session)] == [100, 100, 50]
    assert handover_calls.put_transfers(session, handover.id, NOW + timedelta(seconds=9)) == 0


def test_one_handover_does_not_take_all_calls_of_a_run(session, sqlite_people, monkeypatch):
    monkeypatch.setattr(handover_calls, "CUSTOMERS_A_CALL", 2)
    handover = handed.confirmed(session, sqlite_people, 20)
    assert handover_calls.put_transfers(session, handover.id, NOW) == 2 * handover_calls.CALLS_AT_ONCE


def test_a_successor_who_cannot_just_now_waits_and_the_others_go_on(session, sqlite_people):
    people = [session.get_one(Guide, one.id) for one in (sqlite_people.zhao, sqlite_people.gao)]
    handover = handed.confirmed(session, sqlite_people, 4, successors=people)
    handed.share(session, handover).retry_at = NOW + timedelta(hours=1)
    session.flush()
    assert handover_calls.put_transfers(session, handover.id, NOW) == 2
    assert handover_calls.put_transfers(session, handover.id, NOW + timedelta(hours=1)) == 2


def test_one_owner_hands_over_300_groups_a_day(session, sqlite_people, monkeypatch):
    monkeypatch.setattr(handover_calls, "GROUPS_PER_DAY", 3)
    wang = session.get_one(Guide, sqlite_people.wang.id)
    for number in range(5):
        cast.customer_group(session, wang, f"wr{number}")
    handover = handed.confirmed(session, sqlite_people, 1)
    put = handover_calls.put_groups
    assert put(session, handover.id, NOW, cast.ZONE) == 3
    assert put(session, handover.id, NOW, cast.ZONE) == 0
    [row] = session.exec(select(Outbox).where(Outbox.channel == "group_owner_left")).all()
    for one in session.exec(select(HandedGroup).where(HandedGroup.outbox_id == row.id)):
        one.done_at = NOW
    session.flush()
    assert put(session, handover.id, NOW, cast.ZONE) == 0, "the day is used up"
    assert put(session, handover.id, NOW + timedelta(days=1), cast.ZONE) == 2


def test_it_is_over_when_everybody_is_done_gone_or_has_refused(session, sqlite_people):
    handover = handed.confirmed(session, sqlite_people, 3)
    assert not handover_calls.end_finished(session, handover.id, NOW)
    states = (TransferState.DONE, TransferState.REFUSED, TransferState.NOT_FRIEND)
    for one, state in zip(handed.rows(session, handover), states, strict=True):
        one.state = state
    session.flush()
    assert handover_calls.end_finished(session, handover.id, NOW)
    assert (handover.status, handover.finished_at) == ("done", NOW)
    assert handover_calls.running(session, 9) == []
