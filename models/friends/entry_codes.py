"""Entry codes: what customers scan. A code leads to users, by a contact way of the platform, or to /near, by our own page."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, and_, bindparam, or_
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.accounts import audit
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.errors import Refused
from models.ledger import outbox
from models.ledger.channels import CONTACT_WAY, CONTACT_WAY_END
from models.org import Guide, GuideStatus, Store
from models.sentences import Sentence

MAX_USERS = 100
"""Members that one contact way may hold (contract 5.2, 41041)."""
MOST_WAYS = 500_000
"""Contact ways and join ways of one corp together (contract 5.2)."""
PLACE_LETTERS = 20
STATE_BYTES, STATE_LETTERS = 15, 30
"""A state is 15 random bytes, 20 letters; the platform allows 30."""
NOBODY = "店里没有在岗的导购，码先不建。有人到岗会自动建"


class EntryCodeKind(StrEnum):
    """Where its friends come from."""

    GUIDE = "guide"
    """Her badge, and the strip of her posters"""
    STORE = "store"
    BRANCH = "branch"
    """A branch, or HQ where it names none"""
    SOURCE = "channel"
    """Parcel card, short video, SMS, event: what was paid for, and what it should bring"""


class LeadsTo(StrEnum):
    """What a code says when it is scanned."""

    USERS = "users"
    """A contact way: the platform picks one of those who stand in it."""
    NEAR = "near"
    """Our page finds the nearest store, and the rules say whose code it shows."""


class EntryCodeStatus(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    RETIRED = "retired"
    """Nobody prints it any more; whoever came by it stays counted."""


class EntryCode(SQLModel, table=True):
    """A code that customers scan. `state` is an opaque random key and is never parsed for meaning."""

    __tablename__ = "entry_code"

    id: int | None = Field(default=None, primary_key=True)
    state: str = Field(max_length=STATE_LETTERS, unique=True)
    kind: EntryCodeKind = Field(sa_column=word_column(EntryCodeKind, 8))
    leads_to: LeadsTo = Field(default=LeadsTo.USERS, sa_column=word_column(LeadsTo, 8))
    guide_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    """Whose it is, where no store or guide says so; empty for HQ's own."""
    via_id: int | None = Field(default=None, foreign_key="entry_code.id", index=True)
    """The code behind whose /near page this one is shown: who comes by it came by that one."""
    name: str = Field(default="", max_length=30)
    place: str = Field(default="", max_length=PLACE_LETTERS)
    """Where in the store it hangs: 收银台, 试衣间"""
    cost_cents: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    target: int | None = None
    """So many friends it should bring: until it ends, or in 7 days where it has no end"""
    valid_until: date | None = None
    """The last day of what it was printed for; a scan after it is lost no more than one before."""
    userids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Who stands in the contact way; models/friends/entry_code_users.py keeps it up."""
    status: EntryCodeStatus = Field(
        default=EntryCodeStatus.WAITING, sa_column=word_column(EntryCodeStatus, 16, index=True)
    )
    reason: str = Field(default="", sa_column=sentence_column())
    config_id: str = Field(default="", max_length=64, index=True)
    picture_url: str = Field(default="", max_length=500)
    payload: str = Field(default="", max_length=500)
    """What the platform's picture says when decoded; posters redraw this."""
    created_at: datetime
    ready_at: datetime | None = None

    @property
    def printable(self) -> bool:
        """It can be drawn: our page needs no answer of the platform."""
        return bool(self.payload) or self.leads_to == LeadsTo.NEAR

    def says(self, public_url: str) -> str:
        """What a scan of it reads; empty while the platform has not made it."""
        return (
            f"{public_url.rstrip('/')}/near/{self.state}" if self.leads_to == LeadsTo.NEAR else self.payload
        )


OWN = col(EntryCode.via_id).is_(None)
"""Made for itself, and not for a /near page"""
PRINTABLE = (
    col(EntryCode.kind) == EntryCodeKind.GUIDE,
    col(EntryCode.status) == EntryCodeStatus.READY,
    col(EntryCode.payload) != "",
)
"""A guide's own code that a poster can show."""
PROMISED = or_(
    and_(*PRINTABLE),
    and_(col(EntryCode.kind) == EntryCodeKind.GUIDE, col(EntryCode.status) == EntryCodeStatus.WAITING),
)
"""The same, or one that the platform is still asked for: a poster waits for it."""
SHARED_BY_A_STORE = (
    col(EntryCode.kind) == EntryCodeKind.STORE,
    col(EntryCode.leads_to) == LeadsTo.USERS,
    col(EntryCode.status) != EntryCodeStatus.RETIRED,
    OWN,
)
"""Codes that hold the guides of one store"""
BY_STATE = select(EntryCode).where(col(EntryCode.state) == bindparam("state"))


def find(session: Session, state: str) -> EntryCode | None:
    """The code that a friend's state means, whatever its status: an old poster still hangs on the wall."""
    if len(state) > STATE_LETTERS:
        return None
    return session.exec(BY_STATE, params={"state": state}).one_or_none()


def with_those_behind(codes: Iterable[int]) -> SelectOfScalar[Any]:
    """These codes, and those that their /near pages showed for them."""
    return select(EntryCode.id).where(col(EntryCode.id).in_(codes) | col(EntryCode.via_id).in_(codes))


def of_guide(session: Session, guide_id: int) -> EntryCode | None:
    query = select(EntryCode).where(EntryCode.kind == EntryCodeKind.GUIDE, EntryCode.guide_id == guide_id)
    return session.exec(query).first()


def of_store(session: Session, store_id: int) -> EntryCode | None:
    """The store's first code that leads to its guides; it may have more, each for a place of its own."""
    query = select(EntryCode).where(col(EntryCode.store_id) == store_id, *SHARED_BY_A_STORE)
    return session.exec(query.order_by(col(EntryCode.id))).first()


def in_the_making(session: Session, guide_id: int) -> bool:
    """Her own code has been asked for, and the platform has not said yes or no."""
    return guide_id in making_among(session, [guide_id])


def making_among(session: Session, guides: Sequence[int]) -> set[int | None]:
    """Those of these guides of whom the same is true."""
    waiting = select(EntryCode.guide_id).where(
        EntryCode.kind == EntryCodeKind.GUIDE,
        col(EntryCode.guide_id).in_(guides),
        EntryCode.status == EntryCodeStatus.WAITING,
    )
    return set(session.exec(waiting))


def make_for_guide(
    session: Session, guide: Guide, now: datetime, *, since: datetime | None = None
) -> EntryCode:
    """Her code, asked of the platform if she has none yet; a failed one is asked for again. since: as in `outbox.put`."""
    code = of_guide(session, guide.id or 0)
    if code is None:
        store = session.get(Store, guide.store_id) if guide.store_id else None
        name = f"{guide.name} {store.name}" if store else guide.name
        whose = {"guide_id": guide.id, "store_id": guide.store_id}
        code = new(session, EntryCodeKind.GUIDE, name, now, userids=[guide.userid], **whose)
    elif code.status != EntryCodeStatus.FAILED:
        return code
    ask_for(session, code, now, since)
    return code


def make_for_store(session: Session, store: Store, now: datetime) -> EntryCode:
    """The store's code, shared by the guides who work there."""
    code = of_store(session, store.id or 0)
    userids = present_userids(session, store.id)
    if code is None:
        code = new(session, EntryCodeKind.STORE, store.name, now, userids=userids, store_id=store.id)
    elif code.status != EntryCodeStatus.FAILED:
        return code
    code.userids = userids
    ask_for(session, code, now)
    return code


def ask_for_guide(session: Session, guide: Guide, who: str, now: datetime) -> EntryCode:
    """A person wants her code: the one that she has, or asked of the platform; Refused when she left."""
    if not guide.present:
        raise Refused(faults={"userid": Sentence("{name}已经不在岗，不能再建码", name=guide.name)})
    before = of_guide(session, guide.id or 0)
    if before is not None and before.status != EntryCodeStatus.FAILED:
        return before
    return note(session, make_for_guide(session, guide, now), who, now)


def ask_for_store(session: Session, store: Store, who: str, now: datetime) -> EntryCode:
    """A person wants the store's code: the one that it has, or asked of the platform."""
    before = of_store(session, store.id or 0)
    if before is not None and before.status != EntryCodeStatus.FAILED:
        return before
    return note(session, make_for_store(session, store, now), who, now)


def note(session: Session, code: EntryCode, who: str, now: datetime, verb: str = "ask") -> EntryCode:
    audit.note(session, who, f"entry_code.{verb}", code.id, code.name, now)
    return code


def lead_to(session: Session, guide_id: int, successor: Guide, now: datetime) -> EntryCode | None:
    """A leaver's own code adds her successor from now on: what is printed outlives her. None when nothing had to change."""
    code = of_guide(session, guide_id)
    if code is None or not code.config_id or (code.userids == [successor.userid] and not code.reason):
        return None
    code.userids = [successor.userid]
    key = f"contact_way:{code.state}:{now.timestamp():.3f}"
    intend(session, code, key, now, "换人来加，印出去的码不变", update=True)
    session.flush()
    return code


def known_configs(session: Session) -> set[str]:
    """The platform's ids of all codes that we know to be made."""
    return set(session.exec(select(EntryCode.config_id).where(EntryCode.config_id != "")))


def ready(
    session: Session,
    code: EntryCode,
    config_id: str,
    picture_url: str,
    payload: str,
    now: datetime,
) -> None:
    """The platform made it, and its picture was read."""
    code.config_id, code.picture_url, code.payload = config_id[:64], picture_url[:500], payload[:500]
    session.add(code)
    if code.status == EntryCodeStatus.RETIRED:  # nobody wants it any more
        end(session, code, now)
    else:
        code.status, code.reason, code.ready_at = EntryCodeStatus.READY, "", now


def failed(session: Session, code: EntryCode, words: str) -> None:
    """The platform refused it; a code that worked before goes on working."""
    code.status, code.reason = (code.status if code.config_id else EntryCodeStatus.FAILED), words
    session.add(code)


def end(session: Session, code: EntryCode, now: datetime) -> None:
    """Let the platform forget its contact way; the row stays, for whoever came by it."""
    code.status, code.reason = EntryCodeStatus.RETIRED, ""
    if code.config_id:
        outbox.put(
            session,
            CONTACT_WAY_END,
            f"contact_way_end:{code.state}",
            now=now,
            subject_id=code.id,
            guide_id=code.guide_id,
            target=code.name,
            why="这个码停用了",
            payload={"config_id": code.config_id},
        )
    session.flush()


def present_userids(session: Session, store_id: int | None) -> list[str]:
    query = select(Guide.userid).where(Guide.status == GuideStatus.ACTIVE, Guide.store_id == store_id)
    return list(session.exec(query.order_by(col(Guide.id)).limit(MAX_USERS)))


def new(session: Session, kind: EntryCodeKind, name: str, now: datetime, **fields: Any) -> EntryCode:
    """A row with a random state; the platform knows nothing of it yet."""
    state = secrets.token_urlsafe(STATE_BYTES)
    code = EntryCode(state=state, kind=kind, name=name[:30], created_at=now, **fields)
    session.add(code)
    session.flush()
    return code


def ask_for(session: Session, code: EntryCode, now: datetime, since: datetime | None = None) -> None:
    """One intention to make it; a new one each time that a failed code is tried again. Of nobody it is not asked for."""
    if not code.userids:
        code.status, code.reason = EntryCodeStatus.FAILED, NOBODY
        return
    code.status, code.reason = EntryCodeStatus.WAITING, ""
    key = f"contact_way:{code.state}"
    if not intend(session, code, key, now, "新建入口码", since=since):
        again = f"{key}:{now.timestamp():.3f}"
        intend(session, code, again, now, "再建一次入口码", since=since)
    session.flush()


def intend(
    session: Session,
    code: EntryCode,
    key: str,
    now: datetime,
    why: str,
    *,
    update: bool = False,
    since: datetime | None = None,
) -> bool:
    """Write down that the platform is to make it, or to take over who stands in it now."""
    row_id = outbox.put(
        session,
        CONTACT_WAY,
        key,
        now=now,
        since=since,
        subject_id=code.id,
        guide_id=code.guide_id,
        target=code.name,
        why=why,
        payload={"code": code.id, "update": update},
    )
    return row_id is not None
