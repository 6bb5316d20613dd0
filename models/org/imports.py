"""Branches, stores, guides and shifts from the retailer's own lists: checked row by row, good rows kept."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, func, or_, select

from models.accounts import audit
from models.db import Database, pieces, take_turns
from models.errors import Refused
from models.org import Guide, Store, renames, shifts
from models.org.cells import BadCell, Row, day, text
from models.org.columns import SPELLINGS, Line, RowNote, Sheet, of_rows
from models.org.list_rows import NOUNS, Noun
from models.org.shifts import Shift
from models.org.spreadsheet import read_sheet, refuse_too_many
from models.sentences import Sentence

IMPORTS = "imports"
"""Of two lists at the same moment, each piece sees what the other has written: they take turns."""

ROWS_SHOWN = 8
"""So many rows a look shows as they were read"""


@dataclass
class Imported:
    """What became of the rows: each is added, changed, unchanged, skipped or in `errors`."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowNote] = field(default_factory=list)
    spoilt: int = 0
    """Rows with an error that is said elsewhere, or once for all of them"""
    skipped: list[RowNote] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)
    """What is to be known about rows that are taken"""

    @property
    def bad(self) -> int:
        return len(self.errors) + self.spoilt

    @property
    def words(self) -> str:
        skipped = Sentence("，跳过 {skipped} 行", skipped=len(self.skipped)) if self.skipped else ""
        return Sentence(
            "新增 {added} 行，更新 {updated} 行，没变 {unchanged} 行，有错 {bad} 行{skipped}",
            added=self.added,
            updated=self.updated,
            unchanged=self.unchanged,
            bad=self.bad,
            skipped=skipped,
        )


@dataclass
class ImportState:
    """How far an import has come. A piece works on a copy, because it may run again."""

    done: Imported
    seen: dict[str, int] = field(default_factory=dict)
    """The row of each key"""
    departments: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Whose store a department is: code and name"""
    without: dict[str, int] = field(default_factory=dict)
    """Rows that miss a column which is not there at all"""

    def copy(self) -> "ImportState":
        done = replace(self.done, errors=[*self.done.errors], notes=[*self.done.notes])
        return ImportState(done, dict(self.seen), dict(self.departments), dict(self.without))


def import_bytes(db: Database, noun: str, content: bytes, who: str, now: datetime) -> Imported:
    """Bring in a whole CSV, XLSX or JSON file."""
    return bring_in(db, read(noun, content), who, now)


def import_rows(db: Database, noun: str, rows: Sequence[Row], who: str, now: datetime) -> Imported:
    """Bring in rows that are there already, counted from 1."""
    return bring_in(db, sheet_of(noun, list(enumerate(rows, 1))), who, now)


def read(noun: str, content: bytes) -> Sheet:
    """The list in a file as it was understood, or Refused with the cause."""
    _refuse_unknown(noun)
    return read_sheet(noun, content)


def sheet_of(noun: str, rows: Sequence[tuple[int, Row]]) -> Sheet:
    """Numbered rows as a list."""
    _refuse_unknown(noun)
    refuse_too_many(len(rows))
    return of_rows(noun, rows)


def look(db: Database, sheet: Sheet, now: datetime) -> Imported:
    """What would become of the rows; nothing is stored."""
    state = _begun(sheet)
    with db.read() as session:
        state.departments = _departments(session, sheet.noun)
        for lines in pieces(sheet.lines):
            state = _bring_piece(session, sheet, lines, now, state, store=False)
    return _ended(sheet, state)


def bring_in(db: Database, sheet: Sheet, who: str, now: datetime, *, spoilt: int = 0) -> Imported:
    """Upsert rows of branches, stores, guides or shifts by the retailer's own codes, in short transactions.

    `spoilt`: so many more rows came, and were not even rows of this noun.
    """
    state = _begun(sheet, spoilt)
    for lines in pieces(sheet.lines):
        bring = partial(_bring_piece, sheet=sheet, lines=lines, now=now, before=state, store=True)
        try:
            state = db.run(bring)
        except (
            IntegrityError
        ):  # an event or another import added one of these rows meanwhile: now it is found
            state = db.run(bring)
    done = _ended(sheet, state)
    db.run(lambda session: audit.record(session, who, "import", sheet.noun, now, done.words))
    return done


def _refuse_unknown(noun: str) -> None:
    if noun not in NOUNS:
        raise Refused(Sentence("不认识「{noun}」，可以导入 branches、stores、guides 或 shifts", noun=noun))


def _begun(sheet: Sheet, spoilt: int = 0) -> ImportState:
    return ImportState(Imported(errors=[*sheet.errors], spoilt=spoilt, skipped=[*sheet.skipped]))


def _ended(sheet: Sheet, state: ImportState) -> Imported:
    done = state.done
    for name, count in state.without.items():
        heading = SPELLINGS[sheet.noun][name][0] if sheet.heading_row else name
        words = Sentence("没有「{heading}」这一列，要新增的 {n} 行都没有存", heading=heading, n=count)
        done.errors.append(RowNote(sheet.heading_row, heading, words))
        done.spoilt += count - 1
    done.errors.sort(key=lambda one: one.row)
    return done


def _bring_piece(
    session: Session, sheet: Sheet, lines: Sequence[Line], now: datetime, before: ImportState, *, store: bool
) -> ImportState:
    """How far it is with this piece; what was before it stays as it is, because a piece may run again."""
    noun, state = NOUNS[sheet.noun], before.copy()
    if store:
        take_turns(session, IMPORTS)
        state.departments = _departments(session, sheet.noun)
    keys = [_key(noun, line) for line in lines]
    renamed = renames.successors(session, keys, now) if noun.key == "userid" else {}
    known = _known(session, noun, [renamed.get(key.lower(), key) for key in keys], lines)
    above = noun.above(session)
    for line in lines:
        try:
            written = text(line.cells, noun.key, 64, needed=True)
            key = renamed.get(written.lower(), written)
            place = _place(key, day(line.cells, "day") if noun.by_day else None)
            _refuse_again(noun, written, key, place, state)
            found = known.get(place.lower())
            cells = noun.cells({**line.cells, noun.key: key}, found is None, above)
            _claim_department(key, found, cells, state)
        except BadCell as bad:
            _note_bad(sheet, line, bad, state)
            continue
        state.seen[place.lower()] = line.number
        if key != written:
            words = Sentence("「{old}」是原来的账号，现在是「{new}」，记在她名下", old=written, new=key)
            state.done.notes.append(RowNote(line.number, sheet.heading(noun.key), words))
        values = {name: value for name, value in cells.items() if value is not None}
        _put(session if store else None, noun, key, found, values, now, state.done)
    return state


def _departments(session: Session, noun: str) -> dict[int, tuple[str, str]]:
    """Code and name of the store that each department is; of two that share one already, the older."""
    if noun != "stores":
        return {}
    kept = select(Store.department_id, Store.code, Store.name).where(col(Store.department_id).is_not(None))
    return {
        number or 0: (code, name) for number, code, name in session.exec(kept.order_by(col(Store.id).desc()))
    }


def _key(noun: Noun, line: Line) -> str:
    try:
        return text(line.cells, noun.key, 64)
    except BadCell:
        return ""


def _place(key: str, of_day: date | None) -> str:
    """What is one row: a key, or a key on one day"""
    return f"{key} {of_day}" if of_day else key


def _refuse_again(noun: Noun, written: str, key: str, place: str, state: ImportState) -> None:
    first = state.seen.get(place.lower())
    if first and key != written:
        words = Sentence("「{key}」现在是「{new}」，和第 {n} 行重复", key=written, new=key, n=first)
        raise BadCell(noun.key, words)
    if first:
        raise BadCell(noun.key, Sentence("「{key}」和第 {n} 行重复", key=place, n=first))


def _claim_department(key: str, found: SQLModel | None, cells: Mapping[str, Any], state: ImportState) -> None:
    """One department is one store: otherwise nobody can say where its people work."""
    wanted = cells.get("department_id")
    if wanted is None:
        return
    code, name = state.departments.get(wanted, (key, ""))
    if code.lower() != key.lower():
        raise BadCell(
            "department",
            Sentence(
                "部门 {n} 已经是「{name}」（{code}）的了，一个部门只能是一家门店",
                n=wanted,
                name=name,
                code=code,
            ),
        )
    if (
        isinstance(found, Store)
        and state.departments.get(found.department_id or 0, ("", ""))[0] == found.code
    ):
        del state.departments[found.department_id or 0]
    state.departments[wanted] = (
        key,
        cells.get("name") or (found.name if isinstance(found, Store) else ""),
    )


def _note_bad(sheet: Sheet, line: Line, bad: BadCell, state: ImportState) -> None:
    if bad.empty and bad.field not in sheet.headings and (sheet.heading_row or len(sheet.lines) > 1):
        state.without[bad.field] = state.without.get(bad.field, 0) + 1
    elif line.number in sheet.wide:
        state.done.errors.append(RowNote(line.number, "", sheet.wide[line.number]))
    else:
        state.done.errors.append(RowNote(line.number, sheet.heading(bad.field), bad.words))


def _put(
    session: Session | None,
    noun: Noun,
    key: str,
    found: SQLModel | None,
    values: Mapping[str, Any],
    now: datetime,
    done: Imported,
) -> None:
    """Add or change the row, or only count it where nothing is stored."""
    if noun.by_day and not (values["off"] or values["opens"]):
        _as_her_store(session, found, values, done)
        return
    if found is None:
        done.added += 1
        if session is not None:
            session.add(_made(noun, key, values, now))
        return
    fresh = {name: value for name, value in values.items() if getattr(found, name) != value}
    if not fresh:
        done.unchanged += 1
        return
    done.updated += 1
    if session is not None:
        for name, value in fresh.items():
            setattr(found, name, value)


def _as_her_store(
    session: Session | None, found: SQLModel | None, values: Mapping[str, Any], done: Imported
) -> None:
    """A day on which nothing differs any more has no row."""
    done.updated += found is not None
    done.unchanged += found is None
    if session is not None and isinstance(found, Shift):
        shifts.put(session, found, values)


def _known(session: Session, noun: Noun, keys: Sequence[str], lines: Sequence[Line]) -> dict[str, SQLModel]:
    """The rows that exist for these keys, whatever case either is in."""
    clean = [key for key in keys if key.isprintable()]
    if noun.by_day:
        return _known_days(session, clean, lines)
    column = getattr(noun.model, noun.key)
    query = select(noun.model).where(
        or_(func.lower(column).in_([key.lower() for key in clean]), column.in_(clean))
    )
    return {getattr(found, noun.key).lower(): found for found in session.exec(query)}


def _known_days(session: Session, keys: Sequence[str], lines: Sequence[Line]) -> dict[str, SQLModel]:
    days: set[date] = set()
    for line in lines:
        with suppress(BadCell):  # said when the row is read
            days.add(day(line.cells, "day"))
    query = select(Guide.userid_key, Shift).join(Shift, col(Shift.guide_id) == col(Guide.id))
    hers = col(Guide.userid_key).in_([key.lower() for key in keys]), col(Shift.day).in_(days)
    return {_place(key, shift.day): shift for key, shift in session.exec(query.where(*hers))}


def _made(noun: Noun, key: str, values: Mapping[str, Any], now: datetime) -> SQLModel:
    if noun.model is Guide:
        return Guide(userid=key, userid_key=key.lower(), joined_at=now, **values)
    if noun.model is Shift:
        return Shift(**values)
    return noun.model(code=key, **values)
