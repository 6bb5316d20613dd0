"""The smart robot is called: answer the command that is meant, once, never by surprise."""

import re
from dataclasses import replace
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any

from handlers.registry import UNKNOWN, EventContext, Outcome, RobotCommand, commands, on
from handlers.robot_words import hear
from models.groups import robots
from models.org import find_guide
from models.sentences import Sentence
from wecom.callbacks import robot_stream, robot_text

MOST_SUGGESTIONS = 3
_LIVE = str.maketrans(
    {
        "@": "＠",
        "<": "＜",
        ">": "＞",
        "[": "［",
        "]": "］",
        "(": "（",
        ")": "）",
        "*": "＊",
        "`": "｀",
        "#": "＃",
        "_": "＿",
        "~": "～",
        "|": "｜",
        "\\": "＼",
    }
)
"""What could mention somebody, make a link or format, in the platform's markdown"""
_BLANKS = re.compile(r"\s+")


@on("robot.text", "robot.mixed", "robot.voice")
def called(context: EventContext) -> Outcome:
    """Somebody mentioned the robot, or wrote to it alone: the platform sends nothing else."""
    heard = hear(context.message.text, robots.names(context.session))
    if (
        heard.name and context.message.chat
    ):  # only in a group is somebody mentioned for sure, and it is the robot
        robots.learn_name(context.session, heard.name)
    if heard.command:
        return heard.command.answer(context)
    if not heard.words and context.message.kind != "text":
        return _unread(context)
    return _unknown(context, heard.words)


@on("robot.image", "robot.file", "robot.video")
def wordless(context: EventContext) -> Outcome:
    """A file or a picture, to the robot alone."""
    return _unread(context)


@on("robot.*")
def unknown_kind(context: EventContext) -> Outcome:
    """A kind of message that is newer than this program is answered and kept; of an event nobody awaits an answer."""
    reply = None if context.message.kind.startswith("event.") else _unread(context).reply
    return Outcome(UNKNOWN, reply, known=False)


@on("robot.event.enter_chat")
def greeted(context: EventContext) -> Outcome:
    """Somebody opened the chat with the robot for the first time today."""
    return Outcome(
        Sentence("打开了和机器人的聊天"), robot_text(f"{caller(context)}，你好。可以对我说：{_names()}")
    )


@on("robot.event.feedback_event", "robot.event.template_card_event")
def noted(context: EventContext) -> Outcome:
    """Nothing that a word could answer."""
    return Outcome(Sentence("已记下，不需要回答"))


def caller(context: EventContext) -> str:
    """How to address whoever called."""
    guide = find_guide(context.session, context.message.user)
    return harmless(guide.customer_name) or "你" if guide else "你"


def say(context: EventContext, decision: str, markdown: str) -> Outcome:
    """A finished answer in markdown."""
    stream = sha256(context.row.key.encode()).hexdigest()[:24]
    return Outcome(decision, robot_stream(stream, markdown))


def show(decision: str, card: dict[str, Any]) -> Outcome:
    """An answer that is a card."""
    return Outcome(decision, {"msgtype": "template_card", "template_card": card})


def harmless(text: str, most: int = 30) -> str:
    """Somebody's words, quoted: they mention nobody, link nowhere and stay short."""
    line = _BLANKS.sub(" ", text).strip().translate(_LIVE)
    return line if len(line) <= most else f"{line[:most]}…"


def _unread(context: EventContext) -> Outcome:
    """She is told what would work, instead of being left without an answer."""
    words = "我只看得懂文字，图片、文件、视频和没转成文字的语音都看不了"
    return say(
        context, Sentence("不是文字，说明了可以说什么"), f"{caller(context)}，{words}。可以说：{_names()}"
    )


def _names() -> str:
    return "、".join(one.words[0] for one in commands())


def _unknown(context: EventContext, words: str) -> Outcome:
    """What was said is quoted, so that she sees what arrived; what is kept of the answer does not repeat it."""
    near = "可以说：" + "、".join(one.words[0] for one in _suggestions(words))
    what = Sentence("没有这个命令，给了建议")
    if not words:
        return say(context, what, f"我在。{near}")
    quoted = say(context, what, f"没听懂「{harmless(words)}」。{near}")
    return replace(quoted, kept=say(context, what, f"没听懂这句话。{near}").reply)


def _suggestions(words: str) -> list[RobotCommand]:
    """The commands most like what was said, in a fixed order; the text is short, so this is quick."""

    def likeness(one: RobotCommand) -> float:
        return max(SequenceMatcher(None, words, word, autojunk=False).ratio() for word in one.words)

    return sorted(commands(), key=likeness, reverse=True)[:MOST_SUGGESTIONS]
