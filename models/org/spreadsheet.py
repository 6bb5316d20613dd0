"""Lists out of files that spreadsheet programs write: CSV in any dialect, XLSX, JSON."""

import csv
import io
import json
import re
from itertools import islice
from math import ceil
from typing import Any

from models.errors import Refused
from models.org import columns
from models.org.columns import RowNote, Sheet
from models.org.encodings import decoded
from models.org.workbooks import LAST_ROW, read_workbook, whole
from models.sentences import Sentence
from wecom.limits import MB

MAX_ROWS = 10_000
MAX_BYTES = 16 * MB
COMMAS = ",\t;，；、|"
HEAD_LETTERS = 64 * 1024
"""Where the headings stand, and what parts them is found"""
ZIP, OLD_XLS = b"PK", b"\xd0\xcf\x11\xe0"
_SEPARATOR = re.compile(r'[ \t]*"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.I)
"""A first line that tells Excel the comma; Excel shows no row for it"""
_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:[\[{"\d\]-]|$|null|true|false))')
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|table|meta|\?xml)", re.I)

Grid = list[tuple[int, list[Any]]]


def read_sheet(noun: str, content: bytes) -> Sheet:
    """The list in a CSV, XLSX or JSON file, told apart by what is in it, or Refused with the cause."""
    if len(content) > MAX_BYTES:
        raise Refused(
            Sentence("文件有 {n} MB，最多 {most} MB", n=ceil(len(content) / MB), most=MAX_BYTES // MB)
        )
    sheet = _read(noun, content)
    refuse_too_many(len(sheet.lines) + len(sheet.errors))
    return sheet


def refuse_too_many(count: int) -> None:
    if count > MAX_ROWS:
        raise Refused(
            Sentence("一次最多 {most} 行，这里有 {n} 行。请分几次导入", most=f"{MAX_ROWS:,}", n=f"{count:,}")
        )


def _read(noun: str, content: bytes) -> Sheet:
    if content.startswith(ZIP):
        with whole():
            return _of_workbook(noun, content)
    if content.startswith(OLD_XLS):
        raise Refused(Sentence("这是旧的 XLS 格式。请在表格软件里另存为 XLSX 或「CSV UTF-8」再导入"))
    text = decoded(content)
    if _JSON.match(text):
        return _of_json(noun, text)
    if _WEB_PAGE.match(text):
        raise Refused(Sentence("这是网页，不是表格。请用表格软件打开，另存为 XLSX 或「CSV UTF-8」再导入"))
    separator = _SEPARATOR.match(text)
    if separator:
        text = text[separator.end() :]
    comma = separator[1] if separator else _comma(noun, text)
    return columns.of_grid(noun, _csv_grid(text, comma), shifts=True)


def _of_workbook(noun: str, content: bytes) -> Sheet:
    """The first visible sheet whose headings we know, else the first that holds anything."""
    found: tuple[str, Grid] | None = None
    read, unread = False, list[str]()
    for title, rows in read_workbook(content):
        grid: Grid = []
        if read:
            if columns.has_headings(noun, list(islice(rows, columns.LOOKED_AT))):
                unread.append(title)
            continue
        for row in rows:
            grid.append(row)
            refuse_too_many(len(grid) - columns.LOOKED_AT)
        if grid and columns.has_headings(noun, grid):
            found, read = (title, grid), True
        elif grid and found is None:
            found = title, grid
    title, grid = found or ("", [])
    sheet = columns.of_grid(noun, grid, shifts=False)
    sheet.title = title
    sheet.unread = unread
    return sheet


def _of_json(noun: str, text: str) -> Sheet:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(Sentence("JSON 不完整，没有导入任何一行")) from None
    rows = found.get("rows") if isinstance(found, dict) else found
    if not isinstance(rows, list) or (rows and not any(isinstance(row, dict) for row in rows)):
        raise Refused(Sentence("JSON 要是一个数组，每一项是一行"))
    numbered = list(enumerate(rows, 1))
    sheet = columns.of_rows(noun, [(number, row) for number, row in numbered if isinstance(row, dict)])
    sheet.errors += [
        RowNote(number, "", Sentence("这一项不是一行"))
        for number, row in numbered
        if not isinstance(row, dict)
    ]
    return sheet


def _comma(noun: str, text: str) -> str:
    """What parts the cells: with it, the headings are known best, and the first rows are widest."""

    def fit(comma: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text[:HEAD_LETTERS], newline=""), delimiter=comma)
        rows = [cells[: columns.MOST_COLUMNS] for cells in islice(reader, columns.LOOKED_AT)]
        return columns.known_headings(noun, rows), max(map(len, rows), default=0)

    try:
        return max(COMMAS, key=fit)
    except csv.Error:
        return COMMAS[0]  # whatever is wrong is said when the rows are read


def _csv_grid(text: str, comma: str) -> Grid:
    """The rows that hold anything. Cells are text, also those that look like formulas; nothing is evaluated."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    grid: Grid = []
    number = 0
    try:
        for number, cells in enumerate(islice(reader, LAST_ROW), 1):
            if cells and any(cell.strip() for cell in cells):
                grid.append((number, cells[: columns.MOST_COLUMNS]))
    except csv.Error:
        raise Refused(
            Sentence("第 {n} 行的引号没有配对，一行都没有导入。格子里的引号要写两遍", n=number + 1)
        ) from None
    return grid
