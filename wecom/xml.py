"""XML behind a verified signature: whatever shape it has is read, but doctypes and entities are refused.

The platform's own events hold elements twice, characters that XML forbids, blanks in front, declarations that lie.
"""

import re
from typing import Any
from xml.parsers import expat

from wecom.errors import BadCallback

MOST_BYTES = 256 * 1024
MOST_ELEMENTS = 20_000
MOST_DEPTH = 12
MOST_NAMES, MOST_ATTRIBUTES = 500, 100
"""Different elements inside one, and attributes of one, which nothing of the platform's has"""

_IN_FRONT = re.compile(r"[\s\ufeff\0]*(?:<\?xml\b[^>]{0,200}\?>)?[\s\0]*")
"""A declaration is not believed: the envelope holds UTF-8, whatever stands there."""
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)"
    r"|&#(?:x(?P<hex>[0-9A-Fa-f]+)|(?P<number>[0-9]+));"
    r"|&(?![A-Za-z_][\w.-]{0,63};|#x[0-9A-Fa-f]+;|#[0-9]+;)"
    r"|]]>|<(?=[\s\d<=]|$)",
    re.S,
)
"""CDATA, where nothing is a reference; a character by its number; an ampersand or a bracket that is only itself."""
_ITSELF = {"&": "&amp;", "<": "&lt;", "]]>": "]]&gt;"}


def read_xml(text: str) -> dict[str, Any]:
    """The document as dicts of stripped strings; elements that stand there several times become lists, empty ones "".

    What XML forbids is taken out, once the parser has stumbled over it: the usual event costs nothing.
    """
    text = text[_IN_FRONT.match(text).end() :]  # type: ignore[union-attr]
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise BadCallback("malformed", "内容太长")
    try:
        root = _parsed(text)
    except (expat.ExpatError, UnicodeEncodeError):
        root = _mended(text)
    if not isinstance(root, dict):
        raise BadCallback("malformed", "XML 里没有内容")
    return root


def _mended(text: str) -> Any:
    allowed = _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text)).strip("\ufeff \t\r\n")
    try:
        return _parsed(allowed)
    except expat.ExpatError:
        raise BadCallback("malformed", "内容不是完整的 XML") from None


def _allowed(found: re.Match[str]) -> str:
    """A reference as it may stand: to a character that XML knows, or none."""
    hexadecimal, number = found["hex"], found["number"]
    if hexadecimal is None and number is None:
        return _ITSELF.get(found[0], found[0])
    digits = (hexadecimal or number).lstrip("0")
    code = int(digits or "0", 16 if hexadecimal else 10) if len(digits) < 8 else 0
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else found[0]


def _parsed(text: str) -> Any:
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.Parse(text.encode("utf-8"), True)
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._seen = 0

    def doctype(self, *_: Any) -> None:
        raise BadCallback("malformed", "XML 带有 DOCTYPE")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._seen += 1
        deep = len(self._open) >= MOST_DEPTH or len(attributes) > MOST_ATTRIBUTES
        if deep or self._seen > MOST_ELEMENTS or (self._open and len(self._open[-1][1]) >= MOST_NAMES):
            raise BadCallback("malformed", "XML 太深或太大")
        self._open.append((name, {}, []))

    def characters(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, name: str) -> None:
        _, children, texts = self._open.pop()
        value: Any = children or "".join(texts).strip()
        if not self._open:
            self.root = value
            return
        parent = self._open[-1][1]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]
