"""A guide's share of a campaign: her word and the platform's are two things, and each counts once."""

from datetime import timedelta

import pytest

from models.campaigns import TaskState
from models.ledger.channels import MASS, NOTICE
from tests import cast
from tests.cast import NOW

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def share(sqlite_database):
    """One task of 王芳 in a campaign of her own, and that campaign."""
    with sqlite_database.write() as session:
        wang = cast.play(session).wang

        def make(channel: str = MASS, **fields):
            campaign = cast.campaign(session, channel=channel)
            return cast.task(session, campaign, wang, **fields), campaign

        yield make


def test_each_step_is_taken_once_and_keeps_its_first_time(share):
    task, _ = share()
    for step in (task.open, task.say_done, task.confirm):
        assert step(NOW) and not step(LATER)
    assert (task.opened_at, task.reported_at, task.confirmed_at) == (NOW, NOW, NOW)


def test_who_says_she_sent_it_has_seen_it(share):
    task, _ = share()
    task.say_done(NOW)
    assert (task.opened_at, task.state) == (NOW, TaskState.REPORTED)


def test_she_takes_her_word_back_until_the_platform_has_confirmed_it(share):
    task, _ = share()
    assert not task.unsay()
    task.say_done(NOW)
    assert task.unsay() and task.state == TaskState.OPENED
    task.say_done(NOW)
    task.confirm(LATER)
    assert not task.unsay() and task.state == TaskState.CONFIRMED


def test_a_notice_ends_with_her_word_and_a_task_with_the_platforms(share):
    for channel, ends in ((NOTICE, True), (MASS, False)):
        task, campaign = share(channel)
        assert not task.ended(campaign)
        task.say_done(NOW)
        assert task.ended(campaign) is ends
        task.confirm(LATER)
        assert task.ended(campaign)


def test_the_platforms_word_is_shown_even_over_a_reason_not_to_send(share):
    task, _ = share(skipped="她还没有能用的入口码", card_sent_at=NOW, opened_at=NOW)
    assert task.state == TaskState.SKIPPED
    task.confirm(NOW)
    assert task.state == TaskState.CONFIRMED


def test_a_large_share_is_several_messages_of_the_platform(share):
    assert share(msgid="m0", more_msgids={"1": "m1", "2": ""})[0].msgids == ["m0", "m1"]
    assert share(msgid="")[0].msgids == []
