"""XML as it comes in, without doctypes, entities, attributes or surprises."""

from typing import Any
from xml.parsers import expat

from wecom.errors import BadCallback

MOST_BYTES = 256 * 1024
MOST_ELEMENTS = 20_000
MOST_DEPTH = 12


def read_xml(text: str) -> dict[str, Any]:
    """The document as dicts of stripped strings; elements that stand there several times become lists, empty ones ""."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        content = text.encode("utf-8")
        if len(content) > MOST_BYTES:
            raise BadCallback("malformed", "内容太长")
        parser.Parse(content, True)
    except (expat.ExpatError, UnicodeEncodeError):
        raise BadCallback("malformed", "内容不是完整的 XML") from None
    if not isinstance(reader.root, dict):
        raise BadCallback("malformed", "XML 里没有内容")
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._seen = 0

    def doctype(self, *_: Any) -> None:
        raise BadCallback("malformed", "XML 带有 DOCTYPE")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
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
        elif len(self._open) == 1:
            raise BadCallback("malformed", f"XML 里 {name} 重复了")
        else:  # inside a part of an event that we may not know: all are kept
            if not isinstance(parent[name], list):
                parent[name] = [parent[name]]
            parent[name].append(value)
