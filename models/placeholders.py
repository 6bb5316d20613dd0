"""Places in a text where names are put, {门店名} for one: filling them, and telling what in braces nothing is put into."""

import re
from collections.abc import Collection, Mapping

from models.sentences import Sentence

BRACES = re.compile(r"\{+[^{}]*\}+|[{}]")
"""Something in braces, or a brace that stands alone"""
WIDE_BRACES = re.compile(r"｛[^｛｝]*｝")
"""Something in the braces of a Chinese keyboard, which may be meant as it is written"""
_INTRODUCED = re.compile(r"(?<=[的是叫])\{导购名\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values where {their name} stands; whatever else is in braces stays as it was written."""
    if not values:
        return text
    names = "|".join(re.escape(name) for name in values)
    return re.sub(r"\{(" + names + r")\}", lambda found: values[found.group(1)], text)


def complaint(text: str, names: Collection[str] = ()) -> Sentence | None:
    """What would reach people with its braces, since only {these names} are replaced here; None when nothing would."""
    known = {f"{{{name}}}" for name in names}
    strange = [one for one in BRACES.findall(text) if one not in known]
    strange += [one for one in WIDE_BRACES.findall(text) if one[1:-1].strip() in names]
    if not strange:
        return None
    mark = strange[0]
    if len(mark) == 1:
        return Sentence("有一个单独的「{mark}」，会原样发出去。请补全或删掉", mark=mark)
    if not names:
        return Sentence("「{mark}」在这里不会换成别的，会原样发出去。请改成要说的字", mark=mark)
    return Sentence(
        "「{mark}」不会换成别的，会原样发出去。这里能写的是 {names}",
        mark=mark,
        names="、".join(sorted(known)),
    )


def nameless(text: str) -> str:
    """The text of a guide whose name nobody told us, where it introduces her."""
    return _INTRODUCED.sub("导购", text)
