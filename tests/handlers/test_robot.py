"""A conversation with the robot: it answers when called, once, and its words harm nobody."""

import json

import pytest
from sqlmodel import select

from handlers import registry
from handlers.registry import command
from models import preferences
from models.groups import robots
from tests import cast
from tests.cast import WANG
from tests.handlers.platform import member_event, on_one_database, robot_message

pytestmark = pytest.mark.usefixtures("people")


@on_one_database
@pytest.mark.parametrize(
    "said", ["签到", "@小霁 签到", "@小霁　签到。", "  签到！", "签到 谢谢", "@小霁 @王芳 签到"]
)
def test_a_word_is_understood_as_people_write_it(say, said):
    assert "签到" in say(said) and "没听懂" not in say(said)


@on_one_database
def test_a_login_name_is_no_address_F17(happen, say):
    new = member_event("create_user", "ZhangWei_0231", at=cast.NOW, Department=str(cast.ZHONGJIE.department))
    happen(new, "contacts")
    assert say("签到", "zhangwei_0231").startswith("你，签到好了")


@pytest.mark.parametrize("userid", ["w" * 3000, "\ud83d", "\0"])
def test_a_caller_with_an_odd_id_is_answered_A20(platform, userid):
    _, reply = platform.say(json.dumps(robot_message("签到", userid)))
    assert "签" in reply["stream"]["content"]


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
def test_opening_the_chat_is_greeted_with_plain_text(platform):
    _, reply = platform.say(
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
def test_feedback_gets_the_empty_answer(platform, rows):
    answer, reply = platform.say(
        {
            "msgid": "F1",
            "msgtype": "event",
            "event": {"eventtype": "feedback_event"},
            "from": {"userid": WANG},
        }
    )
    assert (answer.status_code, answer.data, reply) == (200, b"", None)
    assert rows()[0].status == "handled"


@on_one_database
@pytest.mark.parametrize(
    "said",
    [
        {"msgtype": "image", "image": {"url": "https://example.com/x"}},
        {"msgtype": "file", "file": {"url": "https://example.com/x"}},
        {"msgtype": "video", "video": {"url": "https://example.com/x"}},
        {"msgtype": "voice", "voice": {"content": ""}},
        {"msgtype": "voice", "voice": {}},
        {"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "image", "image": {"url": "u"}}]}},
        {"msgtype": "location", "location": {"name": "中街"}},
    ],
    ids=lambda said: said["msgtype"],
)
def test_what_it_cannot_read_gets_one_line_that_says_what_it_can(platform, rows, said):
    _, reply = platform.say({"msgid": "P1", "chattype": "single", "from": {"userid": WANG}, **said})
    content = reply["stream"]["content"]
    assert content.startswith("王芳，我只看得懂文字") and content.endswith("可以说：帮助、今日任务、签到")
    assert rows()[0].status == ("unknown_kind" if said["msgtype"] == "location" else "handled")


@on_one_database
def test_the_robot_knows_the_name_that_hq_gave_it(say, database):
    """Without it, 签到 would be read as what comes after a name with blanks."""
    with database.write() as session:
        preferences.change(session, "周岚", cast.NOW, robot_name="Store Helper")
    assert "**帮助**" in say("@Store Helper 帮助")
    assert "没听懂「不想 签到」" in say("@Store Helper 不想 签到")


@on_one_database
def test_a_sentence_does_not_sign_in_though_nobody_told_the_robots_name(say, database):
    assert say("@机器人我不想签到") == "我在。可以说：帮助、今日任务、签到"
    with database.read() as session:
        assert not session.exec(select(robots.SignIn)).all()


@on_one_database
def test_the_robot_learns_in_a_group_what_it_is_called(platform, database):
    def say(text, chat="wrStoreGroup"):
        _, reply = platform.say(robot_message(text, WANG, chat=chat))
        return reply["stream"]["content"]

    say("@机器人 帮助", chat="")  # alone with it anybody may be mentioned
    with database.read() as session:
        assert robots.called(session) == ""
    assert "**帮助**" in say("@机器人王芳帮助")
    assert "**帮助**" in say("@机器人 帮助")
    assert "没听懂「王芳帮助」" in say("@机器人王芳帮助")
    assert "**帮助**" in say("@店小二 帮助"), "it was given another name"
    with database.read() as session:
        assert robots.names(session) == ["小助手", "店小二"]


@on_one_database
def test_half_a_character_is_no_reason_for_silence(platform):
    def say(text, userid=WANG):
        _, reply = platform.say(json.dumps(robot_message(text, userid)))
        return reply["stream"]["content"]

    assert "**帮助**" in say("帮助\ud83d")
    assert "没听懂「你好」" in say("你好\ud83d")
    assert say("签到", "wang\ud83dfang").startswith("王芳，签到好了")


def test_an_unknown_robot_event_is_kept(platform, rows):
    answer, _ = platform.say({"msgid": "N1", "msgtype": "event", "event": {"eventtype": "brand_new"}})
    assert (answer.status_code, rows()[0].status) == (200, "unknown_kind")


def test_a_command_that_raises_gives_silence_and_a_parked_event_A15(platform, rows, work, clock):
    @command("出错")
    def fail(arrival):
        """Fails."""
        raise RuntimeError("broken")

    try:
        answer, reply = platform.say(robot_message("出错", WANG))
    finally:
        del registry._COMMANDS["出错"]
    assert (answer.status_code, answer.data, reply) == (200, b"", None)
    assert (rows()[0].status, rows()[0].error) == ("parked", "RuntimeError: broken")
    clock.wait(minutes=5)
    work()
    assert rows()[0].attempts == 1


def test_the_queue_finds_nothing_left_to_do_with_a_message(platform, work, rows):
    platform.say(robot_message("签到", WANG))
    work()
    assert rows()[0].attempts == 1
