"""What we say to people: a sentence with its values apart, so that it can be said again in another language."""

from collections.abc import Iterable
from functools import reduce
from typing import Literal

from wecom.limits import Violation


class Sentence(str):
    """Words for people, in Chinese. A page in another language translates `text` and fills `values` in again."""

    text: str
    values: dict[str, object]

    def __new__(cls, text: str, /, **values: object) -> "Sentence":
        made = super().__new__(cls, text.format(**values) if values else text)
        made.text, made.values = text, values
        return made


def of_platform(violation: Violation) -> Sentence:
    """What the platform would refuse; the labels among its values have translations of their own."""
    return Sentence(violation.text, **{name: Sentence(value) for name, value in violation.values.items()})


BETWEEN = {mark: "{first}" + mark + "{second}" for mark in ("；", "，", "。", "：", "")}
"""How two sentences become one"""


def together(sentences: Iterable[str], mark: Literal["；", "，", "。", "：", ""] = "；") -> str:
    """Several sentences as one, without those that say nothing."""
    said = [one for one in sentences if one]
    between = BETWEEN[mark]
    return reduce(lambda first, second: Sentence(between, first=first, second=second), said) if said else ""


def first_of(sentence: str) -> str:
    """The first of several that became one."""
    while isinstance(sentence, Sentence) and isinstance(first := sentence.values.get("first"), str):
        sentence = first
    return sentence
