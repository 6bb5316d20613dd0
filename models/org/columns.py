"""What the columns of a list mean: headings as people write them, where they stand, and rows that are no data."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.errors import Refused
from models.sentences import Sentence

SPELLINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "branches": {
        "code": ("编号", "code", "分公司编号", "分公司编码", "编码", "区域编号", "大区编号", "branch code"),
        "name": ("名称", "name", "分公司名称", "分公司名", "分公司", "区域名称", "大区名称", "branch name"),
    },
    "stores": {
        "code": (
            "门店编号", "code", "编号", "编码", "门店编码", "门店代码", "门店号", "店号", "店编号", "店铺编号", "店铺编码",
            "门市编号", "store code", "store id", "store no", "shop code",
        ),
        "name": (
            "门店名称", "name", "名称", "门店名", "门店", "店名", "店铺名称", "店铺", "门市名称", "store name", "store",
            "shop name",
        ),
        "branch": ("分公司编号", "branch", "branch code", "分公司编码", "所属分公司编号", "所属分公司编码"),
        "city": ("城市", "city", "所在城市", "门店城市", "城市名称"),
        "address": ("地址", "address", "门店地址", "详细地址", "店铺地址", "store address"),
        "latitude": ("纬度", "latitude", "lat", "门店纬度"),
        "longitude": ("经度", "longitude", "lng", "lon", "long", "门店经度"),
        "opens": ("开门", "opens", "开门时间", "营业开始", "开始营业", "opening time"),
        "closes": ("关门", "closes", "关门时间", "打烊", "打烊时间", "营业结束", "closing time"),
        "department": (
            "部门编号", "department", "department id", "部门", "部门id", "企业微信部门", "企业微信部门编号",
            "企业微信部门id", "企微部门", "企微部门编号", "dept id", "dept",
        ),
        "closed": ("已关店", "closed", "是否关店", "关店", "撤店", "是否撤店"),
    },
    "guides": {
        "userid": (
            "企业微信账号", "userid", "账号", "成员账号", "企微账号", "企业微信id", "企微id", "成员id", "帐号",
            "企业微信帐号", "wecom id", "wecom account", "account",
        ),
        "name": ("姓名", "name", "名称", "导购姓名", "成员姓名", "员工姓名", "名字", "导购", "guide name", "full name"),
        "store": (
            "门店编号", "store", "store code", "门店编码", "所属门店编号", "所属门店编码", "店号", "店铺编号", "门市编号",
        ),
        "manager": ("店长", "manager", "is manager", "是否店长", "是不是店长", "store manager"),
    },
    "shifts": {
        "userid": (
            "企业微信账号", "userid", "账号", "成员账号", "企微账号", "企业微信id", "企微id", "成员id", "帐号",
            "企业微信帐号", "wecom id", "wecom account", "account",
        ),
        "day": ("日期", "day", "date", "哪一天", "班次日期", "排班日期", "上班日期", "shift date"),
        "off": ("休息", "off", "是否休息", "休", "day off", "rest"),
        "opens": ("上班", "opens", "上班时间", "开始时间", "开始", "starts", "start", "start time"),
        "closes": ("下班", "closes", "下班时间", "结束时间", "结束", "ends", "end", "end time"),
        "note": ("备注", "note", "说明", "班次", "remark"),
    },
}  # fmt: skip
"""noun → our name → how people head it; the first is what the template says, and what is said to be missing"""
SECOND_BEST: dict[str, dict[str, tuple[str, ...]]] = {
    "stores": {"branch": ("分公司", "所属分公司", "分公司名称", "分公司名", "branch name")},
    "guides": {"store": ("门店", "所属门店", "门店名称", "门店名", "店名", "所在门店", "店铺", "store name")},
}
"""Headings that name the same thing less surely; they count where no better one stands beside them"""
KEYS = {"branches": "code", "stores": "code", "guides": "userid", "shifts": "userid"}
"""Which column tells whose row it is; a shift is that of one day besides"""
MOST_COLUMNS = 200
"""Cells of a row that are read"""
LOOKED_AT = 30
"""Rows in which the headings are looked for; titles and remarks stand above them"""
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|〔.*?〕|<.*?>")
_REMARKS = re.compile(r"非必填|必填项?|选填|可选|可不填|required|optional")
_MARKS = re.compile(r"[\W_]+")
_SUM = re.compile(
    r"(?:本页|累计)?(?:合计|总计|小计|共计|总数|总和|汇总)[\s:：]*(?:[\d,.]+\s*\w?|[（(].*[)）])?"
    r"|(?:(?:grand|sub)[ -]?)?(?:total|sum)[\s:：]*",
    re.I,
)
_PLAIN = str.maketrans(
    "編號門稱經緯長帳賬員業區屬碼標點職維項總計數導購", "编号门称经纬长帐账员业区属码标点职维项总计数导购"
)
"""Headings of Hong Kong and Taiwan, in the letters of the spellings above"""


@dataclass(frozen=True)
class Line:
    """One row of a list under our names, with its number as the spreadsheet counts it."""

    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class RowNote:
    """What is to be said about one row; `field` is the heading of its sheet, empty for the whole row."""

    row: int
    field: str
    words: str


@dataclass
class Sheet:
    """A list as it was understood."""

    noun: str
    lines: list[Line] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    """our name → as the list spells it"""
    heading_row: int = 1
    unused: list[str] = field(default_factory=list)
    """Headings that mean nothing here"""
    skipped: list[RowNote] = field(default_factory=list)
    """Rows that are no data: sums, headings again"""
    errors: list[RowNote] = field(default_factory=list)
    """Rows whose cells do not stand under their headings"""
    wide: dict[int, Sentence] = field(default_factory=dict)
    """Rows with empty cells beyond the headings: whatever is wrong in one of them, a comma moved it there"""
    title: str = ""
    """Of the workbook's sheet"""
    unread: list[str] = field(default_factory=list)
    """Its other sheets that hold such a list, too"""

    def heading(self, name: str) -> str:
        return self.headings.get(name, name)


def fold(heading: Any) -> str:
    """A heading without what people decorate it with: stars, remarks in brackets, blanks, line ends, capitals."""
    text = unicodedata.normalize("NFKC", str(heading)).lower().translate(_PLAIN)
    bare = _MARKS.sub("", _REMARKS.sub("", _BRACKETS.sub("", text)))
    return bare or _MARKS.sub("", text)


def meanings(noun: str, headings: Sequence[Any]) -> dict[int, str]:
    """Which column is which of ours; a heading that stands twice has both."""
    folded = [fold(heading) for heading in headings]
    found = {place: _SPELLED[noun].get(heading, "") for place, heading in enumerate(folded)}
    less = {place: _LESS[noun].get(heading, "") for place, heading in enumerate(folded)}
    sure = {place: name for place, name in found.items() if name}
    unsure: dict[int, str] = {}
    for place, name in less.items():
        if name and name not in (*sure.values(), *unsure.values()):
            unsure[place] = name
    return {**sure, **unsure}


def of_rows(noun: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> Sheet:
    """A list of objects, each with headings of its own."""
    sheet = Sheet(noun, heading_row=0)
    for number, row in rows:
        spelled = [str(name) for name in row]
        named: dict[str, Any] = {}
        names = meanings(noun, spelled)
        for place, name in names.items():
            named[name] = row[spelled[place]]
            sheet.headings.setdefault(name, _shown(spelled[place]))
        if doubled := _doubled(spelled, names):
            first, second = doubled
            words = Sentence("「{first}」和「{second}」是同一列，请只留一列", first=first, second=second)
            sheet.errors.append(RowNote(number, first, words))
        else:
            sheet.lines.append(Line(number, named))
    return sheet


def of_grid(noun: str, grid: Sequence[tuple[int, Sequence[Any]]], *, shifts: bool) -> Sheet:
    """A table: headings somewhere at its top, rows below. `shifts`: a comma too many moves the cells that follow."""
    if not grid:
        raise Refused(Sentence("文件是空的"))
    top = heading_place(noun, grid)
    heading_row, headings = grid[top]
    names = meanings(noun, headings)
    _refuse_doubled(headings, names)
    _refuse_without_key(noun, headings, names)
    spelled = {name: _shown(headings[place]) for place, name in names.items()}
    unused = [_shown(one) for place, one in enumerate(headings) if place not in names and _shown(one)]
    sheet = Sheet(noun, headings=spelled, heading_row=heading_row, unused=unused)
    if len(grid) == top + 1:
        raise Refused(Sentence("表里只有表头，一行都没有"))
    rest = grid[top + 1 :]
    width = max((place for place, one in enumerate(headings) if _shown(one)), default=-1) + 1
    if shifts:
        wide = {number: too_wide(width, cells) for number, cells in rest if len(cells) > len(headings)}
        sheet.wide = wide
    for number, cells in rest:
        _sort_in(sheet, names, width if shifts else 0, number, cells)
    return sheet


def heading_place(noun: str, grid: Sequence[tuple[int, Sequence[Any]]]) -> int:
    """Where the headings stand: the first row with two that we know, else with one, else the first.

    Of headings on two rows, some of them merged, the lower row may know more.
    """
    known = [len(set(meanings(noun, cells).values())) for _, cells in grid[:LOOKED_AT]]
    most = min(2, max(known))
    place = next(place for place, count in enumerate(known) if count >= most)
    below = known[place + 1] if place + 1 < len(known) else 0
    return place + 1 if below > known[place] else place


def known_headings(noun: str, rows: Sequence[Sequence[Any]]) -> int:
    """How many headings the row has that has most."""
    return max((len(set(meanings(noun, cells).values())) for cells in rows[:LOOKED_AT]), default=0)


def has_headings(noun: str, grid: Sequence[tuple[int, Sequence[Any]]]) -> bool:
    """Does a row at the top tell whose rows follow?"""
    return any(KEYS[noun] in meanings(noun, cells).values() for _, cells in grid[:LOOKED_AT])


def _sort_in(sheet: Sheet, names: Mapping[int, str], width: int, number: int, cells: Sequence[Any]) -> None:
    """The row becomes a line, or is skipped, or is wrong as a whole."""
    named = {name: cells[place] if place < len(cells) else None for place, name in names.items()}
    filled = {name: cell for name, cell in named.items() if _shown(cell)}
    if filled and all(_heads(sheet, name, cell) for name, cell in filled.items()):
        sheet.skipped.append(RowNote(number, "", Sentence("又是一行表头")))
    elif _SUM.fullmatch(next((shown for cell in cells if (shown := _shown(cell))), "")):
        sheet.skipped.append(RowNote(number, "", Sentence("是合计")))
    elif width and any(_shown(cell) for cell in cells[width:]):
        sheet.errors.append(RowNote(number, "", too_wide(width, cells)))
    elif filled:
        sheet.lines.append(Line(number, named))


def _heads(sheet: Sheet, name: str, cell: Any) -> bool:
    """A heading again, in this spelling or another, or what a form says of it: 必填."""
    folded = fold(cell)
    same = folded == fold(sheet.headings[name]) or _SPELLED[sheet.noun].get(folded) == name
    return same or bool(_REMARKS.fullmatch(folded))


def too_wide(width: int, cells: Sequence[Any]) -> Sentence:
    return Sentence(
        "这一行有 {n} 格，表头只有 {width} 格，多半是某一格里有没加引号的逗号", n=len(cells), width=width
    )


def _refuse_doubled(headings: Sequence[Any], names: Mapping[int, str]) -> None:
    if doubled := _doubled(headings, names):
        first, second = doubled
        raise Refused(
            Sentence(
                "「{first}」和「{second}」是同一列，一行都没有导入。请只留一列", first=first, second=second
            )
        )


def _doubled(headings: Sequence[Any], names: Mapping[int, str]) -> tuple[str, str] | None:
    """Two headings that mean the same column."""
    first: dict[str, int] = {}
    for place, name in names.items():
        if name in first:
            return _shown(headings[first[name]]), _shown(headings[place])
        first[name] = place
    return None


def _refuse_without_key(noun: str, headings: Sequence[Any], names: Mapping[int, str]) -> None:
    if KEYS[noun] not in names.values():
        raise Refused(
            Sentence(
                "没有「{key}」这一列，认不出每一行是谁。这一份的表头是：{headings}",
                key=SPELLINGS[noun][KEYS[noun]][0],
                headings="、".join(filter(None, map(_shown, headings)))[:200] or "空的",
            )
        )


def _shown(cell: Any) -> str:
    """A cell or heading on one line, for people."""
    text = "" if cell is None else " ".join(str(cell).split())
    return text.encode("utf-8", "replace").decode().strip("\ufeff\u200b")


_SPELLED = {
    noun: {fold(one): name for name, spelled in names.items() for one in spelled}
    for noun, names in SPELLINGS.items()
}
_LESS: dict[str, dict[str, str]] = {
    noun: {fold(one): name for name, spelled in SECOND_BEST.get(noun, {}).items() for one in spelled}
    for noun in SPELLINGS
}
