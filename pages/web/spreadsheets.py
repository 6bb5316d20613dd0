"""Tables that leave as files: CSV that streams, and XLSX. What people wrote is text in both, never a formula (K06)."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""Of one sheet; what is more goes on in the next one"""
LONGEST_CELL = 32_767
PIECE = 500
"""Rows that are written at once"""
BLOCK = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"
"""By it a spreadsheet program knows that the file is UTF-8."""

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠|%\t\r]")
"""How a cell begins that some program would calculate: full-width signs, too"""
_ROUNDED = re.compile(r"0\d+|\d{12,}")
"""Digits of which a spreadsheet program would make another number"""
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What no file of either kind may hold"""

Row = Sequence[str | int]


def csv_pieces(header: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """The file piece by piece; never more of it in memory than one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(BOM)
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow([as_text(one) if isinstance(one, str) else one for one in row])
        if number % PIECE == 0:
            yield _taken(text)
    yield _taken(text)


def as_text(value: str) -> str:
    """A cell of a CSV file that every program shows as it is."""
    value = _UNSEEN.sub("", value)
    if _ROUNDED.fullmatch(value):
        return f'="{value}"'
    return f"'{value}" if _FORMULA.match(value) else value


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


def workbook(header: Row, rows: Iterable[Row], *, most: int = MOST_ROWS) -> IO[bytes]:
    """The whole file, on disk. Row by row, so that it takes no memory; it is gone when it is closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 — whoever sends it closes it
    try:
        _write(file, header, rows, most)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _write(file: IO[bytes], header: Row, rows: Iterable[Row], most: int) -> None:
    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, plain) as book:
        bold, sheet, number = book.add_format({"bold": True}), None, most
        for row in rows:
            if sheet is None or number == most:
                sheet, number = _begin(book, header, bold), 1
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(
                        number, column, _UNSEEN.sub("", value).replace("\r", "\n")[:LONGEST_CELL]
                    )
                else:
                    sheet.write_number(number, column, value)
            number += 1
        if sheet is None:
            _begin(book, header, bold)


def _begin(book: Workbook, header: Row, bold: object) -> Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(header) - 1, 18)
    for column, word in enumerate(header):
        sheet.write_string(0, column, str(word), bold)
    return sheet


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces; closed at the end."""
    with file:
        while piece := file.read(BLOCK):
            yield piece
