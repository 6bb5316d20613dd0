"""Tables as files: what people wrote is text, whatever program opens it, and no row is lost."""

import csv
import io

import pytest
from openpyxl import load_workbook

from pages.web.spreadsheets import PIECE, blocks, csv_pieces, workbook

FORMULAS = ["=1+1", "+8613800000000", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", "＠x", "|x", "%x"]


def csv_rows(*values: str) -> list[list[str]]:
    content = b"".join(csv_pieces(["词"], ((one,) for one in values)))
    assert content.startswith("\ufeff".encode()), "by its mark Excel knows that it is UTF-8"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def book_of(header, rows, **more):
    return load_workbook(io.BytesIO(b"".join(blocks(workbook(header, rows, **more)))))


@pytest.mark.parametrize("wrote", FORMULAS)
def test_a_formula_is_text_in_both_kinds_of_file_K06(wrote):
    [_, [cell]] = csv_rows(wrote)
    assert cell == f"'{wrote}"
    sheet = book_of(["词"], [(wrote,)]).active
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", wrote.replace("\r", "\n"))


@pytest.mark.parametrize("digits", ["12345678901234567", "00821"])
def test_long_numbers_keep_their_digits_K06(digits):
    """A spreadsheet program rounds them; its own way of writing text is read back as the text that it means."""
    assert csv_rows(digits)[1] == [f'="{digits}"']
    cell = book_of(["号"], [(digits,)]).active["A2"]
    assert (cell.data_type, cell.value) == ("s", digits)


def test_quotes_line_breaks_emoji_and_what_nobody_sees_survive_or_go_K06():
    wrote = '她说"好",\n下一行 🎉'
    assert csv_rows(wrote)[1] == [wrote]
    assert csv_rows("a\x00b\x0b")[1] == ["ab"]
    cells = book_of(["词"], [(wrote,), ("a\x00b\ud800",), ("长" * 40_000,)]).active
    assert [cells["A2"].value, cells["A3"].value, len(cells["A4"].value)] == [wrote, "ab", 32_767]


@pytest.mark.parametrize("number", [0, 1, PIECE, PIECE + 1])
def test_every_row_is_in_the_csv_file_whatever_the_piece(number):
    assert len(csv_rows(*(f"第 {one} 行" for one in range(number)))) == number + 1


def test_what_does_not_fit_into_a_sheet_goes_on_in_the_next_with_its_header_K06():
    book = book_of(["号"], ((n,) for n in range(9)), most=5)
    found = [[row[0].value for row in sheet.iter_rows()] for sheet in book]
    assert found == [["号", 0, 1, 2, 3], ["号", 4, 5, 6, 7], ["号", 8]]


def test_a_workbook_without_rows_has_its_header():
    assert book_of(["号", "名"], []).active["B1"].value == "名"
