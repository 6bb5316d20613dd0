"""Sets of ids: what goes into a column comes out equal, and a set answers like Python's own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update

from models.db.sets import NOBODY, FrozenBitMap, IdSetColumn, at_least, grouped

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


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(0, 40)), max_size=12), st.integers(1, 5))
def test_who_is_in_at_least_so_many_sets_is_counted_by_lifting(sets, most):
    steps = at_least((FrozenBitMap(one) for one in sets), most)
    for number, step in enumerate(steps, 1):
        assert set(step) == {who for who in range(41) if sum(who in one for one in sets) >= number}


def test_rows_are_read_as_sets_by_their_keys(kept):
    with kept.write() as session:
        for number in range(1, 8):
            session.execute(insert(TABLE), {"id": number, "members": NOBODY})
        odd = TABLE.c.id % 2
        found = grouped(session, TABLE.c.id, [odd], TABLE.c.id > 1)
        both = grouped(session, TABLE.c.id, [odd, TABLE.c.id > 4], TABLE.c.id > 1)
    assert found == {0: FrozenBitMap([2, 4, 6]), 1: FrozenBitMap([3, 5, 7])}
    assert both[1, True] == FrozenBitMap([5, 7]) and len(both) == 4
