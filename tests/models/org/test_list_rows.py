"""What a row belongs to: a code first, else the one name; never a guess."""

import pytest

from models.org.cells import BadCell
from models.org.list_rows import NOUNS, Above

STORES = Above({"s1": 1, "s2": 2, "一店": 3}, {"一店": [1], "二店": [2, 3], "沈阳(中街)店": [1]})


def guide(store):
    row = {"userid": "wang", "name": "王芳", "store": store}
    return NOUNS["guides"].cells(row, True, STORES)["store_id"]


@pytest.mark.parametrize(("cell", "number"), [("s1", 1), ("S2", 2), ("一店", 3), ("沈阳（中街）店", 1)])
def test_a_code_goes_before_a_name(cell, number):
    assert guide(cell) == number


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("二店", "有 2 个门店都叫「二店」，请写编号"),
        ("s1、s2", "「s1、s2」是 2 个门店，这里只能写一个"),
        ("s1/s2", "是 2 个门店"),
        ("s3", "没有编号是「s3」的门店，请先导入门店"),
        ("", "这一格不能空着"),
    ],
)
def test_what_is_not_one_place_says_why(cell, words):
    with pytest.raises(BadCell, match=words):
        guide(cell)


@pytest.mark.parametrize(("cell", "closed"), [("撤店", True), ("是", True), ("否", False), ("", None)])
def test_a_list_of_stores_says_which_are_no_more(cell, closed):
    row = {"code": "s1", "name": "一店", "branch": "", "closed": cell}
    assert NOUNS["stores"].cells(row, False, STORES)["closed"] is closed
