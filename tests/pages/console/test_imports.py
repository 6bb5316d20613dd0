"""Imports by form: good rows are kept, bad ones explained in words, the same file again changes nothing."""

import re
from io import BytesIO

import pytest
from sqlmodel import func, select

from models.accounts.audit import Audit
from models.org import Branch, Guide, Store
from tests.pages.conftest import Console

STORES = (
    "门店编号,门店名称,分公司编号,纬度,经度\n"
    "sy-1,沈阳一店,northeast,41.8,123.4\nsy-2,沈阳二店,nowhere,41.8,123.4\nsy-3,沈阳三店,northeast,123.4,41.8\n"
)


def send(console: Console, noun: str, content: bytes, who: str = "zhou", name: str = "rows.csv"):
    return console.post(
        console.signed_in(who), "/console/import", {"noun": noun, "file": (BytesIO(content), name)}
    )


def count(console: Console, model: type) -> int:
    with console.db.read() as session:
        return session.exec(select(func.count()).select_from(model)).one()


def test_good_rows_stay_and_bad_ones_say_row_column_and_reason(console: Console) -> None:
    before = count(console, Store)
    text = send(console, "stores", STORES.encode("gb18030")).get_data(as_text=True)
    assert count(console, Store) == before + 1
    assert "没有编号是「nowhere」的分公司" in text
    assert "是不是和经度写反了" in text
    assert "好的行已导入，坏的行在下面" in text


def test_the_same_file_again_changes_nothing(console: Console) -> None:
    rows = "编号,名称\nnorth,北区\n".encode()
    for _time in range(2):
        text = send(console, "branches", rows).get_data(as_text=True)
    assert count(console, Branch) == 3
    assert re.search(r"<dt>没变</dt>\s*<dd>\s*1\s*</dd>", text)


def test_json_works_as_well(console: Console) -> None:
    send(
        console,
        "guides",
        '[{"userid": "gaomin", "name": "高敏", "store": "zhongjie", "manager": true}]'.encode(),
        name="rows.json",
    )
    with console.db.read() as session:
        assert session.exec(select(Guide).where(Guide.userid == "gaomin")).one().is_manager


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "请先选一个文件"),
        (b"\x00\x01\x02\x03", "编码认不出来"),
        (b"[{", "JSON 不完整"),
        ('编号,名称\n"没有配对'.encode(), "第 2 行的引号没有配对"),
        (b"PK\x03\x04" + bytes(200), "不是完整的 XLSX"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(console: Console, content: bytes, words: str) -> None:
    before = count(console, Branch)
    answer = send(console, "branches", content)
    assert answer.status_code in (200, 422)
    assert words in answer.get_data(as_text=True)
    assert count(console, Branch) == before


def test_markup_in_a_cell_stays_text_I03(console: Console) -> None:
    text = send(
        console, "stores", "门店编号,门店名称,分公司编号\nx,y,<script>alert(1)</script>\n".encode()
    ).get_data(as_text=True)
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;" in text


def test_an_import_is_in_the_book(console: Console) -> None:
    send(console, "branches", "编号,名称\nnorth,北区\n".encode())
    with console.db.read() as session:
        assert session.exec(select(Audit.detail).where(Audit.verb == "import")).one().startswith("新增 1 行")


def test_only_hq_imports(console: Console) -> None:
    assert send(console, "branches", "编号,名称\nnorth,北区\n".encode(), "chen").status_code == 403
    assert count(console, Branch) == 2


def test_an_unknown_noun_is_refused(console: Console) -> None:
    assert send(console, "accounts", b"a,b\n1,2\n").status_code == 400


@pytest.mark.parametrize("noun", ["branches", "stores", "guides"])
def test_the_template_can_be_filled_in_and_imported(console: Console, noun: str) -> None:
    for one in ("branches", "stores", "guides"):
        template = console.signed_in("zhou").get(f"/console/import/{one}.csv").data
        assert template.startswith(b"\xef\xbb\xbf")
        text = send(console, one, template).get_data(as_text=True)
        assert re.search(r"<dt>有错</dt>\s*<dd>\s*0\s*</dd>", text)
        if one == noun:
            break
