"""What changed between two versions of a plan: which fields, and where in a text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from models.campaigns.fields import FIELDS

WORD = re.compile(r"\{[^{}]*\}|[A-Za-z0-9]+(?:[.,:][0-9]+)*|.", re.DOTALL)
"""A name in braces, a Latin word or a number with its point is one word; of Chinese each sign is"""
ISLAND = 1
"""So few equal words between two changes read better as part of them."""


class Side(StrEnum):
    """Where a piece of a text stands."""

    BOTH = "both"
    OLD = "old"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    text: str
    side: Side


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The fields that differ, in the order of the form. What one version did not know counts as empty."""
    known = [*FIELDS, *(name for name in new if name not in FIELDS)]
    differing = [name for name in known if (old.get(name) or "") != (new.get(name) or "")]
    return [name for name in differing if _means_something(name, old) or _means_something(name, new)]


def _means_something(name: str, version: Mapping[str, Any]) -> bool:
    """A share of customers who get a second text says nothing where there is none."""
    return name != "second_percent" or bool(version.get("second_text"))


def untouched(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The fields that say something and say the same."""
    different = changed(old, new)
    said = (name for name in FIELDS if new.get(name) and _means_something(name, new))
    return [name for name in said if name not in different]


def pieces(old: str, new: str) -> list[Piece]:
    """Both texts in one, word by word: what stayed, what went, what came."""
    before, after = WORD.findall(old), WORD.findall(new)
    found: list[Piece] = []
    for kind, a, b, c, d in _merged(SequenceMatcher(None, before, after, autojunk=False).get_opcodes()):
        if kind == "equal":
            found.append(Piece("".join(before[a:b]), Side.BOTH))
            continue
        found += [Piece("".join(before[a:b]), Side.OLD), Piece("".join(after[c:d]), Side.NEW)]
    return [one for one in found if one.text]


Step = tuple[str, int, int, int, int]


def _merged(steps: Iterable[Step]) -> list[Step]:
    """Changes with an island between them as one change."""
    made: list[Step] = []
    for kind, a, b, c, d in steps:
        last = made[-1] if made else None
        if kind == "equal" and b - a <= ISLAND and last and last[0] != "equal":
            made.append(("island", a, b, c, d))
        elif kind != "equal" and len(made) > 1 and last and last[0] == "island":
            made.pop()
            begin = made.pop()
            made.append(("replace", begin[1], b, begin[3], d))
        elif kind != "equal" and last and last[0] not in ("equal", "island"):
            made[-1] = ("replace", last[1], b, last[3], d)
        else:
            made.append((kind, a, b, c, d))
    return [("equal" if kind == "island" else kind, *rest) for kind, *rest in made]  # type: ignore[misc]
