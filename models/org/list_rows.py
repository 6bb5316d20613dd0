"""What a row of each list must hold, and what it belongs to."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, SQLModel, select

from models.org import Branch, Guide, Store, cities, shifts
from models.org.cells import (
    CLOSED,
    OFF,
    BadCell,
    Row,
    clock,
    day,
    opening_hours,
    place,
    text,
    whole,
    yes_or_no,
)
from models.org.columns import KEYS
from models.org.shifts import LONGEST_NOTE, Shift
from models.sentences import Sentence

_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")


@dataclass(frozen=True)
class Above:
    """What rows belong to: ids by lower-case code, and by name where only one has it."""

    ids: Mapping[str, int | None] = field(default_factory=dict)
    names: Mapping[str, list[int | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Noun:
    """How one kind of row is checked. A cell that the list leaves out, or leaves empty, changes nothing."""

    model: type[SQLModel]
    key: str
    above: Callable[[Session], Above]
    cells: Callable[[Row, bool, Above], dict[str, Any]]
    by_day: bool = False
    """The key has a row of its own for each day."""


def _branch(row: Row, new: bool, above: Above) -> dict[str, Any]:
    return {"name": text(row, "name", 64, needed=new) or None}


def _store(row: Row, new: bool, above: Above) -> dict[str, Any]:
    latitude, longitude = place(row)
    opens, closes = opening_hours(row)
    return {
        "name": text(row, "name", 64, needed=new) or None,
        "branch_id": _belongs(row, "branch", Sentence("分公司"), new, above),
        "city": cities.spelled(text(row, "city", cities.LETTERS)) or None,
        "address": text(row, "address", 200, lines=True) or None,
        "latitude": latitude,
        "longitude": longitude,
        "opens": opens,
        "closes": closes,
        "department_id": whole(row, "department"),
        "closed": yes_or_no(row, "closed", yes=CLOSED),
    }


def _guide(row: Row, new: bool, above: Above) -> dict[str, Any]:
    if not _USERID.fullmatch(userid := text(row, "userid", 64)):
        raise BadCell(
            "userid", Sentence("「{userid}」不是企业微信账号，只能有字母、数字和 _ - . @", userid=userid)
        )
    return {
        "name": text(row, "name", 64, needed=new) or None,
        "store_id": _belongs(row, "store", Sentence("门店"), new, above),
        "is_manager": yes_or_no(row, "manager"),
    }


def _shift(row: Row, new: bool, above: Above) -> dict[str, Any]:
    """The whole day as the row says it: without off and without hours it is as her store."""
    userid = text(row, "userid", 64)
    if userid.lower() not in above.ids:
        raise BadCell("userid", Sentence("没有账号是「{userid}」的导购，请先导入导购", userid=userid))
    off, opens, closes = bool(yes_or_no(row, "off", yes=OFF)), clock(row, "opens"), clock(row, "closes")
    if bad := shifts.fault(off, opens, closes):
        raise BadCell("off" if off else "closes" if opens else "opens", bad)
    return {
        "guide_id": above.ids[userid.lower()],
        "day": day(row, "day"),
        "off": off,
        "opens": opens,
        "closes": closes,
        "note": text(row, "note", LONGEST_NOTE),
    }


def _belongs(row: Row, name: str, label: Sentence, new: bool, above: Above) -> int | None:
    """The id of what stands in the cell: a code, or the name of the only one that is called so."""
    code = text(row, name, 64, needed=new)
    if not code or code.lower() in above.ids:
        return above.ids.get(code.lower())
    called = above.names.get(_plain(code), [])
    if len(called) == 1:
        return called[0]
    if called:
        words = "有 {n} 个{label}都叫「{code}」，请写编号"
    elif len(several := [one for one in re.split(r"[、,;/|\s]+", code) if one.lower() in above.ids]) > 1:
        words = "「{code}」是 {n} 个{label}，这里只能写一个"
        called = [above.ids[one.lower()] for one in several]
    else:
        words = "没有编号是「{code}」的{label}，请先导入{label}"
    raise BadCell(name, Sentence(words, code=code, label=label, n=len(called)))


def _nothing(session: Session) -> Above:
    return Above()


def _branches(session: Session) -> Above:
    return _above(session, Branch)


def _stores(session: Session) -> Above:
    return _above(session, Store)


def _guides(session: Session) -> Above:
    return Above({key: number for number, key in session.exec(select(Guide.id, Guide.userid_key))})


def _above(session: Session, model: type[Branch] | type[Store]) -> Above:
    ids: dict[str, int | None] = {}
    names: dict[str, list[int | None]] = {}
    for number, code, name in session.exec(select(model.id, model.code, model.name)):
        ids[code.lower()] = number
        names.setdefault(_plain(name), []).append(number)
    return Above(ids, names)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower()


NOUNS = {
    "branches": Noun(Branch, KEYS["branches"], _nothing, _branch),
    "stores": Noun(Store, KEYS["stores"], _branches, _store),
    "guides": Noun(Guide, KEYS["guides"], _stores, _guide),
    "shifts": Noun(Shift, KEYS["shifts"], _guides, _shift, by_day=True),
}
