"""Lists by cursor: rows that come or go between two pages move nothing, and a cursor names its order."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, SQLModel

from pages.api.problems import refuse_fields
from pages.api.schemas import Id, Listing, Moment

NEWEST: Literal["-id"] = "-id"
_ID: TypeAdapter[int] = TypeAdapter(Id)
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def piece(
    session: Session, query: Any, model: type[SQLModel], listing: Listing, sort: str = NEWEST
) -> tuple[Sequence[Any], str | None]:
    """The rows of one page and the cursor of the next. `sort` comes from the allow-list of the list's own query model."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    column, number = getattr(model, name), model.id  # type: ignore[attr-defined]
    if listing.cursor:
        value, last = read(listing.cursor, sort)
        after = (
            (column < value) | ((column == value) & (number < last))
            if down
            else (column > value) | ((column == value) & (number > last))
        )
        query = query.where(after)
    order = (column.desc(), number.desc()) if down else (column.asc(), number.asc())
    rows = session.exec(query.order_by(*order).limit(listing.limit + 1)).all()
    if len(rows) <= listing.limit:
        return rows, None
    noun: Any = rows[listing.limit - 1]
    noun = noun if isinstance(noun, model) else noun[0]
    return rows[: listing.limit], write(sort, getattr(noun, name), noun.id)


def like(query: Any, model: type[SQLModel], given: Listing, *names: str) -> Any:
    """The query with those filters that were given; `names` is the allow-list."""
    for name in names:
        if (value := getattr(given, name)) is not None:
            query = query.where(getattr(model, name) == value)
    return query


def between(query: Any, column: Any, since: datetime | None, before: datetime | None) -> Any:
    """The query from one moment (with it) to another (without it), as far as they were given."""
    query = query.where(column >= since) if since else query
    return query.where(column < before) if before else query


def write(sort: str, value: int | datetime, row_id: int) -> str:
    """A place in a list, as text for an address."""
    plain = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([sort, plain, row_id]).encode()).decode().rstrip("=")


def read(cursor: str, sort: str) -> tuple[int | datetime, int]:
    """The place that a cursor names; 422 when it is not one of ours or belongs to another order."""
    try:
        kind, value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place: int | datetime = (
            _MOMENT.validate_python(datetime.fromisoformat(value))
            if isinstance(value, str)
            else _ID.validate_python(value, strict=True)
        )
        last = _ID.validate_python(row_id, strict=True)
    except (ValueError, TypeError, RecursionError, binascii.Error, ValidationError):
        refuse_fields({"cursor": "这不是我们给的 cursor，请从第一页重新开始"})
    if kind != sort or isinstance(place, datetime) != sort.endswith("_at"):
        refuse_fields({"cursor": "这个 cursor 属于另一种排序，请从第一页重新开始"})
    return place, last
