"""What we say to people: a sentence with its values apart, so that it can be said again in another language."""

from collections.abc import Iterable
from functools import reduce

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


def listed(sentences: Iterable[str]) -> str:
    """Several sentences as one: 甲；乙."""
    return reduce(lambda first, second: Sentence("{first}；{second}", first=first, second=second), sentences)


def after(first: str, second: str) -> Sentence:
    """One sentence behind another that has its own full stop."""
    return Sentence("{first}{second}", first=first, second=second)
