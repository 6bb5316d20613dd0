"""Which cards share a message, and when they wait: for more of hers, for a launch, for a yes after a restore."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import Campaign, Card, CardMessage, card_messages
from models.ledger import restore_mark
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, Store, find_guide
from tests import cast
from tests.cast import NOW, ZONE


@pytest.fixture
def guides(sqlite_database):
    """As many guides as asked for, each with the same one task on a card that may leave."""

    def give(number, **card):
        with sqlite_database.write() as session:
            people = cast.play(session)
            plan = cast.campaign(session, planned_at=NOW, launched_at=NOW)
            for one in range(number):
                guide = cast.add(session, cast.guide(f"guide{one}", people.zhongjie))
                values = {"guide_id": guide.id, "period": "2026-11-19.a", "due_at": NOW, "created_at": NOW}
                mine = cast.add(session, Card(**{**values, **card}))
                cast.task(session, plan, guide, card_id=mine.id, card_sent_at=None)
        return plan

    return give


def dealt(database, now=NOW):
    with database.write() as session:
        return card_messages.deal(session, now, ZONE)


def rows(database):
    with database.read() as session:
        return list(session.exec(select(Outbox).order_by(Outbox.id)))


def test_a_message_takes_a_thousand_guides_and_the_next_the_others(sqlite_database, guides):
    guides(1002)
    assert [dealt(sqlite_database) for _ in range(3)] == [1000, 2, 0]
    assert [len(row.payload["guides"]) for row in rows(sqlite_database)] == [1000, 2]
    assert [row.target for row in rows(sqlite_database)] == ["1,000 位导购", "2 位导购"]


def test_each_branch_gets_a_message_of_its_own(sqlite_database, guides):
    """So that its people see it among their deliveries, and those of others do not."""
    guides(3)
    with sqlite_database.write() as session:
        elsewhere = session.exec(select(Store).where(Store.code == "xinjiekou")).one()
        find_guide(session, "guide1").store_id = elsewhere.id
    dealt(sqlite_database)
    assert {row.target for row in rows(sqlite_database)} == {"2 位导购", "guide1"}


def test_dealing_twice_sends_once(sqlite_database, guides):
    guides(2)
    dealt(sqlite_database)
    dealt(sqlite_database)
    assert len(rows(sqlite_database)) == 1


@pytest.mark.parametrize(("minutes", "waits"), [(9, True), (11, False)])
def test_a_card_waits_for_another_task_of_hers_that_is_being_made_but_not_long(
    sqlite_database, guides, minutes, waits
):
    guides(1)
    with sqlite_database.write() as session:
        card = session.exec(select(Card)).one()
        other = cast.campaign(session, planned_at=NOW, launched_at=NOW)
        cast.task(session, other, session.get_one(Guide, card.guide_id), ready_at=None, card_sent_at=None)
    assert dealt(sqlite_database, NOW + timedelta(minutes=minutes)) == (0 if waits else 1)


def test_while_a_launch_gives_out_tasks_no_card_leaves(sqlite_database, guides):
    guides(1)
    with sqlite_database.write() as session:
        cast.campaign(session, launched_at=NOW, planned_at=None)
    assert (dealt(sqlite_database), dealt(sqlite_database, NOW + timedelta(minutes=11))) == (0, 1)


def test_what_may_have_left_before_a_restore_waits_for_a_yes(sqlite_database, guides):
    guides(1, since=NOW - timedelta(minutes=5))
    with sqlite_database.write() as session:
        restore_mark.restored(session, NOW - timedelta(minutes=1))
    dealt(sqlite_database)
    assert [row.status for row in rows(sqlite_database)] == [OutboxStatus.HELD]


def test_a_guide_who_left_and_a_card_with_nothing_to_do_are_put_aside(sqlite_database, guides):
    plan = guides(2)
    with sqlite_database.write() as session:
        find_guide(session, "guide0").leave("sync", NOW)
    dealt(sqlite_database)
    assert [row.target for row in rows(sqlite_database)] == ["guide1"]
    with sqlite_database.write() as session:
        session.get_one(Campaign, plan.id).status = "cancelled"
        message = session.exec(select(CardMessage)).one()
        assert card_messages.letter(session, message, ZONE) is None
