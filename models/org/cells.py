"""Cells checked one by one: read as they are meant, or refused with the real cause."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any, NoReturn

from models.org import opening
from models.org.encodings import SPOILT
from models.sentences import Sentence

Row = Mapping[str, Any]
YES = {"1", "true", "yes", "y", "是", "店长", "√", "✓", "✔", "☑", "✅", "对", "有"}
NO = {"0", "false", "no", "n", "否", "不是", "导购", "店员", "×", "✗", "✘", "✖", "☐", "❌"}
OFF = {"休", "休息", "off"}
"""How rosters say yes in the column of days off"""
CLOSED = {"已关店", "关店", "撤店", "closed"}
"""How lists of stores say yes in the column of those that are no more"""
NOTHING = {
    "nan", "null", "none", "nil", "n/a", "#n/a", "<na>", "nat", "-", "--", "—", "——", "/", "\\n", "无", "暂无", "空", "(空)",
    "（空）",
}  # fmt: skip
"""What programs and people write into a cell that holds nothing"""
CODES = {"code", "userid", "store", "branch"}
"""Columns that hold a code or a userid, of this row or of what it belongs to"""
_HIDDEN = re.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufffc]|(?<=[\\w.-])\u200d"
)
"""Marks that nobody sees and nobody means; the joiner inside an emoji is not one of them"""
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
"""How exports keep the zeros of ="0082": the text is meant"""
_FORMULA = re.compile(r"[=＝]|[@+＠＋-]\s*[A-Za-z.]+[(（]|[@+＠＋-][^|]*\|[^!]*!")
"""The last one lets a spreadsheet program start another program"""
_CELL_ERROR = re.compile(r"#(?:REF|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC)[!?]", re.I)
_GARBLED = re.compile("\ufffd|锟斤拷|烫烫烫|\\?{2,}|#{4,}|ï»¿")
_HANZI = re.compile("[\u3400-\u9fff]")
_WHOLE = re.compile(r"(\d+)\.0+")
_DECIMAL_COMMA = re.compile(r"-?\d{1,3},\d+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.I)
_DAY = re.compile(
    r"(20\d\d)(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))(?: 0?0:00(?::00)?)?"
)
"""The ways to write a day; a program that knows moments alone adds midnight"""
_PAIR = re.compile(r"-?\d+\.\d+\s*[,，;；、\s]\s*-?\d+\.\d+")


class BadCell(Exception):
    """One cell of a row cannot be so."""

    def __init__(self, field: str, words: str, *, empty: bool = False) -> None:
        super().__init__(words)
        self.field, self.words = field, words
        self.empty = empty
        """It is needed and not there: the column may be missing"""


def text(row: Row, name: str, most: int, *, needed: bool = False, lines: bool = False) -> str:
    """The cell as text. `lines`: it may have been written on several, which become one."""
    cell = _typed(name, row.get(name))
    if lines:
        cell = " ".join(cell.split())
    if name in CODES:
        cell = key(cell)
    if cell.lower() in NOTHING:
        cell = ""
    if needed and not cell:
        raise BadCell(name, Sentence("这一格不能空着"), empty=True)
    _refuse_damaged(name, cell)
    if len(cell) > most:
        raise BadCell(name, Sentence("最多 {most} 个字，现在 {n} 个", most=most, n=len(cell)))
    return cell


def shown(row: Row, name: str) -> str:
    """The cell as it is read; one that cannot be read as it stands, for people to see."""
    if isinstance(value := row.get(name), date | time):
        return str(value).removesuffix(" 00:00:00")
    try:
        return text(row, name, 200, lines=True)
    except BadCell:
        return str(row.get(name, "")).encode("utf-8", "replace").decode()[:200]


def key(cell: str) -> str:
    """A code as it is compared: half-width, without blanks that nobody sees and without the .0 of a number."""
    bare = "".join(unicodedata.normalize("NFKC", cell).split("\u200d")).strip()
    return _WHOLE.sub(r"\1", bare) if _WHOLE.fullmatch(bare) else bare


def _typed(name: str, value: Any) -> str:
    """What somebody typed, without what programs put around it."""
    if isinstance(value, date | time):
        raise BadCell(name, Sentence("表格软件把这一格改成了日期或时间。请把这一列设成文本，再填一次"))
    if isinstance(value, bool | list | dict):
        raise BadCell(name, Sentence("这一格要是文字"))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    cell = "" if value is None else _HIDDEN.sub("", str(value)).replace("\xa0", " ").strip()
    if wrapped := _TEXT_FORMULA.fullmatch(cell):
        cell = wrapped[1].replace('""', '"').strip()
    # shown by no spreadsheet program; some exports put one at the end, too
    if len(cell) > 1 and cell[0] == "'":
        cell = cell[1:].removesuffix("'").strip()
    return cell


def _refuse_damaged(name: str, cell: str) -> None:
    if SPOILT.search(cell) or _GARBLED.search(cell) or _misread(cell):
        raise BadCell(
            name, Sentence("这一格是乱码，多半是存的编码和别的格不一样。请改好这一格，另存为「CSV UTF-8」")
        )
    if _CELL_ERROR.match(cell):
        raise BadCell(name, Sentence("这一格的公式算错了（{cell}），请填上值", cell=cell[:20]))
    if _FORMULA.match(cell):
        raise BadCell(name, Sentence("这一格是公式，请复制后「粘贴为值」再导入"))
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for letter in cell) or (
        name in CODES and not cell.isprintable()
    ):
        raise BadCell(name, Sentence("这一格里有换行或看不见的字符"))
    if name in CODES and _rounded(cell):
        raise BadCell(
            name, Sentence("「{cell}」是被表格软件改写过的数字，请把这一列设成文本再保存", cell=cell)
        )


def _misread(cell: str) -> bool:
    """Letters whose bytes are hanzi in UTF-8: some program read them in another encoding, and saved what it saw."""
    for encoding in ("cp1252", "gb18030"):
        try:
            meant = cell.encode(encoding).decode("utf-8")
        except ValueError:
            continue
        if meant != cell and _HANZI.search(meant):
            return True
    return False


def _rounded(cell: str) -> bool:
    """1.23457E+16: a long number that a spreadsheet program has already damaged."""
    head, _, tail = cell.upper().partition("E+")
    return bool(tail) and tail.isdecimal() and head.replace(".", "", 1).isdecimal()


def _number(row: Row, name: str, label: Sentence, most: float) -> float | None:
    cell = unicodedata.normalize("NFKC", text(row, name, 64)).replace("\u2212", "-")
    if not cell:
        return None
    if _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    if _PAIR.fullmatch(cell):
        raise BadCell(name, Sentence("「{cell}」是两个数，请把纬度和经度分成两列", cell=cell))
    if not _NUMBER.fullmatch(cell):
        raise BadCell(
            name, Sentence("{label}「{cell}」不是数字，只写数字，例如 41.8016", label=label, cell=cell)
        )
    number = float(cell)
    if not -most <= number <= most:
        values = {"label": label, "most": f"{most:g}", "cell": cell}
        if name == "latitude" and -180 <= number <= 180:
            raise BadCell(
                name,
                Sentence("{label}要在 −{most} 到 {most} 之间，现在是 {cell}，是不是和经度写反了", **values),
            )
        raise BadCell(name, Sentence("{label}要在 −{most} 到 {most} 之间，现在是 {cell}", **values))
    return number


def place(row: Row) -> tuple[float | None, float | None]:
    """Where the store is. Two zeros are what programs write for nothing: there is only sea."""
    latitude = _number(row, "latitude", Sentence("纬度"), 90)
    longitude = _number(row, "longitude", Sentence("经度"), 180)
    if (latitude is None) != (longitude is None):
        raise BadCell(
            "latitude" if latitude is None else "longitude",
            Sentence("纬度和经度要一起填，或者都空着"),
        )
    return (latitude, longitude) if latitude or longitude else (None, None)


def opening_hours(row: Row) -> tuple[str | None, str | None]:
    """From when to when the store is open; spreadsheets write times with seconds."""
    opens, closes = (clock(row, name) for name in ("opens", "closes"))
    if bad := opening.fault(opens, closes):
        raise BadCell("closes" if opens else "opens", bad)
    return opens or None, closes or None


def clock(row: Row, name: str) -> str:
    """A time of day; empty where none stands."""
    value = row.get(name)
    if isinstance(value, time):  # a spreadsheet program makes one of whatever looks like it
        return f"{value:%H:%M}"
    cell = unicodedata.normalize("NFKC", text(row, name, 8))
    return opening.spelled(cell.removesuffix(":00") if cell.count(":") > 1 else cell)


def day(row: Row, name: str) -> date:
    """A day, as people and spreadsheet programs write it."""
    value = row.get(name)
    if isinstance(value, date):  # a moment is one, too
        found = value.date() if isinstance(value, datetime) else value
        return found if 2000 <= found.year < 2100 else _no_day(name, str(value))
    cell = unicodedata.normalize("NFKC", text(row, name, 20, needed=True))
    parts = _DAY.fullmatch(cell)
    try:
        return date(*(int(part) for part in parts.groups() if part)) if parts else _no_day(name, cell)
    except ValueError:
        return _no_day(name, cell)


def _no_day(name: str, cell: str) -> NoReturn:
    raise BadCell(name, Sentence("「{cell}」不是日期，写成 2026-11-19 这样", cell=cell[:20]))


def whole(row: Row, name: str) -> int | None:
    """A department's number; the platform counts from 1, so 0 is none."""
    cell = key(text(row, name, 20))
    if cell and not (cell.isdecimal() and len(cell) <= 9):
        raise BadCell(name, Sentence("部门编号「{cell}」不是整数", cell=cell))
    return int(cell or 0) or None


def yes_or_no(row: Row, name: str, *, yes: Collection[str] = ()) -> bool | None:
    """`yes`: more words for it, which this column alone knows."""
    value = row.get(name)
    if isinstance(value, bool):
        return value
    cell = key(text(row, name, 16)).lower()
    if cell in yes:
        return True
    if cell not in YES | NO | {""}:
        raise BadCell(name, Sentence("「{cell}」看不懂，请填「是」或「否」", cell=cell))
    return cell in YES if cell else None
