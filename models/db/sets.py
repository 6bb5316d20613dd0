"""Sets of customers (or of groups): their dense integer ids as a Roaring bitmap, and the column that stores one.

A set is a value: it does not change, and a changed one is assigned anew. It is compared, iterated in the order
of its ids and sliced like a tuple; `|`, `&` and `-` are its algebra. 2,000,000 customers fit in 250 KB.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import InstanceOf
from pyroaring import BitMap, FrozenBitMap
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

IdSet = InstanceOf[FrozenBitMap]
NOBODY = FrozenBitMap()


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
