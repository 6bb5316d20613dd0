"""The directory gives somebody another userid: her friends, codes and tasks stay hers, whichever word comes first."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, and_, delete, exists, func, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import leaving
from models.campaigns import Campaign
from models.db import insert_once, take_turns
from models.friends import Friend
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.groups.robots import SignIn
from models.heard import is_news
from models.ledger.outbox import Outbox
from models.org import Guide, Store, entries, find_guide
from models.org.entries import DIRECTORY, DirectoryEntry


class FormerUserid(SQLModel, table=True):
    """A userid that somebody had before: late events still use it."""

    __tablename__ = "former_userid"

    id: int | None = Field(default=None, primary_key=True)
    userid_key: str = Field(max_length=64, unique=True)
    userid: str = Field(max_length=64)
    """The one that she got instead"""
    renamed_at: datetime


def current(session: Session, userid: str, at: datetime, *, newcomer: bool = False) -> str:
    """The userid that somebody has now who was called like this at that time.

    An old one may be given to somebody else later: from then on it is hers.
    """
    seen: set[str] = set()
    while (key := userid.lower()) not in seen:
        seen.add(key)
        former = _former(session, key)
        if former is None or (is_news(at, former.renamed_at) and (newcomer or _taken(session, key))):
            break
        userid, at = former.userid, max(at, former.renamed_at)  # she is called so from then on
    return userid


def successors(session: Session, userids: Sequence[str], at: datetime) -> dict[str, str]:
    """Those of these userids that somebody had before, in lower case, with the one that she has at that time."""
    keys = {userid.lower() for userid in userids if userid.isprintable()}
    former = session.exec(select(FormerUserid.userid_key).where(col(FormerUserid.userid_key).in_(keys)))
    found = {key: current(session, key, at) for key in former.all()}
    return {key: userid for key, userid in found.items() if userid.lower() != key}


def guide_called(session: Session, userid: str, at: datetime) -> Guide | None:
    """The guide whom an event of that time calls so."""
    return find_guide(session, current(session, userid, at))


def renamed(session: Session, userid: str, new_userid: str, at: datetime) -> Guide | None:
    """She has another userid; whatever came under the new one before this word joins her own.

    None when nobody here is called so, when it is older than her newest name, or when another person has it.
    """
    take_turns(session, DIRECTORY)
    old, last = userid.lower(), _settled(session, userid.lower(), new_userid, at)
    guide, other = find_guide(session, userid), find_guide(session, last)
    stranger = other if guide and guide is not other and other and not is_news(other.joined_at, at) else None
    if not last or (stranger and stranger.present) or not _remember(session, old, last, at):
        return None  # who was there under that userid before cannot be the same person
    if stranger:
        _make_way(session, stranger, at)
        other = None
    _rename_entry(session, old, last)
    leaving.renamed(session, userid, last)
    if guide is None:
        return other
    if other is not None and other is not guide:
        _join(session, other, guide)
    if guide.name.lower() == old:
        guide.name = last
    guide.userid, guide.userid_key = last, last.lower()
    session.flush()
    _rename_rows(session, guide, userid)
    return guide


def _former(session: Session, userid_key: str) -> FormerUserid | None:
    return session.exec(select(FormerUserid).where(FormerUserid.userid_key == userid_key)).one_or_none()


def _taken(session: Session, userid_key: str) -> bool:
    """Somebody has it now. Nothing is locked: lists ask, too."""
    entry = select(DirectoryEntry.id).where(DirectoryEntry.userid_key == userid_key)
    return find_guide(session, userid_key) is not None or session.exec(entry).first() is not None


def _settled(session: Session, old: str, new_userid: str, at: datetime) -> str:
    """What she is called in the end, as far as we have heard; empty when a newer word gave her the old one back."""
    given_away = _former(session, new_userid.lower())
    if given_away is not None and is_news(at, given_away.renamed_at):
        session.delete(given_away)  # it is hers now
        session.flush()
    last = current(session, new_userid, at)
    return "" if last.lower() == old != new_userid.lower() else last


def _remember(session: Session, old: str, last: str, at: datetime) -> bool:
    """Keep what the old userid means from now on; False when a newer word says otherwise."""
    if old == last.lower():
        return True
    values = {"userid_key": old, "userid": last, "renamed_at": at}
    insert_once(session, FormerUserid, values, key="userid_key")
    former = _former(session, old)
    if former is None or not is_news(at, former.renamed_at):
        return False
    former.userid, former.renamed_at = last, at
    session.flush()
    return True


def _make_way(session: Session, leaver: Guide, at: datetime) -> None:
    """Her userid is somebody else's from now on; what is hers, and late words on her, stay with her own row."""
    key, aside = leaver.userid_key, _aside(leaver)
    if entry := entries.find(session, key):
        entry.userid = entry.userid_key = aside
    before = select(FormerUserid).where(
        func.lower(col(FormerUserid.userid)) == key, FormerUserid.renamed_at < at
    )
    for former in session.exec(before):
        former.userid = aside
    leaver.userid = leaver.userid_key = aside
    session.add(FormerUserid(userid_key=key, userid=aside, renamed_at=at))
    session.execute(update(SignIn).where(col(SignIn.userid) == key).values(userid=aside))
    session.flush()


def _aside(guide: Guide) -> str:
    """What nobody is called: the userid of a row that gave its own away."""
    return f"{guide.userid_key[:48]}#{guide.id}"


def _rename_entry(session: Session, old: str, new_userid: str) -> None:
    """One entry from two: on each matter the newer word."""
    entry, other = entries.find(session, old), entries.find(session, new_userid.lower())
    if entry is None or entry is other:
        return
    if other is not None:
        for matter in set(other.heard):
            if (heard := other.heard_at(matter)) and is_news(heard, entry.heard_at(matter)):
                if matter in DirectoryEntry.model_fields:
                    setattr(entry, matter, getattr(other, matter))
                entry.heard = {**entry.heard, matter: other.heard[matter]}
        session.delete(other)
        session.flush()
    entry.userid, entry.userid_key = new_userid, new_userid.lower()
    session.flush()


def _join(session: Session, gone: Guide, kept: Guide) -> None:
    """Two rows of one person become one: everything that names the second names the first."""
    _join_friends(session, gone, kept)
    left_over = 0
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is _guides().c.id for key in column.foreign_keys):
                left_over += _give(session, table, column.name, gone, kept)
    session.execute(update(Outbox).where(col(Outbox.guide_id) == gone.id).values(guide_id=kept.id))
    _join_scopes(session, gone, kept)
    session.flush()
    if left_over:  # both have a task of one campaign, or a card of one morning: hers of then stays as it was
        gone.userid = gone.userid_key = _aside(gone)
        gone.leave("renamed", gone.joined_at)
    else:
        session.delete(gone)
    session.flush()


def _guides() -> Table:
    table: Table = Guide.__table__  # type: ignore[attr-defined]
    return table


def _give(session: Session, table: Table, column: str, gone: Guide, kept: Guide) -> int:
    """Let rows of the one be the other's, but for those of which she has her own; how many those are."""
    rows = table.alias("hers")
    mine = table.c[column] == gone.id
    for constraint in table.constraints:
        together = [one.name for one in getattr(constraint, "columns", [])]
        if column in together and len(together) == 2:
            (beside,) = set(together) - {column}
            same = exists().where(and_(rows.c[column] == kept.id, rows.c[beside] == table.c[beside]))
            session.execute(update(table).where(mine, ~same).values({column: kept.id}))
            left = session.execute(select(table.c[column]).where(mine)).all()
            return len(left)
    session.execute(update(table).where(mine).values({column: kept.id}))
    return 0


def _join_scopes(session: Session, gone: Guide, kept: Guide) -> None:
    """A campaign that names the second means the first."""
    scopes = session.exec(select(Campaign.id, Campaign.scope)).all()
    for number in [number for number, scope in scopes if gone.id in scope.get("guides", [])]:
        campaign = session.get_one(Campaign, number)
        guides = [kept.id or 0 if one == gone.id else one for one in campaign.scope["guides"]]
        campaign.scope = {**campaign.scope, "guides": list(dict.fromkeys(guides))}


def _join_friends(session: Session, gone: Guide, kept: Guide) -> None:
    """A customer who stands under both is one friendship, as the newer word has it."""
    both = select(Friend.customer_id).where(Friend.owner_id == kept.id)
    doubled = select(Friend).where(Friend.owner_id == gone.id, col(Friend.customer_id).in_(both))
    for newer in session.exec(doubled).all():
        same = select(Friend).where(Friend.owner_id == kept.id, Friend.customer_id == newer.customer_id)
        friend = session.exec(same).one()
        if is_news(newer.changed_at, friend.changed_at):
            for name in ("status", "lost_how", "lost_at", "changed_at"):
                setattr(friend, name, getattr(newer, name))
        friend.welcome_id = friend.welcome_id or newer.welcome_id
        session.execute(update(Outbox).where(col(Outbox.friend_id) == newer.id).values(friend_id=friend.id))
        session.delete(newer)
    session.flush()
    store = session.get(Store, kept.store_id) if kept.store_id else None
    if store is not None:
        placeless = update(Friend).where(col(Friend.guide_id) == gone.id, col(Friend.store_id).is_(None))
        session.execute(placeless.values(store_id=store.id, branch_id=store.branch_id))


def _rename_rows(session: Session, guide: Guide, userid: str) -> None:
    """What is kept by the userid itself: on which days she said 签到, whom a code is for."""
    old, new = userid.lower(), guide.userid_key
    days = select(col(SignIn.day)).where(SignIn.userid == new)
    session.execute(
        update(SignIn).where(col(SignIn.userid) == old, col(SignIn.day).not_in(days)).values(userid=new)
    )
    session.execute(delete(SignIn).where(col(SignIn.userid) == old))
    codes = select(EntryCode).where(EntryCode.kind == EntryCodeKind.GUIDE, EntryCode.guide_id == guide.id)
    for code in session.exec(codes):
        code.userids = [guide.userid if one.lower() == old else one for one in code.userids]
    session.flush()
