"""The word is found, whatever a phone puts around it, and whether or not the robot's name is known."""

import pytest

from handlers.robot_words import hear

SPELLINGS = [
    "帮助",
    "help",
    "HELP",
    "帮助！",
    "。帮助。",
    "「帮助」",
    "帮助 谢谢",
    "帮助，谢谢",
    "**帮助**",
    "/帮助",
    "帮助😀",
    "ｈｅｌｐ",
    "@小霁 帮助",
    "@小霁\u2005帮助",
    "@小霁\u3000\u3000帮助。",
    "@小霁帮助",
    "@小霁帮助 谢谢",
    "＠小霁 帮助",
    "＠小霁帮助",
    "@ 小霁 帮助",
    "帮助@小霁",
    "帮助 @小霁",
    "帮助 @小霁 谢谢",
    "@小霁 @小霁 帮助",
    "@小霁 @Wang Fang 帮助",
    "@Wang Fang @小霁 帮助",
    "@小霁 帮助 @王芳",
    "\u200b@小霁 \u200b帮助",
    "@小霁 帮\u200b助",
    "@小霁 \u2068帮助\u2069",
    "\ufeff@小霁 帮助",
    "@小霁 帮助\ufe0f",
    "帮\u034f助",
    "@小霁 帮\ufe01助",
    "@小霁，帮助！",
    "@小霁：帮助",
    "@小霁\n帮助",
    "@小霁\r\n\r\n帮助\r\n",
    "@小霁 ?",
    "@小霁 ？",
    "?",
    "？？？",
    "@小霁?",
    "@小霁 菜单",
    "「王芳：昨天卖了几双」\n- - - - - -\n@小霁 帮助",
    "「王芳：签到\n签到」\r\n- - - - - - - - - - - - - - -\r\n@小霁 帮助",
    "“王芳：签到”\n——————\n帮助",
    "「王芳：签到」\n@小霁 帮助",
    "@小霁 「王芳：签到」\n------\n帮助",
    "帮助\ud83d",
    "帮\udc00助",
    "\0帮助",
]


@pytest.mark.parametrize("names", [["小霁"], ["小助手"], []], ids=["its name", "another name", "no name"])
@pytest.mark.parametrize("said", SPELLINGS)
def test_the_word_is_found_whatever_stands_around_it(said, names):
    found = hear(said, names).command
    assert found and found.words[0] == "帮助", said


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("@Store Helper 帮助", "Store Helper"),
        ("@小霁 助手 帮助", "小霁 助手"),
        ("帮助 @小霁 助手", "小霁 助手"),
        ("@签到助手 帮助", "签到助手"),
        ("@C++ (门店) 帮助", "C++ (门店)"),
        ("@门店-霁 帮助", "门店-霁"),
        ("@小霁灵 帮助", "小霁"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_name_may_have_blanks_and_marks(said, name, known):
    found = hear(said, [name] if known else []).command
    assert found and found.words[0] == "帮助"


def test_a_known_name_is_known_in_any_case_and_with_any_blanks():
    assert hear("@STORE  HELPER帮助", ["Store Helper"]).command.words[0] == "帮助"


@pytest.mark.parametrize(
    "said",
    [
        "@小霁 你帮助过我",
        "我不想 签到",
        "@小霁 我不想 签到",
        "签 到",
        "帮 助",
        "@小霁",
        "@小霁灵",
        "小霁",
        "",
    ],
)
def test_a_word_among_others_calls_nothing(said):
    assert hear(said, ["小霁"]).command is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("@小霁 签倒！", "签倒"),
        ("@小霁", ""),
        ("@Store Helper 昨天　卖了几双?", "昨天 卖了几双"),
        ("「王芳：签到」\n- - - - - -\n@小霁 好的", "好的"),
        ("名" * 10_000, "名" * 64),
    ],
)
def test_what_was_said_comes_without_mentions_quotes_and_marks(said, words):
    assert hear(said, ["小霁", "store helper"]).words == words


def test_a_command_of_two_words_is_found():
    assert hear("@小霁 Sign In, please", []).command.words[0] == "签到"


SENTENCES = [
    "我不想签到",
    "我还没签到",
    "不要签到",
    "怎么签到",
    "忘记签到",
    "今天谁没签到",
    "大家都来签到",
    "昨天王芳没有签到",
    "什么时候可以签到",
    "我想帮助",
    "请帮助",
    "谁要帮助",
    "你能帮助",
    "提醒大家签到",
]


@pytest.mark.parametrize("names", [["机器人"], ["小助手"], []], ids=["its name", "another name", "no name"])
@pytest.mark.parametrize("between", ["", " ", "\u2005", "，"], ids=["glued", "blank", "thin blank", "comma"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_that_ends_in_a_command_calls_nothing(sentence, between, names):
    assert hear(f"@机器人{between}{sentence}", names).command is None


@pytest.mark.parametrize("names", [["机器人"], []], ids=["its name", "no name"])
@pytest.mark.parametrize(
    "said",
    [
        "@机器人我不想 签到",
        "@机器人 我不想 签到",
        "@机器人 好的，签到",
        "@机器人 @王芳我不想 签到",
        "@机器人 我看见 @王芳 签到",
        "我看见 @机器人 签到",
        "@机器人 dont help",
        "@whelp",
        "我不想签到@机器人",
        "我不想@机器人签到",
    ],
)
def test_nor_does_a_sentence_with_blanks_marks_and_mentions_in_it(said, names):
    assert hear(said, names).command is None


@pytest.mark.parametrize(
    "name", ["机器人", "店小二", "小不点", "智能客服", "会员助手", "特别关注", "今日播报", "成都门店", "IT"]
)
def test_an_unknown_name_of_any_kind_may_stand_before_a_command(name):
    assert hear(f"@{name} 签到", []).command.words[0] == "签到"


@pytest.mark.parametrize("name", ["机器人", "店小二", "小不点", "智能客服", "霁野门店小助手", "Onetap"])
def test_and_most_of_them_glued_to_it(name):
    assert hear(f"@{name}签到", []).command.words[0] == "签到"


@pytest.mark.parametrize("said", ["@机器人王芳签到", "@机器人 快签到", "@机器人爱签到"])
def test_a_known_name_leaves_nothing_to_guess(said):
    assert hear(said, ["机器人"]).command is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("@小霁 签到", "小霁"),
        ("\u200b＠Onetap：签到！", "onetap"),
        ("@小霁签到", ""),
        ("@Store Helper 签到", ""),
        ("@小霁 @王芳 签到", ""),
        ("签到 @小霁", ""),
        ("@小助手 签到", ""),
        ("@小霁 昨天卖了几双", ""),
    ],
)
def test_its_name_is_learnt_where_a_line_leaves_no_doubt(said, name):
    assert hear(said, ["小助手"]).name == name
