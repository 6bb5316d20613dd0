"""Lists as people export them: read as they are meant, or the real cause is named once, with the spreadsheet's row."""

from typing import NamedTuple

import pytest
from sqlmodel import select

from models.errors import Refused
from models.org import Branch, Guide, Store, imports
from tests.cast import NOW

HEAD = "门店编号,门店名称,分公司编号,地址,纬度,经度,部门编号\n"
HEAVEN = ("s1", "大连店")
"""What most lists below hold: one store"""


class Case(NamedTuple):
    """A list, and the stores that are there afterwards or what was said of its rows."""

    content: str | bytes
    stores: tuple[tuple[object, ...], ...] = (HEAVEN,)
    errors: tuple[tuple[int, str, str], ...] = ()
    skipped: tuple[int, ...] = ()


ROW = "s1,大连店,B01,,,,\n"
CASES = {
    "GBK": Case((HEAD + ROW).encode("gb18030")),
    "a rare character in GBK": Case(
        (HEAD + "s1,鞍山囍铺店,B01,,,,\n").encode("gbk"), (("s1", "鞍山囍铺店"),)
    ),
    "Big5": Case("code,name,branch\nr1,臺北信義旗艦店,B01\n".encode("big5"), (("r1", "臺北信義旗艦店"),)),
    "Big5 with its headings": Case(
        "門市編號,門市名稱,分公司編號,地址\nr1,高雄店,B01,高雄市前鎮區\n".encode("big5"),
        (("r1", "高雄店", "高雄市前鎮區"),),
    ),
    "UTF-16 with tabs": Case((HEAD + ROW).replace(",", "\t").encode("utf-16")),
    "two byte-order marks": Case("\ufeff\ufeff" + HEAD + ROW),
    "sep= with a mark": Case("\ufeffsep=,\n" + HEAD + "s1,,B01,,,,\n", (), ((2, "门店名称", "不能空着"),)),
    "sep=;": Case("sep=;\r\n" + (HEAD + ROW).replace(",", ";")),
    "a title row": Case(
        "霁野门店清单 2026 年 11 月,,,,,,\n\n" + HEAD + ROW + "s2,,B01,,,,\n",
        errors=((5, "门店名称", "空着"),),
    ),
    "a title row with tabs below": Case("霁野门店清单, 共 1 家\n" + (HEAD + ROW).replace(",", "\t")),
    "stars and remarks": Case(
        "*门店编号,＊门店名称（必填）,分公司编号 [code],地址(选填),纬度:,经度：\ns1,大连店,B01,,,\n"
    ),
    "a line end in a heading": Case(
        '"门店\n编号",门店名称,分公司编号\ns1,,B01\n', (), ((2, "门店名称", "空着"),)
    ),
    "English capitals": Case(
        "Store Code,Store Name,Branch_Code,Address\ns1,大连店,B01,x\n", (("s1", "大连店", "x"),)
    ),
    "a comma without quotes": Case(
        HEAD + "s1,大连店,B01,大连市中山区, 人民路 8 号,38.9,121.6,\n", (), ((2, "", "8 格，表头只有 7 格"),)
    ),
    "a comma without quotes in the last cell": Case(
        "门店编号,门店名称,分公司编号,地址\ns1,大连店,B01,中山区,人民路\n",
        (),
        ((2, "", "5 格，表头只有 4 格"),),
    ),
    "commas at the end": Case(
        "门店编号,门店名称,分公司编号,地址,,,\ns1,大连店,B01,x,,,\n", (("s1", "大连店", "x"),)
    ),
    "commas at the end of the rows alone": Case(
        "门店编号,门店名称,分公司编号,地址\ns1,大连店,B01,x,,\n", (("s1", "大连店", "x"),)
    ),
    "CR alone": Case((HEAD + ROW + "s2,,B01,,,,\n").replace("\n", "\r"), errors=((3, "门店名称", "空着"),)),
    "zeros in front": Case(HEAD + "0081,大连店,B01,,,,\n", (("0081", "大连店"),)),
    "a number's .0": Case(HEAD + "9001.0,大连店,B01,,,,7301.0\n", (("9001", "大连店", 7301),)),
    '="0082"': Case(HEAD + '"=""0082""",大连店,"=""B01""",,,,\n', (("0082", "大连店"),)),
    "an apostrophe": Case(HEAD + "'0083,大连店,B01,,'41.8,'123.46,\n", (("0083", "大连店", 41.8, 123.46),)),
    "full width": Case(HEAD + "ｓ１,大连店,Ｂ01,,４１.8,123.46,７３０２\n", ((*HEAVEN, 41.8, 123.46, 7302),)),
    "blanks and marks that nobody sees": Case(HEAD + "s1\u200b ,\ufeff大连店\xa0,\u2060B01\xa0,,,,\n"),
    "NaN and the like": Case(
        HEAD + "s1,大连店,B01,NaN,nan,N/A,#N/A\ns2,nan,B01,NULL,,,\n", errors=((3, "门店名称", "空着"),)
    ),
    "both degrees in one cell": Case(HEAD + 's1,大连店,B01,,"41.80, 123.46",,\n', (), ((2, "纬度", "两列"),)),
    "degrees the wrong way round": Case(HEAD + "s1,大连店,B01,,123.46,41.80,\n", (), ((2, "纬度", "写反"),)),
    "degrees with their letters": Case(
        HEAD + "s1,大连店,B01,,41.8°N,123.46°E,\n", (), ((2, "纬度", "只写数字"),)
    ),
    "decimal commas": Case(
        "门店编号;门店名称;分公司编号;纬度;经度\ns1;大连店;B01;41,80;123,46\n", ((*HEAVEN, 41.8, 123.46),)
    ),
    "an address on two lines": Case(
        HEAD + 's1,大连店,B01,"大连\r\n中山区",,,\ns2,,B01,,,,\n',
        (("s1", "大连店", "大连 中山区"),),
        ((3, "门店名称", "空着"),),
    ),
    "quotes in a cell": Case(
        HEAD + 's1,引号"店",B01,"大连 ""中山"" 区",,,\n', (("s1", '引号"店"', '大连 "中山" 区'),)
    ),
    "emoji": Case(HEAD + "s1,旗舰店🏬✨👩‍👧,B01,,,,\n", (("s1", "旗舰店🏬✨👩‍👧"),)),
    "sums": Case(
        HEAD + ROW + "合计,1,,,,,\n总计：1 家,,,,,,\n,,,小计（1家）,,,\nTotal,1,,,,,\n", skipped=(3, 4, 5, 6)
    ),
    "headings again": Case(
        HEAD + ROW + "\n,,,,,,\n*" + HEAD + "s1,又一次,B01,,,,\n",
        errors=((6, "门店编号", "和第 2 行重复"),),
        skipped=(5,),
    ),
    "a code in another case": Case(
        HEAD + ROW + "S1,又一次,B01,,,,\n", errors=((3, "门店编号", "和第 2 行重复"),)
    ),
    "a row in another encoding": Case(
        (HEAD + ROW).encode() + "s2,坏店,".encode() + "沈阳,,,,\n".encode("gbk"),
        errors=((3, "分公司编号", "乱码"),),
    ),
    "a character that was lost": Case(
        HEAD + ROW + "s2,沈\ufffd店,B01,,,,\ns3,????,B01,,,,\n",
        errors=((3, "门店名称", "乱码"), (4, "门店名称", "乱码")),
    ),
    "a column that is missing": Case(
        "门店编号,门店名称,地址\n" + "".join(f"m{n},缺列店{n},x\n" for n in range(900)),
        (),
        ((1, "分公司编号", "要新增的 900 行都没有存"),),
    ),
    "headings that nobody knows": Case(
        "店号,店名,区域\ns1,大连店,B01\n", (), ((1, "分公司编号", "要新增的 1 行"),)
    ),
    "the branch by its name": Case("门店,店号,分公司\n大连店,s1,东北分公司\n"),
    "a mark of UTF-8 before GBK": Case(b"\xef\xbb\xbf" + (HEAD + ROW).encode("gbk")),
    "the end of a text of old": Case(HEAD + ROW + "\x1a"),
    "enumeration commas": Case("门店编号、门店名称、分公司编号\ns1、大连店、B01\n"),
    "single quotes": Case("'门店编号','门店名称','分公司编号'\n's1','大连店','B01'\n"),
    "headings in two languages": Case(
        "门店编号,门店名称,分公司编号\ncode,name,branch\n" + ROW[:-5] + "\n", skipped=(2,)
    ),
    "what must be filled in": Case(
        "门店编号,门店名称,分公司编号\n(必填),必填,（选填）\ns1,大连店,B01\n", skipped=(2,)
    ),
    "headings on two rows": Case(
        "门店,,分公司,位置,\n门店编号,门店名称,分公司编号,纬度,经度\ns1,大连店,B01,41.8,123.4\n",
        ((*HEAVEN, 41.8, 123.4),),
    ),
    "one department for two": Case(
        HEAD + "s1,大连店,B01,,,,7330\ns2,旅顺店,B01,,,,7330\n",
        ((*HEAVEN, 7330),),
        ((3, "部门编号", "部门 7330 已经是「大连店」（s1）的了"),),
    ),
    "numbers in JSON": Case(
        '[{"code": 9003, "name": "大连店", "branch": "B01", "department": 7303.0}]',
        ((*("9003", "大连店"), 7303),),
    ),
    "rows of JSON that are none": Case(
        '[{"code": "s1", "name": null, "branch": "B01"}, {"code": null}, "x"]',
        (),
        ((1, "name", "空着"), (2, "code", "空着"), (3, "", "不是一行")),
    ),
    "a column twice in JSON": Case(
        '[{"code": "s1", "门店编号": "s2", "name": "大连店", "branch": "B01"}]', (), ((1, "code", "同一列"),)
    ),
}


@pytest.fixture
def branch(bring):
    bring("branches", "编号,名称\nB01,东北分公司\n")


@pytest.fixture
def stores(sqlite_database):
    """Each store as what it holds, without what is empty."""

    def read():
        with sqlite_database.read() as session:
            found = session.exec(select(Store).order_by(Store.id))
            rows = [
                (one.code, one.name, one.address, one.latitude, one.longitude, one.department_id)
                for one in found
            ]
        return tuple(tuple(cell for cell in row if cell not in ("", None)) for row in rows)

    return read


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_list_is_read_as_it_is_meant_or_the_cause_is_named_K07(
    sqlite_database, bring, branch, stores, case
):
    content = case.content.encode() if isinstance(case.content, str) else case.content
    seen = imports.look(sqlite_database, imports.read("stores", content), NOW)
    assert stores() == (), "a look stores nothing"
    done = bring("stores", content)
    assert stores() == case.stores
    assert [(one.row, one.field) for one in done.errors] == [error[:2] for error in case.errors]
    for said, (_, _, words) in zip(done.errors, case.errors, strict=True):
        assert words in said.words
    assert tuple(one.row for one in done.skipped) == case.skipped
    assert (seen.words, seen.errors) == (done.words, done.errors), "a look says what will come of it"


@pytest.mark.parametrize(
    ("content", "stored"),
    [
        ("编号,名称\nb1,华南\n编号,名称\nb2,华中\n合计,2\n", ["华南", "华中"]),
        ("\t分公司编号\t分公司名称\n\tb1\t华南\n", ["华南"]),
    ],
)
def test_branches_are_read_as_stores_are(bring, sqlite_database, content, stored):
    bring("branches", content)
    with sqlite_database.read() as session:
        assert [one.name for one in session.exec(select(Branch).order_by(Branch.id))] == stored


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("账号,姓名,门店,店长\n new.wang ,王 新 , ZhongJie ,Ｙ\n", ""),
        ("账号,姓名,门店,店长\nnew.wang,王 新,沈阳中街店,是\n", ""),
        ("门店名称,企业微信账号,姓名,门店编号,是否店长\n别的名字,new.wang,王 新,zhongjie,√\n", ""),
        ("账号,姓名,门店,店长\nnew.wang,王 新,zhongjie、taiyuanjie,是\n", "「zhongjie、taiyuanjie」是 2 个门店，这里只能写一个"),
        ("账号,姓名,门店,店长\nnew.wang,王 新,没有这家,是\n", "没有编号是「没有这家」的门店"),
    ],
)  # fmt: skip
def test_a_guide_is_read_in_every_spelling(bring, read, sqlite_people, content, words):
    done = bring("guides", content)
    if words:
        assert done.added == 0 and done.errors[0].row == 2 and words in done.errors[0].words
    else:
        guide = read(Guide, userid="new.wang")
        assert (guide.name, guide.is_manager, read(Store, id=guide.store_id).code) == (
            "王 新",
            True,
            "zhongjie",
        )


def test_two_stores_of_one_name_are_told_apart_by_their_codes_only(bring, sqlite_people):
    bring("stores", "code,name,branch\nsecond,沈阳中街店,northeast\n")
    done = bring("guides", "账号,姓名,门店\nnew,王新,沈阳中街店\n")
    assert "有 2 个门店都叫「沈阳中街店」，请写编号" in done.errors[0].words


def test_a_department_of_a_store_that_is_there_is_refused_and_the_store_named(bring, read, sqlite_people):
    done = bring(
        "stores", "code,name,branch,department\nnew,撞部门店,northeast,21\nfree,空部门店,northeast,77\n"
    )
    assert (done.added, done.errors[0].field) == (1, "department")
    assert done.errors[0].words == "部门 21 已经是「沈阳中街店」（zhongjie）的了，一个部门只能是一家门店"
    assert bring("stores", "code,department\nZHONGJIE,21\n").unchanged == 1, "its own"
    assert bring("stores", "code,department\nzhongjie,98\ntaiyuanjie,99\n").updated == 2, (
        "what a row gave up is free"
    )


def test_a_missing_column_hinders_only_rows_that_are_new(bring, read, sqlite_people):
    done = bring("stores", "门店编号,地址\nzhongjie,新地址\nn1,x\nn2,y\n")
    assert (done.updated, done.bad, read(Store, code="zhongjie").address) == (1, 2, "新地址")
    assert [(one.row, one.field) for one in done.errors] == [(1, "门店名称")]


def test_a_list_without_the_key_is_refused_whole_with_its_headings(bring):
    with pytest.raises(
        Refused, match="没有「企业微信账号」这一列，认不出每一行是谁。这一份的表头是：姓名、手机"
    ):
        bring("guides", "姓名,手机\n王芳,1\n")
