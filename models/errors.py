"""A rule of the brand or of the plan said no; the words are shown to whoever asked."""

from collections.abc import Mapping

from models.sentences import together


class Refused(Exception):
    """Nothing was changed, and the words say why and what to do instead; `faults` says it by field, where it has some."""

    def __init__(self, words: str = "", faults: Mapping[str, str] | None = None) -> None:
        self.faults = dict(faults or {})
        self.words = words or (together(dict.fromkeys(self.faults.values())))
        super().__init__(self.words)

    def beside(self, *fields: str) -> dict[str, str]:
        """What a page says beside these fields, which are all that it has; under "" what is about none of them."""
        here = {name: words for name, words in self.faults.items() if name in fields}
        rest = dict.fromkeys(words for name, words in self.faults.items() if name not in fields)
        above = together(rest) if rest else "" if here else self.words
        return {**here, "": above} if above else here


def refuse_faults(faults: Mapping[str, str]) -> None:
    """Refused with every fault by its field, if there are any."""
    if faults:
        raise Refused(faults=faults)
