"""今日任务: one card with what is left to do today."""

from datetime import timedelta

import pytest

from tests import cast
from tests.cast import NOW
from tests.handlers.platform import on_one_database

pytestmark = pytest.mark.usefixtures("people")


def test_todays_tasks_are_one_card_with_one_button(say, database, people):
    with database.write() as session:
        boots = cast.campaign(session, name="雪地靴")
        cast.task(session, boots, people.wang, customer_count=87)
        later = cast.campaign(session, name="羊绒围巾上新", ends_at=NOW + timedelta(days=1))
        cast.task(session, later, people.wang, customer_count=12)
        cast.task(session, boots, people.zhao, customer_count=99)
    card = say("@小霁 今日任务")
    assert card["card_type"] == "text_notice"
    assert card["main_title"] == {"title": "王芳，还有 2 件事", "desc": "大约 4 分钟"}
    assert card["horizontal_content_list"] == [
        {"keyname": "雪地靴", "value": "18:00 前，发给 87 位客户"},
        {"keyname": "羊绒围巾上", "value": "明天 10:08 前，发给 12 位客户"},
    ]
    assert card["jump_list"] == [{"type": 1, "title": "打开今日", "url": "https://guide.example/g/"}]
    assert card["card_action"]["url"] == "https://guide.example/g/"


@on_one_database
def test_a_task_says_whether_it_goes_to_customers_groups_or_nobody(say, database, people):
    with database.write() as session:
        for channel in ("mass", "group_mass", "notice"):
            cast.task(
                session, cast.campaign(session, name=channel, channel=channel), people.wang, customer_count=3
            )
    rows = say("今日任务")["horizontal_content_list"]
    assert [row["value"] for row in rows] == [
        "18:00 前，发给 3 位客户",
        "18:00 前，发给 3 个客户群",
        "18:00 前",
    ]


@on_one_database
def test_a_task_that_has_days_left_says_its_day(say, database, people):
    with database.write() as session:
        cast.task(session, cast.campaign(session, name="年货", ends_at=NOW + timedelta(days=12)), people.wang)
    assert say("今日任务")["horizontal_content_list"][0]["value"] == "12 月 1 日前，发给 87 位客户"


@on_one_database
def test_with_everything_done_the_robot_says_so(say):
    assert say("今日任务", chat="") == "王芳，今天的都做完了。有新的会发卡片给你"


@on_one_database
def test_a_stranger_is_told_how_to_join(say):
    assert "店长" in say("今日任务", "stranger")
