"""Cursors: opaque words that say where the next page begins."""

import base64
import binascii
import json
from typing import Any

from ..errors import Refusal


def cursor_at(*position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def position_of(cursor: str | None, parts: int = 1) -> list[Any] | None:
    """Where the page begins; None for the first page. A cursor that we did not give out is refused."""
    if not cursor:
        return None
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Refusal(50100, "cursor") from error
    if not isinstance(position, list) or len(position) != parts:
        raise Refusal(50100, "cursor")
    return position


def page(rows: list[dict[str, Any]], size: int, *names: str) -> tuple[list[dict[str, Any]], str]:
    """Cuts one page from rows that were asked for one too many; the cursor names the last row's keys."""
    if len(rows) <= size:
        return rows, ""
    return rows[:size], cursor_at(*(rows[size - 1][name] for name in names))
