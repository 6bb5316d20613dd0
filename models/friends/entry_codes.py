"""Entry codes: the platform's contact ways, one per guide or store, with the payload that posters redraw."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, and_, bindparam, or_
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import audit
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.errors import Refused
from models.ledger import outbox
from models.ledger.channels import CONTACT_WAY
from models.org import Guide, GuideStatus, Store
from models.sentences import Sentence

MAX_USERS = 100
"""Members that one contact way may hold (contract 5.2, 41041)."""
STATE_BYTES, STATE_LETTERS = 15, 30
"""A state is 15 random bytes, 20 letters; the platform allows 30."""
NOBODY = "店里没有在岗的导购，码先不建。有人到岗会自动建"


class EntryCodeKind(StrEnum):
    """Whom a scan makes friends with."""

    GUIDE = "guide"
    STORE = "store"


class EntryCodeStatus(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class EntryCode(SQLModel, table=True):
    """A code that customers scan. `state` is an opaque random key and is never parsed for meaning."""

    __tablename__ = "entry_code"

    id: int | None = Field(default=None, primary_key=True)
    state: str = Field(max_length=STATE_LETTERS, unique=True)
    kind: EntryCodeKind = Field(sa_column=word_column(EntryCodeKind, 8))
    guide_id: int | None = Field(default=None, foreign_key="guide.id", index=True)
    store_id: int | None = Field(default=None, foreign_key="store.id", index=True)
    name: str = Field(default="", max_length=30)
    userids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
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
BY_STATE = select(EntryCode).where(col(EntryCode.state) == bindparam("state"))


def find(session: Session, state: str) -> EntryCode | None:
    """The code that a friend's state means, whatever its status: an old poster still hangs on the wall."""
    if len(state) > STATE_LETTERS:
        return None
    return session.exec(BY_STATE, params={"state": state}).one_or_none()


def of_guide(session: Session, guide_id: int) -> EntryCode | None:
    query = select(EntryCode).where(EntryCode.kind == EntryCodeKind.GUIDE, EntryCode.guide_id == guide_id)
    return session.exec(query).first()


def of_store(session: Session, store_id: int) -> EntryCode | None:
    query = select(EntryCode).where(EntryCode.kind == EntryCodeKind.STORE, EntryCode.store_id == store_id)
    return session.exec(query).first()


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
        code = _new(
            session,
            EntryCodeKind.GUIDE,
            name,
            [guide.userid],
            now,
            guide_id=guide.id,
            store_id=guide.store_id,
        )
    elif code.status != EntryCodeStatus.FAILED:
        return code
    _ask_for(session, code, now, since)
    return code


def make_for_store(session: Session, store: Store, now: datetime) -> EntryCode:
    """The store's code, shared by the guides who work there."""
    code = of_store(session, store.id or 0)
    userids = _present(session, store.id)
    if code is None:
        code = _new(session, EntryCodeKind.STORE, store.name, userids, now, store_id=store.id)
    elif code.status != EntryCodeStatus.FAILED:
        return code
    code.userids = userids
    if userids:
        _ask_for(session, code, now)
    else:
        code.status, code.reason = EntryCodeStatus.FAILED, NOBODY
    return code


def ask_for_guide(session: Session, guide: Guide, who: str, now: datetime) -> EntryCode:
    """A person wants her code: the one that she has, or asked of the platform; Refused when she left."""
    if not guide.present:
        raise Refused(faults={"userid": Sentence("{name}已经不在岗，不能再建码", name=guide.name)})
    before = of_guide(session, guide.id or 0)
    if before is not None and before.status != EntryCodeStatus.FAILED:
        return before
    return _note(session, make_for_guide(session, guide, now), who, now)


def ask_for_store(session: Session, store: Store, who: str, now: datetime) -> EntryCode:
    """A person wants the store's code: the one that it has, or asked of the platform."""
    before = of_store(session, store.id or 0)
    if before is not None and before.status != EntryCodeStatus.FAILED:
        return before
    return _note(session, make_for_store(session, store, now), who, now)


def ask_to_refresh(session: Session, store: Store, who: str, now: datetime) -> EntryCode | None:
    """A person wants the store's code to point at who works there now; None when nothing had to change."""
    code = refresh_users(session, store.id, now)
    return _note(session, code, who, now) if code else None


def _note(session: Session, code: EntryCode, who: str, now: datetime) -> EntryCode:
    audit.note(session, who, "entry_code.ask", code.id, code.name, now)
    return code


def refresh_users(session: Session, store_id: int | None, now: datetime) -> EntryCode | None:
    """Let a store's code point at the guides who work there now; None when nothing had to change.

    With nobody there it keeps its last members: the platform refuses a code of nobody, and no scan may be lost.
    """
    code = of_store(session, store_id) if store_id else None
    if code is None:
        return None
    userids = _present(session, store_id)
    # while the platform is still being asked for it, the row keeps what was asked: the next sync compares again;
    # a reason means that the platform refused the last change, so it may still know the members of before
    if not userids or (userids == code.userids and not code.reason) or code.status == EntryCodeStatus.WAITING:
        return None
    code.userids = userids
    if code.config_id:
        key = f"contact_way:{code.state}:{now.timestamp():.3f}"
        _intend(session, code, key, now, "店里的人变了", update=True)
    else:
        _ask_for(session, code, now)
    session.flush()
    return code


def lead_to(session: Session, guide_id: int, successor: Guide, now: datetime) -> EntryCode | None:
    """A leaver's own code adds her successor from now on: what is printed outlives her. Or herself again, when she is back.

    None when nothing had to change.
    """
    code = of_guide(session, guide_id)
    if code is None or not code.config_id or (code.userids == [successor.userid] and not code.reason):
        return None
    code.userids = [successor.userid]
    key = f"contact_way:{code.state}:{now.timestamp():.3f}"
    _intend(session, code, key, now, "换人来加，印出去的码不变", update=True)
    session.flush()
    return code


def known_configs(session: Session) -> set[str]:
    """The platform's ids of all codes that we know to be made."""
    return set(session.exec(select(EntryCode.config_id).where(EntryCode.config_id != "")))


def stores_with_one(session: Session) -> list[int]:
    """Stores that have a code of their own."""
    query = select(EntryCode.store_id).where(EntryCode.kind == EntryCodeKind.STORE)
    return [store_id for store_id in session.exec(query) if store_id is not None]


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
    code.status, code.reason, code.ready_at = EntryCodeStatus.READY, "", now
    session.add(code)


def failed(session: Session, code: EntryCode, words: str) -> None:
    """The platform refused it; a code that worked before goes on working."""
    code.status, code.reason = (code.status if code.config_id else EntryCodeStatus.FAILED), words
    session.add(code)


def _present(session: Session, store_id: int | None) -> list[str]:
    query = select(Guide.userid).where(Guide.status == GuideStatus.ACTIVE, Guide.store_id == store_id)
    return list(session.exec(query.order_by(col(Guide.id)).limit(MAX_USERS)))


def _new(
    session: Session,
    kind: EntryCodeKind,
    name: str,
    userids: list[str],
    now: datetime,
    *,
    guide_id: int | None = None,
    store_id: int | None = None,
) -> EntryCode:
    code = EntryCode(
        state=secrets.token_urlsafe(STATE_BYTES),
        kind=kind,
        name=name[:30],
        userids=userids,
        guide_id=guide_id,
        store_id=store_id,
        created_at=now,
    )
    session.add(code)
    session.flush()
    return code


def _ask_for(session: Session, code: EntryCode, now: datetime, since: datetime | None = None) -> None:
    """One intention to make it; a new one each time that a failed code is tried again."""
    code.status, code.reason = EntryCodeStatus.WAITING, ""
    key = f"contact_way:{code.state}"
    if not _intend(session, code, key, now, "新建渠道码", update=False, since=since):
        again = f"{key}:{now.timestamp():.3f}"
        _intend(session, code, again, now, "再建一次渠道码", update=False, since=since)
    session.flush()


def _intend(
    session: Session,
    code: EntryCode,
    key: str,
    now: datetime,
    why: str,
    *,
    update: bool,
    since: datetime | None = None,
) -> bool:
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
