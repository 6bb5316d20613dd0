"""A store manager's day: names with what each lacks, and reminders that reach whom they count."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import preferences
from models.accounts.audit import Audit
from models.campaigns import CampaignStatus, lifecycle, store_day
from models.errors import Refused
from models.ledger import outbox
from models.ledger.channels import NOTICE
from models.org import GuideStatus, shifts
from tests import cast
from tests.cast import NOW, ZONE

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOON = NOW.replace(hour=4)
"""12:00 in the shop, outside the quiet hours"""


@pytest.fixture
def session(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        yield session


@pytest.fixture
def boots(session, sqlite_people):
    """A campaign in which 赵倩 and 高敏 are not done yet."""
    one = cast.campaign(session)
    cast.task(session, one, sqlite_people.wang, card_sent_at=NOW, confirmed_at=NOW)
    cast.task(session, one, sqlite_people.zhao, card_sent_at=NOW, opened_at=NOW)
    cast.task(session, one, sqlite_people.gao, card_sent_at=NOW, reported_at=NOW)
    cast.task(session, one, sqlite_people.zhou, card_sent_at=NOW)
    return one


def day(session, people, now=NOON):
    return store_day.store_day(session, people.zhongjie, now, ZONE, manager_id=people.gao.id)


def remind(session, people, code="", now=NOON):
    return store_day.remind(session, people.zhongjie, code, manager=people.gao, now=now, zone=ZONE)


def sent(session, task, at) -> None:
    """The timetable wrote her reminder."""
    key, task.remind_at = f"remind:{task.id}:{at:%H%M}", None
    outbox.put(session, NOTICE, key, now=at, task_id=task.id, campaign_id=task.campaign_id, payload={})


def test_the_store_counts_its_own_guides_and_says_what_each_lacks(session, sqlite_people, boots):
    [task] = day(session, sqlite_people).tasks
    assert (task.done, task.said, task.guides) == (1, 2, 3), "周 works in another store"
    lacks = {one.guide.name: str(one.why) for one in task.missing}
    assert lacks == {
        sqlite_people.zhao.name: "打开了，还没发",
        sqlite_people.gao.name: "说发了，平台没确认",
    }
    assert day(session, sqlite_people).until == boots.ends_at


def test_what_everybody_has_done_is_one_line_and_what_is_over_is_none(session, sqlite_people):
    done = cast.campaign(session, name="暖脚指南")
    cast.task(session, done, sqlite_people.wang, confirmed_at=NOW)
    notice = cast.campaign(session, name="盘点", channel=NOTICE)
    cast.task(session, notice, sqlite_people.wang, reported_at=NOW)
    stopped = cast.campaign(session, name="停了", status=CampaignStatus.CANCELLED)
    cast.task(session, stopped, sqlite_people.wang, card_sent_at=NOW)
    found = day(session, sqlite_people)
    assert found.tasks == () and {one.campaign.name for one in found.finished} == {"暖脚指南", "盘点"}
    with pytest.raises(Refused, match="没有可以提醒的"):
        remind(session, sqlite_people)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"card_sent_at": None}, "提醒不到"),
        ({"remind_at": NOON}, "刚提醒过"),
        ({}, ""),
    ],
)
def test_who_cannot_be_reached_is_not_counted(session, sqlite_people, changes, words):
    one = cast.campaign(session)
    cast.task(session, one, sqlite_people.zhao, **{"card_sent_at": NOW} | changes)
    found = day(session, sqlite_people)
    assert str(found.tasks[0].missing[0].refusal) == words
    assert found.guides_to_remind == (0 if words else 1)


def test_who_left_stays_named_and_is_not_reminded(session, sqlite_people, boots):
    sqlite_people.zhao.status = GuideStatus.LEFT
    session.add(sqlite_people.zhao)
    session.flush()
    [task] = day(session, sqlite_people).tasks
    [gone] = [one for one in task.missing if one.guide.id == sqlite_people.zhao.id]
    assert (str(gone.why), str(gone.refusal)) == ("已经离职", "提醒不到")


def test_in_the_quiet_hours_nobody_is_disturbed(session, sqlite_people, boots):
    preferences.change(session, "周岚", NOW, quiet_from="12", quiet_to="14")
    found = day(session, sqlite_people)
    assert found.guides_to_remind == 0 and "免打扰" in found.tasks[0].missing[0].refusal
    with pytest.raises(Refused, match="免打扰"):
        remind(session, sqlite_people, found.tasks[0].missing[0].task.code)


def test_who_is_off_is_left_alone_and_the_page_says_until_when(session, sqlite_people, boots):
    shifts.change(session, sqlite_people.zhao, NOON.date(), off=True, who="高敏", now=NOON)
    missing = {one.guide.name: str(one.refusal) for one in day(session, sqlite_people).tasks[0].missing}
    assert missing["赵倩"] == "她不当班，11-20 10:00 上班"
    with pytest.raises(Refused, match="没有可以提醒的"):
        remind(session, sqlite_people)


def test_one_tap_reminds_one_and_a_second_tap_nobody(session, sqlite_people, boots):
    code = f"task{boots.id}x{sqlite_people.zhao.id}"
    [one] = remind(session, sqlite_people, code)
    assert one.guide.id == sqlite_people.zhao.id
    with pytest.raises(Refused, match="刚提醒过"):
        remind(session, sqlite_people, code, NOON + MINUTE)
    line = session.exec(select(Audit).where(Audit.verb == "campaign.remind_some")).one()
    assert line.actor == sqlite_people.gao.name and sqlite_people.zhao.name in line.detail


def test_one_button_reminds_all_whom_it_counts_and_not_the_manager_herself(session, sqlite_people, boots):
    counted = day(session, sqlite_people).guides_to_remind
    assert [one.guide.id for one in remind(session, sqlite_people)] == [sqlite_people.zhao.id]
    assert counted == 1
    with pytest.raises(Refused, match="这是你自己的"):
        remind(session, sqlite_people, f"task{boots.id}x{sqlite_people.gao.id}")


def test_a_task_of_another_store_or_one_that_is_done_is_not_hers_J01(session, sqlite_people, boots):
    for guide in (sqlite_people.zhou, sqlite_people.wang):
        with pytest.raises(Refused, match="不用提醒"):
            remind(session, sqlite_people, f"task{boots.id}x{guide.id}")


def test_at_most_three_in_24_hours_whoever_asks(session, sqlite_people, boots):
    task = next(it.task for it in day(session, sqlite_people).to_remind if it.guide.name == "赵倩")
    for n in range(3):
        sent(session, task, NOON + n * HOUR)
    later = NOON + 3 * HOUR
    hers = next(it for it in day(session, sqlite_people, later).tasks[0].missing if it.task.id == task.id)
    assert (hers.reminded, str(hers.refusal)) == (3, "今天提醒满了")
    assert task.id not in lifecycle.to_remind(session, boots, later), "HQ's reminder spares her, too"
    assert task.id in lifecycle.to_remind(session, boots, NOON + 25 * HOUR)
