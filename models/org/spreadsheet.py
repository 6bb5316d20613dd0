"""Rows out of files that spreadsheet programs write, and cells checked one by one."""

import csv
import io
import json
import re
from collections.abc import Mapping
from math import ceil
from typing import Any

from models.errors import Complaint, Refused
from wecom.limits import MB

MAX_ROWS = 10_000
MAX_BYTES = 16 * MB
YES = {"1", "true", "yes", "y", "是", "店长", "√"}
NO = {"", "0", "false", "no", "n", "否", "不是"}
KEYS = {"code", "userid", "store", "branch"}
_UNSEEN = re.compile(r"[\x00-\x1f\ud800-\udfff]")
"""Control characters, and halves of characters that JSON may carry: no database column holds them"""

Row = Mapping[str, Any]


class BadCell(Exception):
    """One cell of a row cannot be so."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field, self.words = field, words


def read_rows(content: bytes) -> list[dict[str, Any]]:
    """The rows of a CSV or JSON file, or Refused when it is neither."""
    if len(content) > MAX_BYTES:
        raise Refused(
            Complaint("文件有 {n} MB，最多 {most} MB", n=ceil(len(content) / MB), most=MAX_BYTES // MB)
        )
    text = _decoded(content).strip()
    rows = _json_rows(text) if text.startswith(("[", "{")) else _csv_rows(text)
    refuse_too_many(len(rows))
    return rows


def refuse_too_many(count: int) -> None:
    if count > MAX_ROWS:
        raise Refused(
            Complaint("一次最多 {most} 行，这里有 {n} 行。请分几次导入", most=f"{MAX_ROWS:,}", n=f"{count:,}")
        )


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, else the GBK that spreadsheet programs save in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refused(Complaint("文件的编码认不出来。请另存为「CSV UTF-8」再导入"))


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(Complaint("JSON 不完整，没有导入任何一行")) from None
    rows = found.get("rows") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(Complaint("JSON 要是一个数组，每一项是一行"))
    return rows


def _csv_rows(text: str) -> list[dict[str, Any]]:
    """Cells are text, also those that look like formulas; nothing is ever evaluated."""
    first = text.split("\n", 1)[0]
    comma = max(",\t;，", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=comma)
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
    except csv.Error:
        raise Refused(Complaint("CSV 里有读不懂的行，多半是引号没有配对")) from None
    if not lines:
        raise Refused(Complaint("文件是空的"))
    headings = [heading.strip() for heading in lines[0]]
    return [dict(zip(headings, line, strict=False)) for line in lines[1:]]


def text(row: Row, name: str, most: int, *, needed: bool = False) -> str:
    value = row.get(name)
    if isinstance(value, bool | list | dict):
        raise BadCell(name, Complaint("这一格要是文字"))
    cell = "" if value is None else str(value).strip()
    if needed and not cell:
        raise BadCell(name, Complaint("这一格不能空着"))
    if len(cell) > most:
        raise BadCell(name, Complaint("最多 {most} 个字，现在 {n} 个", most=most, n=len(cell)))
    if _UNSEEN.search(cell) or (name in KEYS and not cell.isprintable()):
        raise BadCell(name, Complaint("这一格里有换行或看不见的字符"))
    if name in KEYS and _rounded(cell):
        raise BadCell(
            name, Complaint("「{cell}」是被表格软件改写过的数字，请把这一列设成文本再保存", cell=cell)
        )
    return cell


def _rounded(text: str) -> bool:
    """1.23457E+16: a long number that a spreadsheet program has already damaged."""
    head, _, tail = text.upper().partition("E+")
    return bool(tail) and tail.isdecimal() and head.replace(".", "", 1).isdecimal()


def _number(row: Row, name: str, label: Complaint, most: float) -> float | None:
    cell = text(row, name, 32)
    if not cell:
        return None
    try:
        number = float(cell)
    except ValueError:
        raise BadCell(name, Complaint("{label}「{cell}」不是数字", label=label, cell=cell)) from None
    if not -most <= number <= most:
        values = {"label": label, "most": f"{most:g}", "cell": cell}
        if name == "latitude" and -180 <= number <= 180:
            raise BadCell(
                name,
                Complaint("{label}要在 −{most} 到 {most} 之间，现在是 {cell}，是不是和经度写反了", **values),
            )
        raise BadCell(name, Complaint("{label}要在 −{most} 到 {most} 之间，现在是 {cell}", **values))
    return number


def place(row: Row) -> tuple[float | None, float | None]:
    latitude = _number(row, "latitude", Complaint("纬度"), 90)
    longitude = _number(row, "longitude", Complaint("经度"), 180)
    if (latitude is None) != (longitude is None):
        raise BadCell(
            "latitude" if latitude is None else "longitude",
            Complaint("纬度和经度要一起填，或者都空着"),
        )
    return latitude, longitude


def whole(row: Row, name: str) -> int | None:
    cell = text(row, name, 9)
    if cell and not cell.isdecimal():
        raise BadCell(name, Complaint("部门编号「{cell}」不是整数", cell=cell))
    return int(cell) if cell else None


def yes_or_no(row: Row, name: str) -> bool | None:
    value = row.get(name)
    if value is None or isinstance(value, bool):
        return value
    cell = text(row, name, 16).lower()
    if cell not in YES | NO:
        raise BadCell(name, Complaint("「{cell}」看不懂，请填「是」或「否」", cell=cell))
    return cell in YES if cell else None
