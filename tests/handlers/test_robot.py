"""A conversation with the robot: it answers when called, once, and its words harm nobody."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from handlers import registry
from handlers.registry import command
from models.groups.robots import SignIn
from tests import cast
from tests.cast import NOW, WANG
from tests.handlers.messenger import Messenger, on_one_database, robot_message

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def say(messenger):
    """Say something to the robot; what it answers: a text, or a card."""

    def speak(text, userid=WANG, **fields):
        _, reply = messenger.say(robot_message(text, userid, **fields))
        return reply["template_card"] if reply["msgtype"] == "template_card" else reply["stream"]["content"]

    return speak


def signed_in(database):
    with database.read() as session:
        return [(row.userid, str(row.day)) for row in session.exec(select(SignIn).order_by(SignIn.id))]


@on_one_database
def test_help_lists_every_command_with_its_line(say):
    assert say("@小霁 帮助").split("\n") == [
        "**帮助**　看看可以对我说什么",
        "**今日任务**　今天还有什么要做，打开就能做",
        "**签到**　每天一次，记下你来了",
    ]


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
def test_whoever_the_platform_does_not_name_is_not_signed_in(say, database):
    assert "没认出你是谁" in say("签到", "")
    assert signed_in(database) == []


@on_one_database
def test_with_everything_done_the_robot_says_so(say):
    assert say("今日任务", chat="") == "王芳，今天的都做完了。有新的会发卡片给你"


@on_one_database
def test_a_stranger_is_told_how_to_join(say):
    assert "店长" in say("今日任务", "stranger")


def test_signing_in_counts_once_a_day_H03(say, database):
    assert say("签到") == "王芳，签到好了，10:08。这个月第 1 天"
    assert say("打卡") == "王芳，今天 10:08 已经签到过了，不用再签"
    assert signed_in(database) == [(WANG, "2026-11-19")]


def test_the_day_turns_at_midnight_in_shanghai_H03(say, clock, database):
    clock.now = datetime(2026, 11, 19, 15, 59, 59, tzinfo=UTC)
    assert "第 1 天" in say("签到")
    clock.wait(seconds=1)
    assert "第 2 天" in say("签到")
    assert signed_in(database) == [(WANG, "2026-11-19"), (WANG, "2026-11-20")]


def test_two_sign_ins_at_once_are_one_H03(app, clock, database):
    def sign_in(_):
        _, reply = Messenger(app.test_client(), clock).say(robot_message("签到", WANG))
        return "签到好了" in reply["stream"]["content"]

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(sign_in, range(4))) == [False, False, False, True]
    assert len(signed_in(database)) == 1


def test_the_case_of_a_userid_makes_no_second_person_H03(say, database):
    say("签到", "WangFang")
    assert "已经签到过" in say("签到", WANG)


@on_one_database
@pytest.mark.parametrize(
    "said", ["签到", "@小霁 签到", "@小霁　签到。", "  签到！", "签到 谢谢", "@小霁 @王芳 签到"]
)
def test_a_word_is_understood_as_people_write_it(say, said):
    assert "签到" in say(said) and "没听懂" not in say(said)


@on_one_database
@pytest.mark.parametrize("said", ["签 到 吗", "任 务", "抽奖", "", "?!", "😀", "a" * 10_000, "." * 9_000])
def test_an_unknown_word_gets_at_most_three_suggestions_H08(say, said):
    answer = say(said)
    assert answer.count("、") <= 2
    assert len(answer) < 100


@on_one_database
def test_the_nearest_suggestion_comes_first(say):
    assert say("签倒").endswith("可以说：签到、帮助、今日任务")


@on_one_database
@pytest.mark.parametrize(
    "said",
    [
        "<script>alert(1)</script>",
        "@all 大家",
        "<@all>",
        "[点我](http://evil.example)",
        "**粗**",
        "`x`",
        "名" * 10_000,
    ],
)
def test_quoted_words_mention_nobody_and_link_nowhere_H07(say, said):
    answer = say(f"小霁你看 {said}")
    assert not set("@<>[]()*`") & set(answer)
    assert len(answer) < 120


@on_one_database
def test_a_name_cannot_mention_everybody_either_H07(say, database):
    with database.write() as session:
        session.add(cast.guide("evil", None, name="<@all>[x](http://evil.example)"))
    answer = say("签到", "evil")
    assert not set("@<>[]()") & set(answer)


@on_one_database
@pytest.mark.parametrize("said", ["帮助", "签到", "今日任务", "不认识", "", "@all", "@小霁 @小霁"])
def test_no_answer_calls_anybody_so_two_robots_do_not_keep_each_other_talking_H02(say, said):
    """A robot hears only what mentions it; what this one says mentions nobody, whatever it was told."""
    assert "@" not in json.dumps(say(f"@小霁 {said}"), ensure_ascii=False)


@on_one_database
def test_opening_the_chat_is_greeted_with_plain_text(messenger):
    _, reply = messenger.say(
        {
            "msgid": "E1",
            "msgtype": "event",
            "event": {"eventtype": "enter_chat"},
            "chattype": "single",
            "from": {"userid": WANG},
        }
    )
    assert reply["msgtype"] == "text"
    assert reply["text"]["content"] == "王芳，你好。可以对我说：帮助、今日任务、签到"


@on_one_database
def test_feedback_gets_the_empty_answer(messenger, rows):
    answer, reply = messenger.say(
        {
            "msgid": "F1",
            "msgtype": "event",
            "event": {"eventtype": "feedback_event"},
            "from": {"userid": WANG},
        }
    )
    assert (answer.status_code, answer.data, reply) == (200, b"", None)
    assert rows()[0].status == "handled"


def test_an_unknown_robot_event_is_kept(messenger, rows):
    answer, _ = messenger.say({"msgid": "N1", "msgtype": "event", "event": {"eventtype": "brand_new"}})
    assert (answer.status_code, rows()[0].status) == (200, "unknown_kind")


def test_a_command_that_raises_gives_silence_and_a_parked_event_A15(messenger, rows, work, clock):
    @command("出错")
    def fail(arrival):
        """Fails."""
        raise RuntimeError("broken")

    try:
        answer, reply = messenger.say(robot_message("出错", WANG))
    finally:
        del registry._COMMANDS["出错"]
    assert (answer.status_code, answer.data, reply) == (200, b"", None)
    assert (rows()[0].status, rows()[0].error) == ("parked", "RuntimeError: broken")
    clock.wait(minutes=5)
    work()
    assert rows()[0].attempts == 1


def test_the_queue_finds_nothing_left_to_do_with_a_message(messenger, work, rows):
    messenger.say(robot_message("签到", WANG))
    work()
    assert rows()[0].attempts == 1
