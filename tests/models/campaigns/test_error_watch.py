"""A campaign pauses itself when too many of its last calls fail, says why, and repeats nothing afterwards."""

from datetime import timedelta

import pytest

from models.campaigns import Campaign, CampaignStatus, error_watch, lifecycle
from models.ledger.outbox import Outbox, OutboxStatus
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.planned import read

SECOND = timedelta(seconds=1)
REFUSED = "平台说客户没有授权"


@pytest.fixture
def sent(sqlite_database, sqlite_people):
    """A running campaign whose calls ended so, oldest first; one more waits."""

    def make(*failed, waiting=1, percent=None):
        with sqlite_database.write() as session:
            rules = {} if percent is None else {"stop_percent": percent}
            number = cast.campaign(session, rules=rules, planned_at=NOW).id
            add(session, number, failed, NOW)
            for n in range(waiting):
                session.add(call(number, f"waits:{n}", OutboxStatus.QUEUED))
        return number

    return make


def call(number, key, status, at=None, reason=""):
    return Outbox(
        key=f"{number}:{key}", channel="mass", lane="bulk", status=status, due_at=NOW, created_at=NOW,
        campaign_id=number, done_at=at, reason=reason,
    )  # fmt: skip


def add(session, number, failed, at):
    for place, bad in enumerate(failed):
        status = OutboxStatus.NOT_SENT if bad else OutboxStatus.SENT
        session.add(call(number, f"{at}:{place}", status, at + place * SECOND, REFUSED if bad else ""))


def watch(database, number, now=NOW + timedelta(minutes=5)):
    with database.write() as session:
        return error_watch.watch(session, session.get_one(Campaign, number), now)


@pytest.mark.parametrize(
    ("failed", "percent", "stops"),
    [
        ([True] * 9, None, False),
        ([True] * 2 + [False] * 8, None, True),
        ([True] + [False] * 9, None, False),
        ([True] + [False] * 9, 10, True),
        ([True] * 50 + [False] * 50, None, False),
        ([False] * 50 + [True] * 10 + [False] * 40, None, True),
        ([True] * 10, 100, True),
    ],
    ids=["too few", "at the line", "below", "own line", "long ago", "of the last 50", "all"],
)
def test_it_stops_where_so_many_of_the_last_fifty_failed(sqlite_database, sent, failed, percent, stops):
    number = sent(*failed, percent=percent)
    assert bool(watch(sqlite_database, number)) == stops
    assert (read(sqlite_database, number).status == CampaignStatus.PAUSED) == stops


def test_it_says_how_many_failed_and_why(sqlite_database, sent):
    number = sent(*[True] * 3, *[False] * 7, waiting=2)
    assert watch(sqlite_database, number) == (
        "最近 10 件里 3 件没送出，到了 20% 的线，自动暂停，2 件先留着。最多的原因（3 件）：平台说客户没有授权"
    )
    assert watch(sqlite_database, number) == "", "it is paused already"


def test_with_nothing_left_to_keep_it_does_not_pause(sqlite_database, sent):
    assert watch(sqlite_database, sent(*[True] * 20, waiting=0)) == ""


def test_after_somebody_let_it_go_on_only_what_comes_then_counts(sqlite_database, sent):
    number, later = sent(*[True] * 10), NOW + timedelta(minutes=10)
    watch(sqlite_database, number)
    with sqlite_database.write() as session:
        lifecycle.resume(session, session.get_one(Campaign, number), "周岚", later)
    assert watch(sqlite_database, number, later) == ""
    with sqlite_database.write() as session:
        add(session, number, [True] * 10, later + SECOND)
    assert watch(sqlite_database, number, later + timedelta(minutes=1))


def test_what_went_before_the_pause_is_not_sent_again_by_going_on(stage):
    """The platform's book is judge."""
    add_msg = "externalcontact/add_msg_template"
    number = stage.launch()
    assert len(stage.calls(add_msg)) == 3
    with stage.db.write() as session:
        add(session, number, [True] * 10, stage.now)
        session.add(call(number, "waits", OutboxStatus.QUEUED))
        error_watch.watch(session, session.get_one(Campaign, number), stage.now)
        session.delete(session.exec(error_watch.select(Outbox).where(Outbox.key == f"{number}:waits")).one())
    assert stage.campaign(number).status == CampaignStatus.PAUSED
    stage.do(lifecycle.resume, number)
    stage.tick()
    assert len(stage.calls(add_msg)) == 3
