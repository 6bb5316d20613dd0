"""A list as somebody saved it: every encoding and comma is read, and what is no list is refused whole."""

import pytest

from models.errors import Refused
from models.org import Branch, imports, spreadsheet
from tests.cast import NOW


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("comma", [",", ";", "\t", "，", "|"])
def test_every_spreadsheets_way_of_saving_is_read_K07(bring, read, encoding, comma):
    text = f"编号{comma}名称\r\ndb{comma}东北分公司\r\n\r\n"
    assert bring("branches", text.encode(encoding)).added == 1
    assert read(Branch).name == "东北分公司"


def test_no_formula_is_evaluated_and_none_is_stored_K06(bring, read):
    for cell in ["=1+1", "@SUM(1)", '=HYPERLINK(""http://evil.example"")', "＝1+1", "+cmd(1)", "#REF!"]:
        done = bring("branches", f'code,name\nf,"{cell}"\n')
        assert done.added == 0 and "公式" in done.errors[0].words
    for number, cell in enumerate(["+1", "-2", "1=1", "店=家"]):
        bring("branches", f'code,name\nf{number},"{cell}"\n')
        assert read(Branch, code=f"f{number}").name == cell


def test_long_numbers_stay_text_K07(bring, read):
    bring("branches", "code,name\n00012345678901234567,东北\n")
    assert read(Branch).code == "00012345678901234567"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf\r\n ,,\n", "空的"),
        ("编号,名称\n".encode("utf-16"), "只有表头"),
        (b"\x00\x01\x02\x03", "编码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "XLS"),
        (b"<html><table><tr><td>code</td></tr></table></html>", "网页"),
        ('编号,名称\na,"没有配对\nb,乙\n'.encode(), "第 2 行的引号没有配对"),
        ('编号,名称\na,甲\nb,"乙 "丙" 丁"\n'.encode(), "第 3 行的引号没有配对"),
        (b"," * 3_000_000, "空的"),
        (b"\n" * 3_000_000, "空的"),
        (b"a," * 1_000_000, "没有「编号」这一列"),
        (b"x,y\n1,2\n", "没有「编号」这一列.*表头是：x、y"),
        ("编号,名称,分公司名称\na,b,c\n".encode(), "「名称」和「分公司名称」是同一列"),
        (b"[{", "JSON"),
        (b'{"a": 1}', "数组"),
        (b"[1, 2]", "数组"),
        (b"[" * 100_000, "JSON"),
        (b"code,name\n" + b"a,b\n" * 10_001, "最多 10,000 行"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(bring, content, words):
    with pytest.raises(Refused, match=words):
        bring("branches", content)


def test_a_list_of_more_than_ten_thousand_rows_is_refused_whole(bring, sqlite_database):
    with pytest.raises(Refused, match="一次最多 10,000 行，这里有 10,001 行"):
        imports.import_rows(sqlite_database, "branches", [{"code": "db"}] * 10_001, "周岚", NOW)
    assert bring("branches", "编号,名称\n" + "db,东北\n" * 10_000).words.endswith("有错 9999 行")


def test_a_file_of_many_megabytes_is_refused_before_it_is_read_K07(bring):
    with pytest.raises(Refused, match="文件有 17 MB，最多 16 MB"):
        bring("branches", b"x" * (spreadsheet.MAX_BYTES + 1))
