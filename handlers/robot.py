"""The smart robot is called: find the word, answer once, never answer by surprise."""

import re
import unicodedata
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any

from handlers.registry import EventContext, Outcome, RobotCommand, commands, find_command, on
from models.org import find_guide
from wecom.callbacks import robot_stream, robot_text

LONGEST = 64
"""Letters of what was said that are looked at: a call is a word, not a letter."""
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
    words = spoken(context.message.words)
    found = find_command(words) or find_command(words.split(" ")[0])
    return found.answer(context) if found else _unknown(context, words)


@on("robot.event.enter_chat")
def greeted(context: EventContext) -> Outcome:
    """Somebody opened the chat with the robot for the first time today."""
    names = "、".join(one.words[0] for one in commands())
    return Outcome("打开了和机器人的聊天", robot_text(f"{caller(context)}，你好。可以对我说：{names}"))


@on(
    "robot.event.feedback_event",
    "robot.event.template_card_event",
    "robot.image",
    "robot.file",
    "robot.video",
)
def noted(context: EventContext) -> Outcome:
    """Nothing that a word could answer."""
    return Outcome("已记下，不需要回答")


def spoken(text: str) -> str:
    """What was said as one short line: one form per letter, single blanks, no marks at the ends."""
    line = _BLANKS.sub(" ", unicodedata.normalize("NFKC", text[: 4 * LONGEST])).strip()
    return line[:LONGEST].strip("。.!?,;:、~ ").lower()


def caller(context: EventContext) -> str:
    """How to address whoever called."""
    guide = find_guide(context.session, context.message.user)
    return harmless(guide.name) if guide else "你"


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


def _unknown(context: EventContext, words: str) -> Outcome:
    near = "、".join(one.words[0] for one in _suggestions(words))
    asked = f"没听懂「{harmless(words)}」。" if words else "我在。"
    return say(context, "没有这个命令，给了建议", f"{asked}可以说：{near}")


def _suggestions(words: str) -> list[RobotCommand]:
    """The commands most like what was said, in a fixed order; the text is short, so this is quick."""

    def likeness(one: RobotCommand) -> float:
        return max(SequenceMatcher(None, words, word, autojunk=False).ratio() for word in one.words)

    return sorted(commands(), key=likeness, reverse=True)[:MOST_SUGGESTIONS]
