"""Sentences of several parts, and those of the platform's limits."""

from collections.abc import Iterable
from functools import reduce
from typing import Literal, cast

from wecom.limits import Violation
from wecom.sentences import Sentence

__all__ = ["Sentence", "first_of", "of_platform", "together"]


def of_platform(violation: Violation) -> Sentence:
    """What the platform would refuse; the labels among its values have translations of their own."""
    return Sentence(violation.text, **{name: Sentence(value) for name, value in violation.values.items()})


BETWEEN = {mark: "{first}" + mark + "{second}" for mark in ("；", "，", "。", "：", "、", "")}
"""How two sentences become one"""


def together(sentences: Iterable[str], mark: Literal["；", "，", "。", "：", "、", ""] = "；") -> str:
    """Several sentences as one, without those that say nothing."""
    said = [one for one in sentences if one]
    between = BETWEEN[mark]
    return reduce(lambda first, second: Sentence(between, first=first, second=second), said) if said else ""


def first_of(sentence: str) -> str:
    """The first of several that became one."""
    return parts_of(sentence)[0]


def parts_of(sentence: str) -> list[str]:
    """Those that became one; of a single one itself."""
    if not isinstance(sentence, Sentence) or sentence.text not in BETWEEN.values():
        return [sentence]
    return [part for one in sentence.values.values() for part in parts_of(cast(str, one))]
