"""A rule of the brand or of the plan said no; the words are shown to whoever asked."""

from collections.abc import Mapping
from functools import reduce

from wecom.limits import Violation


class Complaint(str):
    """Why something cannot stay so, in Chinese. A page in another language translates `text` and fills it in again."""

    text: str
    values: dict[str, object]

    def __new__(cls, text: str, /, **values: object) -> "Complaint":
        made = super().__new__(cls, text.format(**values) if values else text)
        made.text, made.values = text, values
        return made


def of_platform(violation: Violation) -> Complaint:
    """What the platform would refuse; the labels among its values have translations of their own."""
    return Complaint(violation.text, **{name: Complaint(value) for name, value in violation.values.items()})


class Refused(Exception):
    """Nothing was changed, and the words say why and what to do instead; `faults` says it by field, where it has some."""

    def __init__(self, words: str = "", faults: Mapping[str, str] | None = None) -> None:
        self.faults = dict(faults or {})
        self.words = words or (reduce(_and, dict.fromkeys(self.faults.values())) if self.faults else "")
        super().__init__(self.words)


def _and(first: str, second: str) -> Complaint:
    return Complaint("{first}；{second}", first=first, second=second)


def refuse_faults(faults: Mapping[str, str]) -> None:
    """Refused with every fault by its field, if there are any."""
    if faults:
        raise Refused(faults=faults)
