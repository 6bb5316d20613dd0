"""Sets of customers (or of groups): their dense integer ids as a Roaring bitmap, and the column that stores one.

A set is a value: it does not change, and a changed one is assigned anew. It is compared, iterated in the order
of its ids and sliced like a tuple; `|`, `&` and `-` are its algebra. 2,000,000 customers fit in 250 KB.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import InstanceOf
from pyroaring import BitMap, FrozenBitMap
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Dialect,
    LargeBinary,
    Text,
    any_,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session

IdSet = InstanceOf[FrozenBitMap]
NOBODY = FrozenBitMap()
BETWEEN = "\x1f"
"""Stands between texts that the database writes as one"""


class IdSetColumn(TypeDecorator[FrozenBitMap]):
    """Bytes in Roaring's own portable format, which other languages read as well."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: FrozenBitMap | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.serialize()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> FrozenBitMap | None:
        return None if value is None else FrozenBitMap.deserialize(value)


def union(sets: Iterable[FrozenBitMap]) -> FrozenBitMap:
    """Everybody who is in one of them, however many there are."""
    whole = BitMap()
    for one in sets:
        whole |= one
    return FrozenBitMap(whole)


def set_field() -> Any:
    """A field of a row that holds a set; nobody is in it at first."""
    return Field(default=NOBODY, sa_type=IdSetColumn, nullable=False)


def at_least(sets: Iterable[FrozenBitMap], most: int) -> list[FrozenBitMap]:
    """Who is in one of the sets, in two of them … in `most` of them, however many sets there are.

    Each set lifts whoever was in so many before by one step. It saturates, so nothing can overflow.
    """
    steps = [BitMap() for _ in range(most)]
    for one in sets:
        for number in range(most - 1, 0, -1):
            steps[number] |= steps[number - 1] & one
        steps[:1] = [step | one for step in steps[:1]]
    return [FrozenBitMap(step) for step in steps]


def grouped(session: Session, members: Any, keys: Sequence[Any], *conditions: Any) -> dict[Any, FrozenBitMap]:
    """The key of a row (a tuple where it is several columns) → the set of its members.

    The database writes each set as one text: a row per member would take three times as long to read.
    """
    joined = (
        func.group_concat(members)
        if session.get_bind().dialect.name == "sqlite"
        else func.string_agg(cast(members, Text), literal(",", literal_execute=True))
    )
    rows = session.execute(select(*keys, joined).where(*conditions).group_by(*keys))
    return {
        (key[0] if len(key) == 1 else tuple(key)): FrozenBitMap(list(map(int, text.split(","))))
        for *key, text in rows
    }


def among(session: Session, number: Any, members: FrozenBitMap) -> ColumnElement[bool]:
    """Is a row's number in the set? The set travels as one value, however many are in it."""
    everybody = list(members)
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(json.dumps(everybody)).table_valued("value")
        within: ColumnElement[bool] = number.in_(select(listed.c.value))
        return within
    one_of: ColumnElement[bool] = number == any_(literal(everybody, ARRAY(BigInteger)))
    return one_of


def texts(
    session: Session, number: Any, text: Any, *conditions: ColumnElement[bool]
) -> Iterable[tuple[int, str]]:
    """The number of each row and its text, which holds no control characters; in no order.

    The database writes all of them as two texts, which is read in a fifth of the time that a row for each would take.
    """
    written = (
        (func.group_concat(number), func.group_concat(text, BETWEEN))
        if session.get_bind().dialect.name == "sqlite"
        else (func.string_agg(cast(number, Text), literal(",")), func.string_agg(text, literal(BETWEEN)))
    )
    numbers, found = session.execute(select(*written).where(*conditions)).one()
    return zip(map(int, numbers.split(",")), found.split(BETWEEN), strict=True) if numbers else ()


def ids(session: Session, query: Any) -> FrozenBitMap:
    """What a query of one column of ids finds."""
    return FrozenBitMap(session.execute(query).scalars().all())
