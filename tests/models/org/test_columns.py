"""Headings as people write them, wherever they stand."""

import pytest

from models.errors import Refused
from models.org import columns


@pytest.mark.parametrize(
    "heading",
    [
        "门店编号", "*门店编号", "＊门店编号", "门店编号*", "门店编号（必填）", "门店编号(如 S001)", "【必填】门店编号",
        "门店 编号", "门店\n编号", "门店编号：", "\u200b门店编号\xa0", "門店編號", "Store Code", "store_code", "STORE-CODE",
        "code (required)", "门店编号必填项",
    ],
)  # fmt: skip
def test_decorated_headings_are_known(heading):
    assert columns.meanings("stores", [heading]) == {0: "code"}


@pytest.mark.parametrize("heading", ["", None, "备注", "必填", "()", "门店编号2", 7])
def test_another_heading_is_not(heading):
    assert columns.meanings("stores", [heading]) == {}


@pytest.mark.parametrize("noun", columns.SPELLINGS)
def test_each_spelling_means_one_column_of_its_list(noun):
    spelled = [columns.fold(one) for names in columns.SPELLINGS[noun].values() for one in names]
    less = [columns.fold(one) for names in columns.SECOND_BEST.get(noun, {}).values() for one in names]
    assert len(spelled + less) == len({*spelled, *less})
    assert columns.KEYS[noun] in columns.SPELLINGS[noun]


def test_a_name_stands_for_the_code_only_where_no_code_does():
    assert columns.meanings("guides", ["门店", "姓名"]) == {0: "store", 1: "name"}
    assert columns.meanings("guides", ["门店", "姓名", "门店编号"]) == {1: "name", 2: "store"}


def test_headings_are_found_below_titles_and_what_they_do_not_know_is_told():
    grid = [
        (1, ["霁野", ""]),
        (3, ["门店", ""]),
        (5, ["门店编号", "门店名称", "备注", ""]),
        (8, ["s1", "一店", "x"]),
    ]
    sheet = columns.of_grid("stores", grid, shifts=False)
    assert (sheet.heading_row, sheet.unused) == (5, ["备注"])
    assert sheet.headings == {"code": "门店编号", "name": "门店名称"}
    assert [(line.number, line.cells) for line in sheet.lines] == [(8, {"code": "s1", "name": "一店"})]


def test_cells_beside_the_headings_of_a_workbook_are_somebodys_notes():
    grid = [(1, ["门店编号", "门店名称", None]), (2, ["s1", "一店", "问一下店长"])]
    assert [line.number for line in columns.of_grid("stores", grid, shifts=False).lines] == [2]
    assert [error.row for error in columns.of_grid("stores", grid, shifts=True).errors] == [2]


@pytest.mark.parametrize(
    "first", ["合计", "总计：", "小计 3 家", "合计（3家）", "本页合计", "Total", "Grand Total:", "SUM"]
)
def test_sums_are_skipped(first):
    grid = [(1, ["编号", "名称"]), (2, ["a", "甲"]), (3, ["", first]), (4, [first, "2"])]
    assert [one.row for one in columns.of_grid("branches", grid, shifts=True).skipped] == [3, 4]


@pytest.mark.parametrize("code", ["sum01", "total-1", "合计门", "总部", "小计算机店"])
def test_a_code_that_only_begins_like_a_sum_is_one(code):
    grid = [(1, ["编号", "名称"]), (2, [code, "甲"])]
    assert len(columns.of_grid("branches", grid, shifts=True).lines) == 1


def test_a_list_that_says_whose_rows_they_are_twice_or_not_at_all_is_refused():
    with pytest.raises(Refused, match="「编号」和「门店编号」是同一列"):
        columns.of_grid("stores", [(1, ["编号", "门店编号"]), (2, ["a", "b"])], shifts=True)
    with pytest.raises(Refused, match="没有「门店编号」这一列.*地址"):
        columns.of_grid("stores", [(1, ["地址", "\udc80"]), (2, ["a", "b"])], shifts=True)
