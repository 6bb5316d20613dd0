"""The later life of a campaign: what each verb refuses, in words, and what it leaves alone."""

from datetime import timedelta

import pytest

from models.campaigns import Campaign, CampaignStatus, lifecycle
from models.errors import Refused
from models.ledger.channels import NOTICE
from tests import cast
from tests.cast import NOW

HOUR = timedelta(hours=1)
OVER = NOW + 9 * HOUR


@pytest.fixture
def do(sqlite_database, sqlite_people):
    """One verb on a campaign in this state (with cards for these guides); its words."""

    def verb(change, status, *args, now=NOW, cards=(), **fields):
        with sqlite_database.write() as session:
            campaign = cast.campaign(session, status=status, **fields)
            for guide, done in cards:
                cast.task(session, campaign, guide, **{"card_sent_at": NOW, **done})
            return change(session, campaign, *args, now), session.get_one(Campaign, campaign.id)

    return verb


@pytest.mark.parametrize(
    ("verb", "status", "now", "words"),
    [
        (lifecycle.pause, CampaignStatus.DRAFT, NOW, "草稿，没有可以暂停的"),
        (lifecycle.pause, CampaignStatus.FINISHED, NOW, "已结束，没有可以暂停的"),
        (lifecycle.resume, CampaignStatus.DRAFT, NOW, "草稿，不能继续"),
        (lifecycle.resume, CampaignStatus.CANCELLED, NOW, "已停止，不能继续"),
        (lifecycle.resume, CampaignStatus.PAUSED, OVER, "已过截止时间，不能继续。要再发，请新建一个活动"),
        (lifecycle.cancel, CampaignStatus.FINISHED, NOW, "已结束，没有可以停止的"),
        (lifecycle.remind, CampaignStatus.DRAFT, NOW, "草稿，现在不提醒"),
        (lifecycle.remind, CampaignStatus.PAUSED, NOW, "已暂停，现在不提醒"),
        (lifecycle.remind, CampaignStatus.RUNNING, NOW, "没有要提醒的"),
    ],
)
def test_a_verb_that_makes_no_sense_is_refused_in_words(do, verb, status, now, words):
    with pytest.raises(Refused, match=words):
        do(verb, status, "周岚", now=now)


@pytest.mark.parametrize(
    "status", [CampaignStatus.SCHEDULED, CampaignStatus.CANCELLED, CampaignStatus.FINISHED]
)
def test_only_what_runs_or_waits_comes_to_an_end(do, status):
    assert do(lifecycle.finish, status, now=OVER)[1].status == status


def test_one_that_nobody_decided_about_says_at_its_end_that_nothing_was_sent(do):
    words, campaign = do(lifecycle.finish, CampaignStatus.PAUSED, now=OVER)
    assert (words, campaign.status) == ("到截止时间仍没有人决定，没有发出", CampaignStatus.FINISHED)


def test_going_on_before_its_time_waits_for_it_and_after_it_starts_at_once(do):
    words, early = do(lifecycle.resume, CampaignStatus.PAUSED, "周岚", launch_at=NOW + HOUR, launched_at=None)
    assert (words, early.status, early.launch_at) == (
        "周岚 继续，到时开始",
        CampaignStatus.SCHEDULED,
        NOW + HOUR,
    )
    words, late = do(lifecycle.resume, CampaignStatus.PAUSED, "周岚", launch_at=NOW - HOUR, launched_at=None)
    assert (words, late.status, late.launch_at) == ("周岚 继续，马上开始", CampaignStatus.SCHEDULED, NOW)


def test_a_stop_is_not_undone_by_a_go_on_at_the_same_moment(database):
    """Both had the page open: whoever comes second decides on the campaign as it is then."""
    with database.write() as session:
        cast.play(session)
        number = cast.campaign(session, status=CampaignStatus.PAUSED, launched_at=NOW).id
    with database.read() as session:
        seen = session.get_one(Campaign, number)
    with database.write() as session:
        lifecycle.cancel(session, session.get_one(Campaign, number), "周岚", NOW)
    with database.write() as session, pytest.raises(Refused, match="已停止，不能继续"):
        lifecycle.resume(session, session.merge(seen, load=False), "陈默", NOW)


def test_a_reminder_goes_to_whom_it_concerns_and_can_reach(do, sqlite_people):
    """To a notice her word is the end; for what customers get, only the platform's."""
    everybody = [
        (sqlite_people.wang, {}),
        (sqlite_people.zhao, {"confirmed_at": NOW}),
        (sqlite_people.gao, {"reported_at": NOW}),
        (sqlite_people.zhou, {"card_sent_at": None}),
    ]
    assert do(lifecycle.remind, CampaignStatus.RUNNING, "周岚", cards=everybody)[0] == "提醒 2 位导购"
    assert (
        do(lifecycle.remind, CampaignStatus.RUNNING, "周岚", cards=everybody, channel=NOTICE)[0]
        == "提醒 1 位导购"
    )


def test_a_second_reminder_waits_for_the_first_to_leave(do, sqlite_people, sqlite_database):
    _, campaign = do(lifecycle.remind, CampaignStatus.RUNNING, "周岚", cards=[(sqlite_people.wang, {})])
    with sqlite_database.write() as session:
        again = session.get_one(Campaign, campaign.id)
        assert lifecycle.reminder_refusal(session, again, NOW) == "上一次提醒正在发出"
        assert lifecycle.reminders_left(session, again, NOW) == 2
        assert lifecycle.reminders_left(session, again, NOW + 24 * HOUR) == 3
