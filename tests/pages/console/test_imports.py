"""Imports by form: good rows are kept, bad ones explained in words, the same file again changes nothing."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser
from sqlmodel import func, select

from models.accounts.audit import Audit
from models.org import Branch, Guide, Store, renames, uploads
from models.org.uploads import UploadedList
from tests.pages.conftest import Console
from tests.pages.console.desk import signed_in

STORES = (
    "门店编号,门店名称,分公司编号,纬度,经度\n"
    "sy-1,沈阳一店,northeast,41.8,123.4\nsy-2,沈阳二店,nowhere,41.8,123.4\nsy-3,沈阳三店,northeast,123.4,41.8\n"
)


def look(console: Console, noun: str, content: bytes, who: str = "zhou", name: str = "rows.csv"):
    """Choose a file: what it would do."""
    return console.post(
        console.signed_in(who), "/console/import", {"noun": noun, "file": (BytesIO(content), name)}
    )


def agree(console: Console, seen: str, noun: str, who: str = "zhou"):
    """Say yes to what was seen."""
    found = re.search(r'name="upload" value="(\w+)"', seen)
    assert found, seen
    return console.post(console.signed_in(who), "/console/import", {"noun": noun, "upload": found[1]})


def send(console: Console, noun: str, content: bytes, name: str = "rows.csv") -> str:
    """The whole way, by a look; the page that follows."""
    seen = look(console, noun, content, name=name).get_data(as_text=True)
    return agree(console, seen, noun).get_data(as_text=True)


def count(console: Console, model: type) -> int:
    with console.db.read() as session:
        return session.exec(select(func.count()).select_from(model)).one()


def test_good_rows_stay_and_bad_ones_say_row_column_and_reason(console: Console) -> None:
    before = count(console, Store)
    text = send(console, "stores", STORES.encode("gb18030"))
    assert count(console, Store) == before + 1
    assert "没有编号是「nowhere」的分公司" in text
    assert "是不是和经度写反了" in text
    assert "好的行已导入，坏的行在下面" in text


def test_the_same_file_again_changes_nothing(console: Console) -> None:
    rows = "编号,名称\nnorth,北区\n".encode()
    for _time in range(2):
        text = send(console, "branches", rows)
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
    answer = look(console, "branches", content)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert count(console, Branch) == before


def test_markup_in_a_cell_stays_text_I03(console: Console) -> None:
    rows = "门店编号,门店名称,分公司编号\nx,<b>y</b>,<script>alert(1)</script>\n".encode()
    for text in (look(console, "stores", rows).get_data(as_text=True), send(console, "stores", rows)):
        assert "<script>alert(1)" not in text and "<b>y" not in text
        assert "&lt;script&gt;" in text


def test_an_import_is_in_the_book(console: Console) -> None:
    send(console, "branches", "编号,名称\nnorth,北区\n".encode())
    with console.db.read() as session:
        assert session.exec(select(Audit.detail).where(Audit.verb == "import")).one().startswith("新增 1 行")


def test_only_hq_imports(console: Console) -> None:
    assert look(console, "branches", "编号,名称\nnorth,北区\n".encode(), "chen").status_code == 403
    assert count(console, Branch) == 2


def test_an_unknown_noun_is_refused(console: Console) -> None:
    assert look(console, "accounts", b"a,b\n1,2\n").status_code == 400


def test_a_look_names_the_sheets_that_are_not_read(console: Console) -> None:
    book, made = Workbook(), BytesIO()
    for sheet, code in ((book.active, "b1"), (book.create_sheet("华东"), "b2")):
        sheet.append(["编号", "名称"])
        sheet.append([code, "东北分公司"])
    book.save(made)
    seen = look(console, "branches", made.getvalue()).get_data(as_text=True)
    assert "没有读的工作表：华东，一次只读一张" in seen


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_templates_can_be_filled_in_and_imported(console: Console, kind: str) -> None:
    for noun in ("branches", "stores", "guides"):
        template = console.signed_in("zhou").get(f"/console/import/{noun}.{kind}").data
        text = send(console, noun, template, name=f"{noun}.{kind}")
        assert '<p class="figure">1<small>行写进去了</small></p>' in text
        assert re.search(r"<dt>有错</dt>\s*<dd>\s*0\s*</dd>", text)


def test_a_look_stores_nothing_and_says_what_would_be(console: Console) -> None:
    before = count(console, Store)
    rows = "\ufeff霁野,,,\n*门店编号,门店名称（必填）,分公司编号,备注\nsy-1,沈阳一店,northeast,x\nsy-2,,northeast,\n合计,1,,\n"
    seen = look(console, "stores", rows.encode("utf-16")).get_data(as_text=True)
    assert count(console, Store) == before
    assert "先看一看，还没有存" in seen and "导入这 1 行" in seen and "沈阳一店" in seen
    assert "没有用到的列：备注" in seen and "第 5 行是合计，跳过" in seen
    assert re.search(r'data-l="行号">4</td>\s*<td class="key nowrap">门店名称（必填）</td>', seen)
    with console.db.read() as session:
        assert session.exec(select(Audit).where(Audit.verb == "import")).all() == []
    assert "好的行已导入，坏的行在下面" in agree(console, seen, "stores").get_data(as_text=True)
    assert count(console, Store) == before + 1


def test_a_look_shows_the_cells_as_they_are_read(console: Console) -> None:
    rows = (
        '门店编号,门店名称,分公司编号\n"=""0082""",零店,northeast\n9001.0,坏店,'.encode()
        + "沈阳\n".encode("gbk")
    )
    seen = look(console, "stores", rows).get_data(as_text=True)
    assert (
        '<td class="key">0082</td>' in seen and '<td class="key">9001</td>' in seen and "这一格是乱码" in seen
    )


def test_a_look_and_the_result_say_that_a_userid_is_an_old_one(console: Console) -> None:
    with console.db.write() as session:
        renames.renamed(session, "wangfang", "wang.fang", console.clock())
    seen = look(console, "guides", "账号,姓名\nWangFang,王芳芳\n".encode()).get_data(as_text=True)
    for page in (seen, agree(console, seen, "guides").get_data(as_text=True)):
        assert "「WangFang」是原来的账号，现在是「wang.fang」，记在她名下" in page
    assert re.search(r"<dt>更新</dt>\s*<dd>\s*1\s*</dd>", seen)


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_a_row_says_what_it_holds(
    console: Console, browser: Browser, serve: Callable[[Console], str], width: int
) -> None:
    """There were bare numbers of rows, and cells that nobody could tell apart."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    page = context.new_page()
    signed_in(page, serve(console))
    page.goto(page.url.partition("/console")[0] + "/console/import?noun=stores")
    rows = "门店名称,门店编号,分公司编号,地址\n沈阳一店,sy-1,northeast,\n,sy-2,northeast,中街路\n"
    page.set_input_files("#f-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.click("form[enctype] button")
    shown = """row => [...row.cells].filter(one => one.checkVisibility())
      .sort((a, b) => a.getBoundingClientRect().y - b.getBoundingClientRect().y
                      || a.getBoundingClientRect().x - b.getBoundingClientRect().x)
      .map(one => getComputedStyle(one, '::before').content.replace(/^none$|"/g, '') + one.innerText)"""
    looked, faults = page.locator("table.list").all()
    assert [one.evaluate(shown) for one in looked.locator("tbody tr").all()] == [
        ["行号 2", "sy-1", "门店名称 沈阳一店", "分公司编号 northeast"],
        ["行号 3", "sy-2", "分公司编号 northeast", "地址 中街路"],
    ]
    assert faults.locator("tbody tr").evaluate(shown) == ["行号 3", "门店名称", "这一格不能空着"]
    context.close()


def test_a_look_at_nothing_new_has_no_button(console: Console) -> None:
    seen = look(console, "branches", "编号,名称\nnortheast,东北分公司\n".encode()).get_data(as_text=True)
    assert "没有要写的" in seen and "导入这" not in seen
    seen = look(console, "branches", "编号,名称\nnew,\n".encode()).get_data(as_text=True)
    assert "没有一行能写进去" in seen and "导入这" not in seen


def test_a_yes_counts_once_for_whom_it_is_and_not_for_ever(console: Console) -> None:
    rows = "编号,名称\nnorth,北区\n".encode()
    seen = look(console, "branches", rows).get_data(as_text=True)
    assert agree(console, seen, "branches", "chen").status_code == 403
    assert agree(console, seen, "branches").status_code == 200
    assert agree(console, seen, "branches").status_code == 410
    seen = look(console, "branches", rows).get_data(as_text=True)
    console.clock.now += uploads.UPLOAD_LIFE
    late = agree(console, seen, "branches")
    assert late.status_code == 410 and "请再选一次文件" in late.get_data(as_text=True)
    with console.db.write() as session:
        uploads.forget_old(session, console.clock())
    assert count(console, UploadedList) == 0
