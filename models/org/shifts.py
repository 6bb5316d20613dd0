"""When a guide is on shift: while her store is open, but for days on which she is off or has hours of her own.

All of it runs in one zone today, that of ONETAP_TIMEZONE, which stands for the zone of every branch.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import UniqueConstraint, delete
from sqlmodel import Field, Session, SQLModel, col, select

from models import preferences
from models.accounts import audit
from models.db import rows_changed
from models.errors import Refused
from models.names import line_fault
from models.org import Guide, Store, opening
from models.org.opening import Hours, hours
from models.sentences import Sentence

LONGEST_NOTE = 40
DAY = timedelta(days=1)


class Shift(SQLModel, table=True):
    """One guide on one day, where it differs from the opening hours: she is off, or has hours of her own."""

    __table_args__ = (UniqueConstraint("guide_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    guide_id: int = Field(foreign_key="guide.id")
    day: date = Field(index=True)
    """In the branch's zone"""
    off: bool = False
    opens: str = Field(default="", max_length=5)
    """From when to when, as "14:00" and "22:00"; empty while she is off"""
    closes: str = Field(default="", max_length=5)
    note: str = Field(default="", max_length=LONGEST_NOTE)

    @property
    def words(self) -> str:
        return (
            Sentence("休息")
            if self.off
            else Sentence("{opens} – {closes}", opens=self.opens, closes=self.closes)
        )


class NextShift(NamedTuple):
    """When a guide is on shift next."""

    at: datetime
    own: bool
    """She is off or has hours of her own, today or then: it is not the store's door that she waits for."""
    off: bool
    """All of today"""


Exceptions = Mapping[int, Mapping[date, Shift]]
"""Guide → day → what differs"""


def on_shift(session: Session, guide: Guide, at: datetime, zone: ZoneInfo) -> bool:
    return on_shift_from(session, guide, at, zone) == at


def on_shift_from(session: Session, guide: Guide, at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself while she is on shift, else the moment when her next shift begins."""
    return next_shifts(session, [guide], at, zone)[guide.id or 0].at


def next_shifts(
    session: Session, guides: Sequence[Guide], at: datetime, zone: ZoneInfo
) -> dict[int, NextShift]:
    """Guide → when she is on shift next; three queries, however many they are."""
    usual = hours_of_all(session, {guide.store_id for guide in guides})
    first = at.astimezone(zone).date()
    own = exceptions(session, [guide.id or 0 for guide in guides], first)
    return {
        guide.id or 0: next_of(usual[guide.store_id], own.get(guide.id or 0, {}), at, zone)
        for guide in guides
    }


def next_of(usual: Hours, own: Mapping[date, Shift], at: datetime, zone: ZoneInfo) -> NextShift:
    """A day without an exception is a day on which the store opens, so the search ends after her last one."""
    today = at.astimezone(zone).date()
    off = today in own and own[today].off
    for day in (today + number * DAY for number in range(len(own) + 2)):
        span = hours_on(usual, own.get(day))
        if span and (begins := span.on(day, at, zone)):
            return NextShift(begins, today in own or day in own, off)
    raise AssertionError("a store is open every day")


def hours_on(usual: Hours, own: Shift | None) -> Hours | None:
    """A guide's hours of one day; None while she is off."""
    if own is None:
        return usual
    return None if own.off else hours(own.opens, own.closes)


def hours_of(session: Session, store: Store | None) -> Hours:
    """Its own; the brand's where it has none, and for whoever has no store."""
    if store and store.opens:
        return hours(store.opens, store.closes)
    brand = preferences.read(session)
    return hours(brand.opens, brand.closes)


def hours_of_all(session: Session, store_ids: set[int | None]) -> dict[int | None, Hours]:
    """Store → its opening hours; under None those of whoever has no store."""
    brand = hours_of(session, None)
    wanted = select(Store.id, Store.opens, Store.closes).where(
        col(Store.id).in_([one for one in store_ids if one]), col(Store.opens) != ""
    )
    own: dict[int | None, Hours] = {
        store_id: hours(opens, closes) for store_id, opens, closes in session.exec(wanted)
    }
    return {store_id: own.get(store_id, brand) for store_id in store_ids}


def exceptions(
    session: Session, guide_ids: Sequence[int], first: date, last: date | None = None
) -> dict[int, dict[date, Shift]]:
    """What differs for these guides from one day to another, both with it; without `last` from then on."""
    wanted = select(Shift).where(col(Shift.guide_id).in_(guide_ids), col(Shift.day) >= first)
    wanted = wanted.where(col(Shift.day) <= last) if last else wanted
    found: dict[int, dict[date, Shift]] = {}
    for shift in session.exec(wanted) if guide_ids else ():
        found.setdefault(shift.guide_id, {})[shift.day] = shift
    return found


def fault(off: bool, opens: str, closes: str) -> str:
    """Why this cannot be a day of hers; empty when it can. Neither off nor hours: as her store."""
    if off and (opens or closes):
        return Sentence("休息就不写上班和下班，或者改成不休息")
    if not opening.fault(opens, closes):
        return ""
    if opening.CLOCK.fullmatch(opens) and opening.CLOCK.fullmatch(closes):
        return Sentence("下班要晚于上班，过了半夜才下班就写到 24:00")
    return Sentence("上班和下班都写成 10:00 这样，最晚 24:00")


def change(
    session: Session,
    guide: Guide,
    day: date,
    *,
    off: bool,
    opens: str = "",
    closes: str = "",
    note: str = "",
    who: str,
    now: datetime,
) -> None:
    """Somebody says how a guide works on one day; neither off nor hours: as her store. Refused, by field, in words."""
    opens, closes, note = opening.spelled(opens.strip()), opening.spelled(closes.strip()), note.strip()
    faults = {"closes" if opens else "opens": fault(off, opens, closes), "note": _note_fault(note)}
    if faults := {name: words for name, words in faults.items() if words}:
        raise Refused(faults=faults)
    own = select(Shift).where(Shift.guide_id == guide.id, Shift.day == day).with_for_update()
    before = session.exec(own).one_or_none()
    values = {"off": off, "opens": opens, "closes": closes, "note": note}
    if before is None and not (off or opens):
        return
    if before is not None and before.model_dump(include=set(values)) == values:
        return
    words = put(session, before, {"guide_id": guide.id, "day": day, **values})
    said = Sentence("{name}，{day}：{words}", name=guide.name, day=day.isoformat(), words=words)
    audit.note(session, who, "guide.shift", guide.id, said, now)


def _note_fault(note: str) -> str:
    if len(note) > LONGEST_NOTE:
        return Sentence("最多 {most} 个字，现在 {n} 个", most=LONGEST_NOTE, n=len(note))
    return line_fault(note) if note else ""


def put(session: Session, before: Shift | None, values: Mapping[str, object]) -> str:
    """Her day as it is from now on, in words; without hours of her own its row goes."""
    if not (values["off"] or values["opens"]):
        if before is not None:
            session.delete(before)
            session.flush()
        return Sentence("和门店一样")
    row = before or Shift.model_validate(values)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row.words


def prune(session: Session, before: date, limit: int) -> int:
    """Forget days that are long over; how many."""
    old = select(Shift.id).where(col(Shift.day) < before).order_by(col(Shift.id)).limit(limit)
    return rows_changed(session, delete(Shift).where(col(Shift.id).in_(old)))
