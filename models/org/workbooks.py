"""The rows of an XLSX workbook, read within bounds: whoever made the file may mean harm."""

import re
import warnings
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import zip_longest
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.cell import range_boundaries

from models.errors import Refused
from models.org.columns import MOST_COLUMNS
from models.sentences import Sentence
from wecom.limits import MB

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""What a workbook is called on the web"""
MOST_PARTS, MOST_UNPACKED = 1000, 48 * MB
MOST_TAGS = 1_500_000
"""In all parts together: a row takes some eighty. 47 KB hold 11 million, which are minutes and gigabytes."""
MOST_TAGS_AT_ONCE = 30_000
"""In a part that is not read row by row: 4 MB of styles were a minute and 480 MB."""
ROW_BY_ROW = ("xl/worksheets/", "xl/sharedStrings", "xl/media/")
"""Sheets and their texts; pictures are not read at all"""
LAST_ROW = 1_048_576
"""The last row that a spreadsheet program has"""
EXACT = 10**15
"""From here on a spreadsheet program has rounded the last digits"""
TEXT = "@"
"""The format of cells that a spreadsheet program leaves as they are typed"""

_MERGED = re.compile(rb'<(?:[a-z]+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_FORM_COLOUR = re.compile(r"\[[A-Za-z]+\]")
_FORM_PART = re.compile(r'0|"[^"]*"|\\.|[- ]')
"""What a format of codes is made of: digits, words, signs"""

Line = tuple[int, list[Any]]


def read_workbook(content: bytes) -> Iterator[tuple[str, Iterator[Line]]]:
    """Each visible sheet: its name and its rows with their numbers. To be read inside `whole`."""
    refuse_bomb(content)
    values = load_workbook(BytesIO(content), read_only=True, data_only=True)
    formulas = load_workbook(BytesIO(content), read_only=True) if _calculates(content) else values
    for sheet in values.worksheets:
        if sheet.sheet_state == "visible":
            yield sheet.title, _rows(sheet, formulas[sheet.title], _merged(content, sheet))


@contextmanager
def whole() -> Iterator[None]:
    """Whatever the library stumbles over in a workbook that somebody broke is one refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it could not keep if it wrote, which we never do
            yield
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001  errors of every kind come out of a broken XML or ZIP
        raise _broken() from error


def write_workbook(title: str, rows: list[list[str]]) -> bytes:
    """A sheet to fill in: the first row in bold, every cell kept as it is typed."""
    book = Workbook()
    sheet = book.active
    sheet.title, sheet.freeze_panes = title, "A2"
    for row in rows:
        sheet.append(row)
    for letter in (cell.column_letter for cell in sheet[1]):
        sheet.column_dimensions[letter].width = 18
        sheet.column_dimensions[letter].number_format = TEXT
        for cell in sheet[letter]:
            cell.number_format = TEXT
        sheet[f"{letter}1"].font = Font(bold=True)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def refuse_bomb(content: bytes) -> None:
    """Parts are unpacked to no more than the size that the file declares, so the sum of those bounds it."""
    try:
        book = zipfile.ZipFile(BytesIO(content))
        parts = book.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _broken() from None
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise _broken()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused(
            Sentence("表格展开后太大，最多 {most} MB。请只留要导入的那张表", most=MOST_UNPACKED // MB)
        )
    if _too_many_tags(book, parts):
        raise Refused(Sentence("表格里的格子或格式太多。请只留要导入的那张表和那几列，清除多余的格式"))


def _too_many_tags(book: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> bool:
    """Each becomes an object, however few bytes it has."""
    left = MOST_TAGS
    for part in parts:
        tags = book.read(part).count(b"<")
        left -= tags
        if left < 0 or (tags > MOST_TAGS_AT_ONCE and not part.filename.startswith(ROW_BY_ROW)):
            return True
    return False


def _calculates(content: bytes) -> bool:
    """Does any sheet hold a formula? Only then is the book read a second time, which is slow."""
    book = zipfile.ZipFile(BytesIO(content))
    sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
    return any(re.search(b"<(?:[a-z]+:)?f[ >/]", book.read(name)) for name in sheets)


def _merged(content: bytes, sheet: Any) -> list[tuple[int, int, int]]:
    """Cells merged downwards, as first and last row and column: their value stands in the first row alone."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        part = book.read(sheet._worksheet_path)  # a sheet that is only read does not tell
    found = (range_boundaries(one[1].decode()) for one in _MERGED.finditer(part))
    return sorted((top, bottom, column) for column, top, _, bottom in found if bottom > top)


def _filled(rows: Iterator[Line], merged: list[tuple[int, int, int]]) -> Iterator[Line]:
    """Each row with what stands merged over it."""
    waiting, above = deque(merged), dict[int, tuple[int, Any]]()
    for number, cells in rows:
        for column, (bottom, value) in [*above.items()]:
            if number <= bottom and column <= len(cells):
                cells[column - 1] = value
            elif number > bottom:
                del above[column]
        while waiting and waiting[0][0] <= number:
            top, bottom, column = waiting.popleft()
            if top == number and column <= len(cells):
                above[column] = bottom, cells[column - 1]
        yield number, cells


def _rows(values: Any, formulas: Any, merged: list[tuple[int, int, int]]) -> Iterator[Line]:
    return _filled(_written(values, formulas), merged)


def _written(values: Any, formulas: Any) -> Iterator[Line]:
    again = () if formulas is values else formulas.iter_rows(max_col=MOST_COLUMNS)
    pairs = zip_longest(values.iter_rows(max_col=MOST_COLUMNS), again, fillvalue=())
    blank = None
    for number, (shown, written) in enumerate(pairs, 1):
        if number > LAST_ROW:
            raise _broken()
        if shown is blank:
            continue  # a gap is filled up with the same row, perhaps a million times
        cells = [_value(*pair) for pair in zip_longest(shown, written)]
        if any(cell is not None for cell in cells):
            yield number, cells
        else:
            blank = shown


def _value(shown: Any, written: Any) -> Any:
    """What the cell shows; a formula without a result stays a formula, which no row takes."""
    value = shown.value
    if value is None and written is not None and written.data_type == "f":
        return "="
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if abs(value) >= EXACT:
        return f"{value:.5E}"
    return _as_shown(int(value), str(shown.number_format)) if value == int(value) and value >= 0 else value


def _as_shown(value: int, form: str) -> int | str:
    """A number whose format makes a code of it: 82 that is shown as 0082, S082 or 00-82."""
    parts = _FORM_PART.findall(_FORM_COLOUR.sub("", form.split(";")[0]))
    zeros = sum(part == "0" for part in parts)
    if (
        "".join(parts) != _FORM_COLOUR.sub("", form.split(";")[0])
        or zeros < 2
        and (not zeros or parts[0] == "0")
    ):
        return value
    digits, shown = f"{value:0{zeros}}", ""
    for part in reversed(parts):
        zeros -= part == "0"
        if part != "0":
            shown = part.strip('"').removeprefix("\\") + shown
        elif zeros:
            digits, shown = digits[:-1], digits[-1] + shown
        else:
            shown = digits + shown
    return shown


def _broken() -> Refused:
    return Refused(Sentence("这个文件不是完整的 XLSX，打不开。请在表格软件里重新另存，或者存成「CSV UTF-8」"))
