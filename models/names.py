"""Names of people and groups as the platform brings them: one line, without what cannot be seen or turns text around."""

import re

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Not the joiners, which make one picture out of several."""


def plain_name(text: str, most: int) -> str:
    """A name as it is kept, cut to its column."""
    return " ".join(_UNSEEN.sub("", _BREAKS.sub(" ", text)).split())[:most].rstrip()
