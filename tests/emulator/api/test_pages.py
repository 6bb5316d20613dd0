"""Cursors: a list is walked once from end to end, and only with cursors that we gave out."""

import pytest

from emulator.api.pages import cursor_at, page, position_of
from emulator.errors import Refusal

ROWS = [{"born": n // 3, "id": f"r{n}"} for n in range(10)]


def rows_after(position: list | None, count: int) -> list[dict]:
    return [row for row in ROWS if position is None or [row["born"], row["id"]] > position][:count]


@pytest.mark.parametrize("size", [1, 3, 10, 99])
def test_pages_of_any_size_hold_every_row_once(size):
    walked, cursor = [], ""
    while True:
        found, cursor = page(rows_after(position_of(cursor, 2), size + 1), size, "born", "id")
        assert len(found) <= size
        walked += found
        if not cursor:
            break
    assert walked == ROWS


@pytest.mark.parametrize("cursor", ["!!", "e30", cursor_at(1), cursor_at(1, 2, 3), "eyI"])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor):
    with pytest.raises(Refusal) as refused:
        position_of(cursor, 2)
    assert refused.value.errcode == 50100
