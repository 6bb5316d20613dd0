"""Branches, stores and guides from the retailer's own lists: checked row by row, good rows kept."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, func, or_, select

from models.accounts import audit
from models.db import PIECE, Database, pieces
from models.errors import Complaint, Refused
from models.org import Branch, Guide, Store
from models.org.spreadsheet import BadCell, Row, place, read_rows, refuse_too_many, text, whole, yes_or_no

HEADINGS = {
    "code": ("code", "编号", "门店编号", "分公司编号", "编码"),
    "name": ("name", "名称", "姓名", "门店名称", "分公司名称", "门店名", "分公司名"),
    "branch": ("branch", "branch_code", "分公司", "所属分公司"),
    "address": ("address", "地址", "门店地址"),
    "latitude": ("latitude", "lat", "纬度"),
    "longitude": ("longitude", "lng", "lon", "经度"),
    "department": ("department", "department_id", "部门", "部门编号", "部门id"),
    "userid": ("userid", "账号", "企业微信账号", "成员账号"),
    "store": ("store", "store_code", "门店", "所属门店"),
    "manager": ("manager", "is_manager", "店长", "是否店长"),
}
MEANINGS = {"guides": {"门店编号": "store"}, "stores": {"分公司编号": "branch"}}
"""Where a heading means one thing in one list and another in the next"""
_USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")


@dataclass(frozen=True)
class RowError:
    """What was wrong with one row; `row` counts from 1 without the headings."""

    row: int
    field: str
    words: str


@dataclass
class Imported:
    """What became of the rows: each is added, changed, unchanged or in `errors`."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    spoilt: int = 0

    @property
    def words(self) -> str:
        bad = len(self.errors) + self.spoilt
        return f"新增 {self.added} 行，更新 {self.updated} 行，没变 {self.unchanged} 行，有错 {bad} 行"


@dataclass(frozen=True)
class Noun:
    """How one kind of row is checked. A cell that the list leaves out, or leaves empty, changes nothing."""

    model: type[SQLModel]
    key: str
    above: Callable[[Session], Mapping[str, int | None]]
    """What its rows belong to: ids by lower-case code"""
    cells: Callable[[Row, bool, Mapping[str, int | None]], dict[str, Any]]


def import_bytes(db: Database, noun: str, content: bytes, who: str, now: datetime) -> Imported:
    """Bring in a whole CSV or JSON file."""
    return bring_in(db, noun, read_rows(content), who, now)


def bring_in(
    db: Database, noun: str, rows: Sequence[Row], who: str, now: datetime, *, spoilt: int = 0
) -> Imported:
    """Upsert rows of branches, stores or guides by the retailer's own codes, in short transactions.

    `spoilt`: so many more rows came, and were not even rows of this noun.
    """
    if noun not in NOUNS:
        raise Refused(Complaint("不认识「{noun}」，可以导入 branches、stores 或 guides", noun=noun))
    refuse_too_many(len(rows))
    done, seen = Imported(spoilt=spoilt), dict[str, int]()
    for number, some in enumerate(pieces(rows)):
        piece, first = [_named(noun, row) for row in some], number * PIECE + 1
        bring = partial(
            _bring_piece, noun=NOUNS[noun], piece=piece, first=first, now=now, seen=seen, done=done
        )
        try:
            done, seen = db.run(bring)
        except (
            IntegrityError
        ):  # an event or another import added one of these rows meanwhile: now it is found
            done, seen = db.run(bring)
    db.run(lambda session: audit.record(session, who, "import", noun, now, done.words))
    return done


def _bring_piece(
    session: Session,
    noun: Noun,
    piece: Sequence[Row],
    first: int,
    now: datetime,
    seen: Mapping[str, int],
    done: Imported,
) -> tuple[Imported, dict[str, int]]:
    """What is done and seen with this piece; what was before it stays as it is, because a piece may run again."""
    done, seen = replace(done, errors=[*done.errors]), dict(seen)
    known = _known(session, noun, [str(row.get(noun.key, "")).strip()[:64] for row in piece])
    above = noun.above(session)
    for number, row in enumerate(piece, first):
        try:
            key = text(row, noun.key, 64, needed=True)
            if key.lower() in seen:
                raise BadCell(noun.key, Complaint("「{key}」和第 {n} 行重复", key=key, n=seen[key.lower()]))
            found = known.get(key.lower())
            cells = noun.cells(row, found is None, above)
        except BadCell as bad:
            done.errors.append(RowError(number, bad.field, bad.words))
            continue
        seen[key.lower()] = number
        values = {name: value for name, value in cells.items() if value is not None}
        if found is None:
            session.add(_made(noun, key, values, now))
            done.added += 1
        elif fresh := {name: value for name, value in values.items() if getattr(found, name) != value}:
            for name, value in fresh.items():
                setattr(found, name, value)
            done.updated += 1
        else:
            done.unchanged += 1
    return done, seen


def _known(session: Session, noun: Noun, keys: Sequence[str]) -> dict[str, SQLModel]:
    """The rows that exist for these keys, whatever case either is in."""
    column = getattr(noun.model, noun.key)
    clean = [key for key in keys if key.isprintable()]
    query = select(noun.model).where(
        or_(func.lower(column).in_([key.lower() for key in clean]), column.in_(clean))
    )
    return {getattr(found, noun.key).lower(): found for found in session.exec(query)}


def _made(noun: Noun, key: str, values: Mapping[str, Any], now: datetime) -> SQLModel:
    if noun.model is Guide:
        return Guide(userid=key, userid_key=key.lower(), joined_at=now, **values)
    return noun.model(code=key, **values)


def _branch(row: Row, new: bool, above: Mapping[str, int | None]) -> dict[str, Any]:
    return {"name": text(row, "name", 64, needed=new) or None}


def _store(row: Row, new: bool, above: Mapping[str, int | None]) -> dict[str, Any]:
    latitude, longitude = place(row)
    return {
        "name": text(row, "name", 64, needed=new) or None,
        "branch_id": _belongs(row, "branch", Complaint("分公司"), new, above),
        "address": text(row, "address", 200) or None,
        "latitude": latitude,
        "longitude": longitude,
        "department_id": whole(row, "department"),
    }


def _guide(row: Row, new: bool, above: Mapping[str, int | None]) -> dict[str, Any]:
    if not _USERID.fullmatch(userid := text(row, "userid", 64)):
        raise BadCell(
            "userid", Complaint("「{userid}」不是企业微信账号，只能有字母、数字和 _ - . @", userid=userid)
        )
    return {
        "name": text(row, "name", 64, needed=new) or None,
        "store_id": _belongs(row, "store", Complaint("门店"), new, above),
        "is_manager": yes_or_no(row, "manager"),
    }


def _belongs(row: Row, name: str, label: Complaint, new: bool, above: Mapping[str, int | None]) -> int | None:
    code = text(row, name, 64, needed=new)
    if code and code.lower() not in above:
        raise BadCell(
            name, Complaint("没有编号是「{code}」的{label}，请先导入{label}", code=code, label=label)
        )
    return above.get(code.lower())


def _nothing(session: Session) -> dict[str, int | None]:
    return {}


def _branches(session: Session) -> dict[str, int | None]:
    return {branch.code.lower(): branch.id for branch in session.exec(select(Branch))}


def _stores(session: Session) -> dict[str, int | None]:
    return {store.code.lower(): store.id for store in session.exec(select(Store))}


NOUNS = {
    "branches": Noun(Branch, "code", _nothing, _branch),
    "stores": Noun(Store, "code", _branches, _store),
    "guides": Noun(Guide, "userid", _stores, _guide),
}


def _named(noun: str, row: Row) -> dict[str, Any]:
    """The row under our names, whatever language its headings speak."""
    named: dict[str, Any] = {}
    for heading, value in row.items():
        spelled = str(heading).strip()
        name = MEANINGS.get(noun, {}).get(spelled) or _heading(spelled.lower())
        if name and name not in named:
            named[name] = value
    return named


def _heading(spelled: str) -> str:
    return next((name for name, spellings in HEADINGS.items() if spelled in spellings), "")
