"""The text of a file, whatever program saved it and in whatever encoding."""

import codecs
import re

from charset_normalizer import CharsetMatch, from_bytes

from models.errors import Refused
from models.sentences import Sentence

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CHINESE = ("gb18030", "big5hkscs")
"""What spreadsheet programs save in China, in Taiwan and in Hong Kong; the first one where both fit"""
SPOILT = re.compile("[\udc80-\udcff]")
"""A byte that belongs to no character: it spoils its cell, and no other"""
DOS_END = "\x1a"
"""Some old programs still end a text with it"""
MOST_SPOILT = 20
"""So many sound letters for each spoilt byte make a file with a bad place; fewer make another encoding"""


def decoded(content: bytes) -> str:
    """The text, with each byte that is no part of it kept as SPOILT."""
    mark, encoding = next((one for one in MARKS if content.startswith(one[0])), (b"", ""))
    body = content[len(mark) :]
    if not encoding and b"\0" in body:
        encoding = _judged(body, "utf_16_le", "utf_16_be")
    text = body.decode(encoding or "utf-8", "surrogateescape" if encoding in ("", "utf-8") else "replace")
    if mark in (b"", codecs.BOM_UTF8) and _sound(text) < len(SPOILT.findall(text)):
        text = body.decode(_judged(body, *CHINESE), "surrogateescape")
    if "\0" in text or (b"\0" in body and not re.search("[,;\t\r\n]", text)):
        raise _unknown()
    return text.lstrip("\ufeff").rstrip(DOS_END)


def _judged(body: bytes, *encodings: str) -> str:
    """Which of these it is."""
    found: list[CharsetMatch] = list(from_bytes(body, cp_isolation=list(encodings)))
    if found:
        best = min(found, key=lambda one: (one.chaos, encodings.index(one.encoding)))
        return best.encoding
    for encoding in CHINESE if encodings == CHINESE else ():
        text = body.decode(encoding, "surrogateescape")
        if len(SPOILT.findall(text)) * MOST_SPOILT <= _sound(text):
            return encoding
    raise _unknown()


def _sound(text: str) -> int:
    return len(re.findall("[^\\0-\x7f\ud800-\udfff]", text))


def _unknown() -> Refused:
    return Refused(Sentence("文件的编码认不出来。请另存为「CSV UTF-8」再导入"))
