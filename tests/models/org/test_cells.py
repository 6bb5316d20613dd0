"""One cell: what is typed around it is taken off, what is damaged is refused."""

from datetime import date

import pytest

from models.org.cells import BadCell, place, text, whole, yes_or_no


@pytest.mark.parametrize(
    ("cell", "key", "name"),
    [
        (" s1 ", "s1", "s1"),
        ("ｓ１", "s1", "ｓ１"),
        ("s\u200b1\u2060", "s1", "s1"),
        ('="0082"', "0082", "0082"),
        ("'0083", "0083", "0083"),
        ("9001.0", "9001", "9001.0"),
        (9001.0, "9001", "9001"),
        (9001, "9001", "9001"),
        (12345678901234567, "12345678901234567", "12345678901234567"),
        ("1.5", "1.5", "1.5"),
        ("v1.0", "v1.0", "v1.0"),
        ("NULL", "", ""),
        ("#N/A", "", ""),
        ("—", "", ""),
        (None, "", ""),
        (float("nan"), "", ""),
        ("'s1'", "s1", "s1"),
        ("王\u200d芳", "王芳", "王芳"),
        ("👩\u200d👧", "👩👧", "👩\u200d👧"),
        ("暂无", "", ""),
        ("Café", "Café", "Café"),
        ("-1 层店", "-1 层店", "-1 层店"),
        ("李娜", "李娜", "李娜"),
    ],
)
def test_a_cell_is_what_was_typed(cell, key, name):
    assert text({"code": cell}, "code", 64) == key
    assert text({"name": cell}, "name", 64) == name


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("=1+1", "公式"),
        ("=SUM(A1:A3)", "公式"),
        ("@SUM(1)", "公式"),
        ('="00"&"82"', "公式"),
        ("-2+3+cmd|' /C calc'!A0", "公式"),
        ("＋SUM（1）", "公式"),
        ("#REF!", "公式算错了（#REF!）"),
        ("??", "乱码"),
        ("########", "乱码"),
        ("大连店".encode().decode("gb18030", "replace"), "乱码"),
        ("鐢插簵", "乱码"),
        ("æ–°åº—", "乱码"),
        ("沈\ufffd店", "乱码"),
        ("锟斤拷", "乱码"),
        ("沈\udcc9", "乱码"),
        ("????", "乱码"),
        ("店\ue5e5", "看不见"),
        ("店\n名", "换行"),
        ("店\ud800", "看不见"),
        (date(2026, 3, 1), "日期"),
        (True, "文字"),
        ("名" * 65, "最多 64 个字"),
    ],
)
def test_a_damaged_cell_is_refused_with_its_cause(cell, words):
    with pytest.raises(BadCell, match=words):
        text({"name": cell}, "name", 64)


def test_several_lines_of_an_address_become_one():
    assert text({"address": "大连\r\n  中山区"}, "address", 200, lines=True) == "大连 中山区"


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (41.8, 123.46),
        ("41.8", "123.46"),
        ("'41.8", "'123.46"),
        ("４１.8", "123.46"),
        ("41,8", "123,46"),
        ("4.18e1", "+123.46"),
    ],
)
def test_degrees_are_read_in_every_spelling(latitude, longitude):
    assert place({"latitude": latitude, "longitude": longitude}) == (41.8, 123.46)


def test_two_zeros_are_no_place():
    assert place({"latitude": 0, "longitude": "0.0"}) == (None, None)
    assert place({"latitude": "−0.5", "longitude": 0}) == (-0.5, 0)


@pytest.mark.parametrize(
    ("latitude", "longitude", "words"),
    [
        ("41.8, 123.46", "", "两个数"),
        ("123.46,41.80", None, "两个数"),
        ("123.46", "41.8", "写反"),
        ("41.8°N", "123.46", "只写数字"),
        ("41.8", "", "一起填"),
        ("1e400", "1", "之间"),
        ("inf", "1", "只写数字"),
        ("4_1.8", "1_23.4", "只写数字"),
    ],
)
def test_degrees_that_are_none_say_why(latitude, longitude, words):
    with pytest.raises(BadCell, match=words):
        place({"latitude": latitude, "longitude": longitude})


@pytest.mark.parametrize(
    ("cell", "number"), [("21", 21), ("21.0", 21), (21.0, 21), ("２１", 21), ("nan", None), ("0", None)]
)
def test_a_department_is_a_whole_number(cell, number):
    assert whole({"department": cell}, "department") == number


@pytest.mark.parametrize("cell", ["一部", "-1", "2.5", "1234567890", "1,2"])
def test_another_department_is_refused(cell):
    with pytest.raises(BadCell, match="不是整数"):
        whole({"department": cell}, "department")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Ｙ", True),
        ("是 ", True),
        ("√", True),
        ("N", False),
        ("NaN", None),
        (1.0, True),
        ("1.0", True),
        ("✔", True),
        ("导购", False),
    ],
)
def test_yes_and_no_are_read_in_every_spelling(cell, said):
    assert yes_or_no({"manager": cell}, "manager") is said
