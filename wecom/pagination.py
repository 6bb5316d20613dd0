"""Lists that the platform gives in pages: read to their end, or known not to be whole."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from wecom.sentences import Sentence

MOST_PAGES = 200


class Answering(Protocol):
    """A client, or who stands before one."""

    def call(self, api: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]: ...


class Incomplete(Exception):
    """A list did not end. What was read until then is true; what it lacks proves nothing."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def rows(client: Answering, api: str, asked: Mapping[str, Any], field: str) -> Iterator[Any]:
    """Every row, page after page. A cursor that comes again would never end: then the list is Incomplete (B12)."""
    cursor, seen = "", set[str]()
    for _ in range(MOST_PAGES):
        page = client.call(api, {**asked, "cursor": cursor} if cursor else asked)
        yield from page.get(field) or []
        cursor = str(page.get("next_cursor") or "")
        if not cursor:
            return
        if cursor in seen:
            raise Incomplete(Sentence("平台的翻页在原地打转"))
        seen.add(cursor)
    raise Incomplete(Sentence("超过 {pages} 页，没有读完", pages=MOST_PAGES))
