"""When a task is read: by what happened to it, never by the tick of a clock."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import update

from models.campaigns import Campaign, Task, looks
from models.campaigns.looks import DEMO, PRODUCTION
from models.errors import Refused
from tests.cast import NOW


def moments(plan=PRODUCTION, hours=8, until=60, **happened: int) -> list[float]:
    """Minutes after it was made at which this task is read, each look at its time."""
    at = {name: NOW + timedelta(minutes=minutes) for name, minutes in happened.items()}
    campaign = Campaign(name="雪地靴", launch_at=NOW, created_at=NOW, ends_at=NOW + timedelta(hours=hours))
    task = Task(code="t", campaign_id=1, guide_id=1, created_at=NOW, ready_at=NOW, **at)
    found: list[datetime] = []
    while not found or found[-1] < NOW + timedelta(minutes=until):
        found.append(looks.next_look(plan, task, campaign, found[-1] if found else NOW))
    return [(one - NOW).total_seconds() / 60 for one in found[:-1]]


def test_a_silent_task_is_read_at_30_minutes_2_hours_6_hours_the_closing_time_and_24_hours():
    assert moments(until=1500) == [30, 120, 360, 480, 1440]


def test_a_campaign_of_several_days_is_read_once_a_day():
    assert moments(hours=80, until=4320) == [30, 120, 360, 1440, 2880]


@pytest.mark.parametrize("act", ["opened_at", "reported_at", "confirmed_at"])
def test_whoever_acted_is_read_after_one_five_and_fifteen_minutes(act):
    assert moments(until=29, **{act: 3}) == [4, 8, 18]


def test_what_is_missing_of_a_confirmed_task_is_read_a_last_time_after_a_day():
    assert moments(until=2000, confirmed_at=10)[-3:] == [130, 370, 1450]


def test_a_task_that_was_taken_back_is_read_ten_minutes_later():
    assert 55 in moments(until=60, closed_at=45)


def test_somebody_who_watches_the_demo_waits_three_seconds():
    assert moments(DEMO, until=1)[:3] == [0.05, 0.1, 0.15]


def test_hq_may_have_everything_open_read_now_once_a_minute(stage):
    number = stage.launch()
    stage.do(looks.want_now, number)
    stage.advance(seconds=5)
    with pytest.raises(Refused, match="刚刷新过"):
        stage.do(looks.want_now, number)
    stage.advance(seconds=60)
    assert stage.do(looks.want_now, number) == "向平台重读 3 位导购的结果"
    with stage.db.write() as session:
        assert len(looks.due(session, stage.now, PRODUCTION, 9)) == 3


def test_what_is_known_to_its_end_is_not_read_again(stage):
    number = stage.launch()
    with stage.db.write() as session:
        session.execute(update(Task).values(settled_at=stage.now))
    with pytest.raises(Refused, match="没有要读的"):
        stage.do(looks.want_now, number)
