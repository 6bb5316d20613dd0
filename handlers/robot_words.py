"""Which command somebody means who writes to the robot, whatever her phone puts around the word."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from handlers.registry import RobotCommand, commands, find_command

LONGEST_GUESS = 10
"""Letters of a name that is only guessed: a longer run of them is a sentence."""
LONGEST = 64
"""Letters of what was said that are kept: a call is a word, not a letter."""
MOST_READ = 4096
"""Letters that are looked at; the platform carries fewer."""
MOST_WORDS = 3
"""Words that a command, or a name with blanks in it, is made of."""
_QUOTE_END = re.compile(r"\s*(?:[-—–―]\s*){3,}")
"""The line that an old phone draws between what it quotes and what is said"""
_QUOTED = re.compile(r"\s*[「『“][^」』”]*[」』”]\s*\n")
_MENTION = re.compile(r"@(\w*)")
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_MARK = re.compile(r"[,.!?;:。、\n]")
_SAYS = re.compile(
    "[我咱俺您谁啥怎吗呢嘛么呀了没甭勿忘让给请已也还再就又是]|你(?!好)|(?<!吉)他|她|哪(?!吒)|不(?![点二打锈])|(?<!特)别|未(?!来)"
    "|(?<![理联梦思])想|(?<![纪摘重])要(?![闻点])|(?<![酒网])吧|(?<![成首])都|需要|可以|应该|必须|无法|无需|记得|觉得"
    "|^(?:i|you|he|she|we|they|my|not?|do|does|did|is|are|was|were|can|could|will|should|must|let|want|need|please|never"
    "|(?:do|does|did|is|wo|ca)nt|don|t|to|and|or|but|how|why|what|when|who|forgot)$"
)
"""Persons, denials, wishes and questions: what sentences are made of and names are not"""
_MAY_SAY = re.compile(
    "[昨刚]|大家|同事|所有|[今明后每]天|天天|今[日早晚]|早上|上午|下午|晚上|现在|正在|如何|多少|几[点次]|一[起下]|取消|停止|禁止"
    "|赶[紧快]|马上|立刻|帮忙|通知|提醒|开始|准备|打算|完成"
    "|[帮叫说看去快补代有到着过的得和与或把被替等能]$|(?<![未原])来$|(?<!领)先$|(?<![商工协])会$"
)
"""What may stand in a name, too, but in a sentence more often"""
_BLANK_LETTERS = "\u034f\u115f\u1160\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
"""Letters and marks that nobody sees, though they are not called invisible"""


@dataclass(frozen=True)
class Heard:
    """What was said, as one short line without mentions and marks, and the command that it calls, if any."""

    words: str
    command: RobotCommand | None
    name: str = ""
    """What the robot was called, where the line leaves no doubt: a mention we did not know, and a command after it"""


def hear(text: str, names: Collection[str]) -> Heard:
    """Find the command. `names`: what the robot is known to be called; it is found without them, too.

    A line calls a command when nothing but names stands before it: a sentence that ends in its word calls nothing.
    """
    line = _visible(_after_quote(text[-MOST_READ:])).lower()
    own = _without_names(line, names)
    words = " ".join(_words(own))[:LONGEST]
    if not words and "?" in own:
        return Heard(words, find_command("?"))
    called = _called(own, guess=True)
    if not called and own != line:  # somebody else's name may begin like its own
        called = _called(line, guess=False)
    return Heard(words, called, _name_in(line) if called and own == line else "")


def _called(line: str, guess: bool) -> RobotCommand | None:
    """The command that comes first, behind mentions.

    `guess`: a mention may go on after a blank, and the command may be glued to it: nobody told us where a name ends.
    """
    before, *mentioned = _MENTION.split(line)
    if _words(before):
        return _beginning(_words(before))
    for mention, after in zip(mentioned[::2], mentioned[1::2], strict=True):
        words, clear = _words(after), _may_be_name(mention)
        called = (clear and _beginning(words)) or (
            guess and ((clear and _after_name(after)) or _glued(mention))
        )
        if called:
            return called
        names_only = guess and len(words) < MOST_WORDS and all(map(_is_like_name, words))
        if not clear or (words and not names_only):
            break
    return None


def _after_name(text: str) -> RobotCommand | None:
    """The command behind the further words of a name with blanks: only the first went with its mention."""
    words = _words(_SENTENCE_MARK.split(text)[0])
    for skipped in range(1, MOST_WORDS):
        found = _beginning(words[skipped:])
        if found and all(map(_is_like_name, words[:skipped])):
            return found
    return None


def _glued(mention: str) -> RobotCommand | None:
    """The command that nothing parts from the name before it."""
    fits = [word for one in commands() for word in one.words if mention.endswith(word)]
    word = max(fits, key=len, default="")
    name = mention.removesuffix(word)
    if word.isascii() and name[-1:].isascii() and name:
        return None  # no word ends in the middle of another
    return find_command(word) if _is_like_name(name) else None


def _may_be_name(text: str) -> bool:
    """Whether somebody may be called so: nobody's name says what a sentence says."""
    return not _SAYS.search(text)


def _is_like_name(text: str) -> bool:
    """The same, more strictly: for what is taken for a name by guess."""
    return _may_be_name(text) and len(text) <= LONGEST_GUESS and not _MAY_SAY.search(text)


def _name_in(line: str) -> str:
    """What the robot is called in a line that begins with its only mention."""
    before, *mentioned = _MENTION.split(line)
    name = mentioned[0] if len(mentioned) == 2 and not _words(before) else ""
    return name if name and _beginning(_words(mentioned[1])) else ""


def _words(line: str) -> list[str]:
    """What is said beside the mentions."""
    return _WORD.findall(_MENTION.sub(" ", line))


def _beginning(words: list[str]) -> RobotCommand | None:
    called = (find_command(" ".join(words[:count])) for count in range(MOST_WORDS, 0, -1))
    return next(filter(None, called), None)


def _after_quote(text: str) -> str:
    """What is said below a quoted message; the whole text where nothing is quoted."""
    lines = text.splitlines()
    ends = [number for number, line in enumerate(lines) if _QUOTE_END.fullmatch(line)]
    below = "\n".join(lines[ends[-1] + 1 :]) if ends else ""
    return _QUOTED.sub("", below if below.strip() else text, count=1)


def _visible(text: str) -> str:
    """One form per letter, and nothing that cannot be seen."""
    seen = (
        letter
        for letter in text
        if letter.isspace() or (unicodedata.category(letter)[0] != "C" and letter not in _BLANK_LETTERS)
    )
    return unicodedata.normalize("NFKC", "".join(seen))


def _without_names(line: str, names: Collection[str]) -> str:
    for name in sorted(
        filter(None, (_visible(name).lower().strip() for name in names)), key=len, reverse=True
    ):
        line = re.sub(r"@\s*" + r"\s*".join(map(re.escape, name.split())), " ", line)
    return line
