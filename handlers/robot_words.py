"""Which command somebody means who writes to the robot, whatever her phone puts around the word."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from handlers.registry import RobotCommand, commands, find_command

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
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\ufe0e\ufe0f"
"""Letters and marks that nobody sees, though they are not called invisible"""


@dataclass(frozen=True)
class Heard:
    """What was said, as one short line without mentions and marks, and the command that it calls, if any."""

    words: str
    command: RobotCommand | None


def hear(text: str, names: Collection[str]) -> Heard:
    """Find the command. `names`: what the robot is known to be called; it is found without them, too."""
    line = _visible(_after_quote(text[-MOST_READ:])).lower()
    own = _without_names(line, names)
    # somebody else's name may begin like its own
    called = next(_calls(own), None) or next(_beginning(_words(line)), None)
    return Heard(" ".join(_words(own))[:LONGEST], called)


def _calls(line: str) -> Iterator[RobotCommand]:
    """The commands that the line may mean, the likeliest first."""
    words, mentions = _words(line), _MENTION.findall(line)
    if not words and "?" in line:
        yield from _named("?")
    yield from _beginning(words)
    if mentions:  # of a name with blanks only the first word went with its mention
        for skipped in range(1, MOST_WORDS):
            yield from _beginning(words[skipped:])
    for mention in mentions:  # a word that nothing parts from the name before it
        fits = [word for one in commands() for word in one.words if mention.endswith(word)]
        yield from _named(max(fits, key=len, default=""))


def _words(line: str) -> list[str]:
    """What is said beside the mentions."""
    return _WORD.findall(_MENTION.sub(" ", line))


def _beginning(words: list[str]) -> Iterator[RobotCommand]:
    for count in range(MOST_WORDS, 0, -1):
        yield from _named(" ".join(words[:count]))


def _named(word: str) -> Iterator[RobotCommand]:
    found = find_command(word)
    if found:
        yield found


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
