"""Names and texts: without what cannot be seen, and what turns text around. The platform's are mended, people's refused."""

import re

from models.sentences import Sentence

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Not the joiners, which make one picture out of several."""
_NOT_IN_TEXTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Everything of these but tab and line break, and what only does no harm"""


_LEFT_OVER = re.compile("\ufffd|(?<=\\w)[\u200c\u200d]")
"""What stands for a spoilt letter, and joiners that join nothing"""


def plain_name(text: str, most: int) -> str:
    """A name of the platform as it is kept, cut to its column."""
    return " ".join(_LEFT_OVER.sub("", _UNSEEN.sub("", _BREAKS.sub(" ", text))).split())[:most].rstrip()


def line_fault(text: str) -> str:
    """Why this cannot be a name or another single line that somebody wrote; empty when it can."""
    found = _BREAKS.search(text) or _UNSEEN.search(text)
    return Sentence("里面有换行或看不见的字符") if found else ""


def text_fault(text: str) -> str:
    """Why this cannot be a text of several lines; empty when it can."""
    return Sentence("里面有看不见的字符") if _NOT_IN_TEXTS.search(text) else ""
