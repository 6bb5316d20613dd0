"""A guide's day: the most urgent first, what is done stays for a while, and nobody else's numbers are in it."""

from datetime import timedelta

import pytest

from models.campaigns import CampaignStatus, Task, guide_day
from models.campaigns.guide_day import Day
from models.ledger.channels import GROUP_MASS, NOTICE, SHARE_MOMENT
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = NOW.astimezone(ZONE).replace(hour=0, minute=0)


@pytest.fixture
def give(sqlite_database, sqlite_people):
    """A task of a campaign of its own, for 王芳 unless somebody else is named."""

    def one(name, *, to=None, campaign=None, **task) -> Task:
        with sqlite_database.write() as session:
            plan = cast.campaign(session, name=name, **(campaign or {}))
            return cast.task(session, plan, to or sqlite_people.wang, **task)

    return one


@pytest.fixture
def day(sqlite_database, sqlite_people):
    def read(now=NOW) -> Day:
        with sqlite_database.read() as session:
            return guide_day.day_of(session, sqlite_people.wang.id, now, ZONE)

    return read


def names(todos):
    return [one.campaign.name for one in todos]


def test_what_ends_first_stands_first(give, day):
    give("围巾", campaign={"ends_at": NOW + 9 * HOUR})
    give("雪地靴", campaign={"ends_at": NOW + HOUR})
    assert names(day().todo) == ["雪地靴", "围巾"]
    assert day().minutes == 4


def test_what_hq_marked_urgent_stands_before_all_that_waits_for_her(give, day):
    give("先", campaign={"ends_at": NOW + HOUR})
    give("急", campaign={"ends_at": NOW + 9 * HOUR, "urgent": True})
    assert names(day().todo) == ["急", "先"]


def test_what_she_said_of_a_share_is_done_with_her_word(give, day):
    give("朋友圈", campaign={"channel": SHARE_MOMENT}, reported_at=NOW)
    give("群发", reported_at=NOW)
    assert (names(day().done), names(day().todo)) == (["朋友圈"], ["群发"])


def test_only_her_own_tasks_are_in_her_day(give, day, sqlite_people):
    give("赵倩的", to=sqlite_people.zhao)
    assert (day().todo, day().done) == ((), ())


def test_what_the_platform_has_not_accepted_or_hq_stopped_is_not_shown(give, day):
    give("正在建", ready_at=None)
    give("没有好友", skipped="她名下没有可以群发的好友")
    give("停了的", campaign={"status": CampaignStatus.CANCELLED})
    assert (day().todo, day().done) == ((), ())


def test_her_own_word_leaves_a_task_open_the_platforms_ends_it(give, day):
    give("说已发", reported_at=NOW)
    give("已确认", confirmed_at=NOW - HOUR)
    assert (names(day().todo), names(day().done)) == (["说已发"], ["已确认"])


def test_what_she_said_she_sent_stands_behind_what_still_waits_for_her(give, day):
    give("说已发", reported_at=NOW, campaign={"ends_at": NOW + HOUR})
    give("围巾", campaign={"ends_at": NOW + 9 * HOUR})
    assert names(day().todo) == ["围巾", "说已发"]


def test_a_notice_ends_with_her_word_because_no_platform_confirms_it(give, day):
    give("看过了", reported_at=NOW, campaign={"channel": NOTICE})
    give("没看", campaign={"channel": NOTICE})
    assert names(day().todo) == ["没看"]


def test_a_finished_task_stays_for_twenty_hours(give, day):
    give("已确认", confirmed_at=NOW, campaign={"ends_at": NOW + 3 * DAY})
    assert names(day(NOW + 19 * HOUR).done) == ["已确认"]
    assert day(NOW + 20 * HOUR).done == ()


def test_a_task_whose_time_is_over_is_neither_open_nor_done(give, day):
    give("过了的", campaign={"ends_at": NOW})
    give("收回的", closed_at=NOW - HOUR)
    assert (day().todo, day().done) == ((), ())


def test_yesterday_ends_at_midnight_in_shanghai(sqlite_database, sqlite_people, give, day):
    with sqlite_database.write() as session:
        for customer, at in ((XU, MIDNIGHT), (LIN, MIDNIGHT - timedelta(seconds=1)), (CHEN, MIDNIGHT - DAY)):
            cast.befriend(session, sqlite_people.wang, customer, at=at)
        cast.befriend(session, sqlite_people.zhao, "wmOther", at=NOW)
    give("昨天的", confirmed_at=MIDNIGHT - HOUR, reached=31)
    give("今天的", confirmed_at=MIDNIGHT + HOUR, reached=7)
    give("赵倩的", to=sqlite_people.zhao, confirmed_at=MIDNIGHT - HOUR, reached=50)
    # groups are no customers
    give("客户群", confirmed_at=MIDNIGHT - HOUR, reached=2, campaign={"channel": GROUP_MASS})
    assert (day().friends_today, day().friends_yesterday, day().reached_yesterday) == (1, 2, 31)


def test_the_next_launch_is_the_nearest_that_is_planned(give, day):
    assert day().next_launch is None
    for name, status, after in (
        ("草稿", "draft", 1),
        ("近的", CampaignStatus.SCHEDULED, 2),
        ("远的", CampaignStatus.SCHEDULED, 3),
        ("过了", CampaignStatus.SCHEDULED, -1),
    ):
        give(name, campaign={"status": status, "launch_at": NOW + after * HOUR})
    assert day().next_launch == NOW + 2 * HOUR


def test_the_next_launch_is_one_that_reaches_her(give, day, sqlite_people):
    for after, scope in enumerate(
        (
            {"branches": [sqlite_people.east.id]},
            {"stores": [sqlite_people.taiyuanjie.id]},
            {"guides": [sqlite_people.zhao.id]},
            {"stores": [sqlite_people.taiyuanjie.id], "branches": [sqlite_people.northeast.id]},
            {"stores": [sqlite_people.zhongjie.id]},
            {"guides": [sqlite_people.wang.id]},
            {"branches": []},
        ),
        1,
    ):
        give(
            "有范围的",
            campaign={"status": CampaignStatus.SCHEDULED, "launch_at": NOW + after * HOUR, "scope": scope},
        )
    assert [day(NOW + passed * HOUR).next_launch for passed in range(8)] == [
        *[NOW + 4 * HOUR] * 4,
        NOW + 5 * HOUR,
        NOW + 6 * HOUR,
        NOW + 7 * HOUR,
        None,
    ]


def test_a_guide_has_to_do_what_waits_for_her_the_most_urgent_first(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        later = cast.campaign(session, name="围巾", ends_at=NOW + 9 * HOUR)
        soon = cast.campaign(session, name="雪地靴", ends_at=NOW + HOUR)
        over = cast.campaign(session, name="过了", ends_at=NOW)
        stopped = cast.campaign(session, name="停了", status=CampaignStatus.CANCELLED)
        mine = [cast.task(session, one, sqlite_people.wang) for one in (later, soon, over, stopped)]
        cast.task(session, soon, sqlite_people.zhao)
        for number, done in enumerate(
            ({"confirmed_at": NOW}, {"closed_at": NOW}, {"skipped": "没有好友"}, {"ready_at": None})
        ):
            cast.task(session, cast.campaign(session, name=f"完 {number}"), sqlite_people.wang, **done)
        assert [one.task.id for one in guide_day.todo_of(session, sqlite_people.wang.id, NOW)] == [
            mine[1].id,
            mine[0].id,
        ]


def test_what_she_said_she_did_stands_last_and_a_notice_she_has_read_is_gone(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        sent = cast.task(
            session,
            cast.campaign(session, name="雪地靴", ends_at=NOW + HOUR),
            sqlite_people.wang,
            reported_at=NOW,
        )
        waits = cast.task(
            session, cast.campaign(session, name="围巾", ends_at=NOW + 9 * HOUR), sqlite_people.wang
        )
        unread = cast.task(
            session,
            cast.campaign(session, name="盘点", channel=NOTICE, ends_at=NOW + 2 * HOUR),
            sqlite_people.wang,
        )
        cast.task(
            session, cast.campaign(session, name="排班", channel=NOTICE), sqlite_people.wang, reported_at=NOW
        )
        found = guide_day.todo_of(session, sqlite_people.wang.id, NOW)
        assert [one.task.id for one in found] == [unread.id, waits.id, sent.id]
