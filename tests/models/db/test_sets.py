"""Sets of ids: what goes into a column comes out equal, and a set answers like Python's own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update

from models.db.sets import NOBODY, FrozenBitMap, IdSetColumn

ids = st.sets(st.integers(0, 2**32 - 1)) | st.integers(0, 9_000).map(lambda many: set(range(many)))
TABLE = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("members", IdSetColumn, nullable=False),
)


@pytest.fixture
def kept(database):
    with database.write() as session:
        TABLE.create(session.connection())
    return database


@pytest.mark.parametrize(
    "members", [(), (0,), (2**32 - 1,), range(3, 2_000_000, 3), range(70_000)], ids=lambda one: str(one)[:20]
)
def test_a_set_comes_back_from_the_database_as_it_went_in(kept, members):
    with kept.write() as session:
        session.execute(insert(TABLE), {"id": 1, "members": FrozenBitMap(members)})
    with kept.read() as session:
        back = session.execute(select(TABLE.c.members)).scalar_one()
    assert back == FrozenBitMap(members) and list(back) == list(members)


def test_a_changed_set_is_another_value_and_replaces_the_first(kept):
    first = FrozenBitMap([1, 2])
    second = first | FrozenBitMap([3])
    with kept.write() as session:
        session.execute(insert(TABLE), {"id": 1, "members": first})
        session.execute(update(TABLE).values(members=second))
        assert session.execute(select(TABLE.c.members)).scalar_one() == second
    assert list(first) == [1, 2] and not hasattr(first, "add")


def test_half_of_the_customers_of_a_large_chain_take_a_quarter_of_a_megabyte():
    assert len(FrozenBitMap(range(0, 2_000_000, 2)).serialize()) < 260_000


@settings(deadline=None)
@given(ids, ids)
def test_the_algebra_is_that_of_sets(one, other):
    a, b = FrozenBitMap(one), FrozenBitMap(other)
    assert (set(a | b), set(a & b), set(a - b)) == (one | other, one & other, one - other)
    assert (a <= b, a == b, bool(a)) == (one <= other, one == other, bool(one))
    assert list(a) == sorted(one) and len(a) == len(one)
    assert a - a == NOBODY


@settings(deadline=None)
@given(ids, st.integers(50, 10_000))
def test_its_pieces_hold_everybody_once_in_the_order_of_their_ids(one, size):
    whole = FrozenBitMap(one)
    pieces = [whole[first : first + size] for first in range(0, len(whole), size)]
    assert [member for piece in pieces for member in piece] == sorted(one)
    assert FrozenBitMap.deserialize(whole.serialize())[:size] == whole[:size]


def test_what_is_no_set_is_not_read_as_one():
    with pytest.raises(ValueError, match="deserialize"):
        FrozenBitMap.deserialize(b"not a bitmap")
