"""Numbers for people: recounted from rows, by the shop's own day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import true
from sqlmodel import Session

from models import stats
from models.campaigns import Campaign, Task, progress
from models.db import Database
from models.friends import Customer, Friend
from models.ledger.closed_windows import close_window
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.org import Branch, Guide, Store

NOW = datetime(2026, 11, 19, 6, 32, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
ALL = true()


def guide(session: Session, name: str = "wang") -> int:
    branch = Branch(code=f"b-{name}", name="东北")
    session.add(branch)
    session.flush()
    store = Store(code=f"s-{name}", name="沈阳中街店", branch_id=branch.id or 0)
    session.add(store)
    session.flush()
    one = Guide(userid=name, userid_key=name, name=name, store_id=store.id, joined_at=NOW)
    session.add(one)
    session.flush()
    return one.id or 0


def welcome(number: int, seconds: float, status: str = "sent") -> Outbox:
    return Outbox(
        key=f"w{number}",
        channel="welcome",
        lane="welcome",
        status=status,
        due_at=NOW,
        created_at=NOW + timedelta(seconds=0.5),
        deadline=NOW + timedelta(seconds=20),
        done_at=NOW + timedelta(seconds=seconds),
    )


def test_a_welcome_is_timed_from_the_callback_s_arrival(database: Database) -> None:
    with database.write() as session:
        session.add_all(
            [
                welcome(1, 0.8),
                welcome(2, 3.4),
                welcome(3, 20, "expired"),
                welcome(4, 1, "queued"),
                welcome(5, 9, "unknown"),
            ]
        )
    with database.read() as session:
        found = stats.welcomes(session, NOW - timedelta(hours=1), ALL)
    assert found.taken == pytest.approx((0.8, 3.4))
    assert found.missed == 1
    assert found.share == pytest.approx(200 / 3)


def test_quantiles_and_bins_of_nothing_are_nothing() -> None:
    empty = stats.Welcomes()
    assert (empty.share, empty.quantile(0.5), sum(empty.bins())) == (None, None, 0)


def test_bins_hold_every_welcome_once() -> None:
    found = stats.Welcomes((0.1, 0.9, 1.0, 19.9, 21.0), missed=1)
    bins = found.bins()
    assert (bins[0], bins[1], bins[19]) == (2, 1, 2)
    assert found.quantile(0.99) == 21.0


def test_the_day_begins_at_local_midnight() -> None:
    assert stats.day_start(NOW, ZONE).astimezone(UTC) == datetime(2026, 11, 18, 16, tzinfo=UTC)


def test_arrivals_fall_into_local_hours(database: Database) -> None:
    with database.write() as session:
        owner = guide(session)
        for number, (added, lost) in enumerate(
            (
                (NOW, None),
                (NOW - timedelta(hours=5), NOW - timedelta(minutes=1)),
                (NOW - timedelta(days=7), None),
            )
        ):
            customer = Customer(external_userid=f"wm{number}", seen_at=NOW)
            session.add(customer)
            session.flush()
            session.add(
                Friend(
                    customer_id=customer.id or 0, owner_id=owner, added_at=added, lost_at=lost, changed_at=NOW
                )
            )
    with database.read() as session:
        found = stats.arrivals(session, stats.day_start(NOW, ZONE), NOW, ZONE, ALL)
    assert (found.added[14], found.added[9], sum(found.added)) == (1, 1, 2)
    assert (found.lost[14], sum(found.lost)) == (1, 1)
    assert found.change == 100


def test_progress_adds_up_over_campaigns(database: Database) -> None:
    with database.write() as session:
        owner, other = guide(session, "wang"), guide(session, "zhao")
        for name in ("a", "b"):
            campaign = Campaign(
                name=name, status="running", launch_at=NOW, ends_at=NOW + timedelta(hours=1), created_at=NOW
            )
            session.add(campaign)
            session.flush()
            session.add(
                Task(
                    code=f"{name}1",
                    campaign_id=campaign.id or 0,
                    guide_id=owner,
                    customer_count=10,
                    reached=7,
                    created_at=NOW,
                    card_sent_at=NOW,
                    opened_at=NOW,
                    reported_at=NOW,
                    confirmed_at=NOW,
                )
            )
            session.add(
                Task(
                    code=f"{name}2",
                    campaign_id=campaign.id or 0,
                    guide_id=other,
                    customer_count=5,
                    created_at=NOW,
                    card_sent_at=NOW,
                )
            )
    with database.read() as session:
        lines = stats.campaign_lines(session, ["running", "paused"], ALL, ALL)
        assert stats.campaign_counts(session, ALL) == {"running": 2}
    assert [line.progress for line in lines] == [progress.Progress(2, 2, 1, 1, 1, 0, 7, 15)] * 2
    assert sum((line.progress for line in lines), progress.Progress()) == progress.Progress(
        4, 4, 2, 2, 2, 0, 14, 30
    )


def test_the_sidebar_counts_what_its_reader_may_see(database: Database) -> None:
    with database.write() as session:
        session.add_all(
            [welcome(1, 9, "unknown"), Inbox(key="p", source="app", status="parked", received_at=NOW)]
        )
        session.add(Campaign(name="初雪", status="running", launch_at=NOW, ends_at=NOW, created_at=NOW))
    with database.read() as session:
        assert stats.badges(session, ALL, ALL, callbacks=True) == {"running": 1, "unknown": 1, "parked": 1}
        assert stats.badges(session, ~ALL, ~ALL, callbacks=False) == {"running": 0, "unknown": 0, "parked": 0}


def test_callbacks_that_wait_for_more_than_a_minute_are_a_backlog(database: Database) -> None:
    with database.write() as session:
        for seconds, status in (
            (61, "stored"),
            (61, "failed"),
            (59, "stored"),
            (61, "handled"),
            (61, "parked"),
        ):
            came = NOW - timedelta(seconds=seconds)
            session.add(Inbox(key=f"{seconds}{status}", source="app", status=status, received_at=came))
        close_window(session, "api:x", NOW + timedelta(minutes=1), "平台说太多", NOW)
    with database.read() as session:
        found = stats.health(session, NOW)
    assert (found.backlog, [window.words for window in found.windows]) == (2, ["平台说太多"])


def test_only_guides_who_are_there_are_counted(database: Database) -> None:
    with database.write() as session:
        session.get_one(Guide, guide(session)).leave("sync", NOW)
        found = stats.people(session, ALL, ALL, ALL)
    assert found.guides == 0
