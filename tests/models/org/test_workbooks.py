"""XLSX: read as the spreadsheet shows it, within bounds, whatever the file is called and whoever made it."""

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook

from models.errors import Refused
from models.org import Branch, imports, workbooks
from models.org.workbooks import write_workbook
from wecom.limits import MB


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def book_of(*rows, **formats) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place, form in formats.items():
        book.active[place].number_format = form
    return saved(book)


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The same workbook with another part in the place of one of its own."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, part if one == name else old.read(one))
    return made.getvalue()


PLAIN = book_of(["编号", "名称"], ["db", "东北分公司"])
SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>%s</sheetData></worksheet>"
)


def test_a_workbook_is_read_with_the_rows_of_the_spreadsheet(bring, read):
    book = book_of(
        ["霁野 2026"],
        [],
        ["*编号", "名称（必填）", "备注"],
        ["db", "东北分公司", "x"],
        [],
        ["hd", None],
        ["合计", 2],
    )
    done = bring("branches", book)
    assert (done.added, [(one.row, one.field) for one in done.errors]) == (1, [(6, "名称（必填）")])
    assert [one.row for one in done.skipped] == [7]
    assert read(Branch).name == "东北分公司"


def test_numbers_are_read_as_they_are_shown(bring, read):
    rows = [[9001, "整数"], [9002.0, "小数"], [82, "零"], ["0083", "文字"], [12345678901234567, "长"]]
    done = bring("branches", book_of(["编号", "名称"], *rows, A4="0000"))
    assert (done.added, [(one.row, one.field) for one in done.errors]) == (4, [(6, "编号")])
    assert "被表格软件改写过" in done.errors[0].words
    for code, name in (("9001", "整数"), ("9002", "小数"), ("0082", "零"), ("0083", "文字")):
        assert read(Branch, code=code).name == name


@pytest.mark.parametrize(
    ("number", "form", "code"),
    [
        (83, '"S"000', "S083"),
        (83, "\\S000", "S083"),
        (83, "00-000", "00-083"),
        (86, "00000;[Red]-00000", "00086"),
        (8300, "#,##0", "8300"),
        (83, "0.00", "83"),
        (83, '0"号"', "83"),
        (83, "@", "83"),
    ],
)
def test_a_code_that_only_its_format_makes_is_read_whole(bring, read, number, form, code):
    bring("branches", book_of(["编号", "名称"], [number, "东北分公司"], A2=form))
    assert read(Branch).code == code


def test_merged_cells_count_for_every_row_that_they_cover(bring, read):
    book = Workbook()
    sheet = book.active
    for row in (["清单"], ["编号", "说明"], [None, "名称"], ["db", "东北"], ["hd", None], [], ["xn", "西南"]):
        sheet.append(row)
    for place in ("A1:B1", "A2:A3", "B4:B6"):
        sheet.merge_cells(place)
    assert bring("branches", saved(book)).words == "新增 3 行，更新 0 行，没变 0 行，有错 0 行"
    assert [read(Branch, code=code).name for code in ("db", "hd", "xn")] == ["东北", "东北", "西南"]


@pytest.mark.parametrize(
    "cell", ["=A1", '=HYPERLINK("http://evil.example")', datetime(2026, 3, 1), True, "#REF!"]
)
def test_what_a_spreadsheet_made_of_a_cell_is_an_error_of_its_row_K06(bring, cell):
    done = bring("branches", book_of(["编号", "名称"], ["db", cell], ["hd", "华东"]))
    assert (done.added, [(one.row, one.field) for one in done.errors]) == (1, [(2, "名称")])


def test_the_sheet_with_our_headings_is_read_and_hidden_ones_are_not(bring, read):
    book = Workbook()
    book.active.title = "说明"
    book.active.append(["请填第二张表"])
    states = (
        ("旧", "旧的", "hidden"),
        ("分公司", "东北分公司", "visible"),
        ("华东", "华东分公司", "visible"),
    )
    for title, name, state in states:
        sheet = book.create_sheet(title)
        sheet.append(["编号", "名称"])
        sheet.append(["db", name])
        sheet.sheet_state = state
    understood = imports.read("branches", saved(book))
    assert (understood.title, understood.unread) == ("分公司", ["华东"])
    assert bring("branches", saved(book)).added == 1 and read(Branch).name == "东北分公司"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + bytes(range(256)) * 4,
        b"PK\x05\x06" + bytes(18),
        PLAIN[: len(PLAIN) // 2],
        with_part(PLAIN, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"),
        with_part(
            PLAIN, "xl/worksheets/sheet1.xml", SHEET % b'<row r="1"><c r="A1" t="s"><v>99</v></c></row>'
        ),
        with_part(PLAIN, "xl/worksheets/sheet1.xml", SHEET % b'<row r="one"><c r="??"><v>x</v></c></row>'),
        with_part(PLAIN, "xl/workbook.xml", b"not XML"),
        with_part(
            PLAIN,
            "xl/worksheets/sheet1.xml",
            b'<!DOCTYPE w [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData/>&b;</worksheet>',
        ),
    ],
    ids=[
        "garbage",
        "an empty zip",
        "cut",
        "broken sheet",
        "no such text",
        "odd places",
        "broken book",
        "entities",
    ],
)
def test_a_file_that_only_looks_like_a_workbook_is_refused_whole_K07(bring, content):
    with pytest.raises(Refused, match="不是完整的 XLSX"):
        bring("branches", content)


def test_another_zip_is_no_workbook(bring):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as other:
        other.writestr("../../etc/passwd", "code,name\na,b\n")
    with pytest.raises(Refused, match="不是完整的 XLSX"):
        bring("branches", made.getvalue())


def test_a_bomb_is_refused_before_it_is_unpacked_K07(bring):
    bomb = with_part(PLAIN, "xl/worksheets/sheet1.xml", b"0" * (workbooks.MOST_UNPACKED + MB))
    assert len(bomb) < MB
    with pytest.raises(Refused, match="展开后太大，最多 48 MB"):
        bring("branches", bomb)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("xl/worksheets/sheet1.xml", SHEET % (b"<row>" + b"<c/>" * workbooks.MOST_TAGS + b"</row>")),
        ("xl/worksheets/sheet1.xml", b"<a>" * (workbooks.MOST_TAGS + 1)),
        ("xl/styles.xml", b"<styleSheet><cellXfs>" + b"<xf/>" * workbooks.MOST_TAGS_AT_ONCE),
    ],
    ids=["cells", "depth", "styles"],
)
def test_few_bytes_that_are_millions_of_cells_or_formats_are_refused_K07(bring, name, part):
    """50 KB of them took minutes and gigabytes."""
    bomb = with_part(PLAIN, name, part)
    assert len(bomb) < MB
    with pytest.raises(Refused, match="格子或格式太多"):
        bring("branches", bomb)


def test_a_row_beyond_the_last_one_is_no_endless_reading(bring):
    sheet = SHEET % b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'
    with pytest.raises(Refused, match="不是完整的 XLSX"):
        bring("branches", with_part(PLAIN, "xl/worksheets/sheet1.xml", sheet))


def test_more_than_ten_thousand_rows_are_refused(bring):
    with pytest.raises(Refused, match="一次最多 10,000 行"):
        bring("branches", book_of(["编号", "名称"], *[[f"c{number}", "x"] for number in range(10_001)]))


def test_a_template_keeps_what_is_typed_into_it():
    sheet = load_workbook(
        io.BytesIO(write_workbook("门店", [["门店编号", "名称"], ["0082", "大连店"]]))
    ).active
    assert (sheet.title, sheet["A2"].value, sheet["A2"].number_format) == ("门店", "0082", "@")
    assert sheet["A1"].font.bold and sheet.column_dimensions["A"].number_format == "@"
