"""What only a person can solve, as numbers; queries only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

from models.campaigns import Campaign, CampaignStatus, slot_lines, variants
from models.campaigns.announcement_progress import AnnouncementProgress, not_arrived
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.campaigns.series import Unmade, unmade
from models.campaigns.slot_lines import SlotStanding
from models.campaigns.slots import Slot
from models.db import count, count_by
from models.delivery_decisions import held_by_restore
from models.friends import Friend, FriendStatus, unclaimed
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.groups import Group
from models.groups.robots import fallen_silent
from models.ledger.inbox import Inbox, InboxStatus
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, GuideStatus
from models.stats import unanswered


@dataclass(frozen=True)
class Waiting:
    """What only a person can solve, as numbers."""

    parked: int = 0
    unknown: tuple[tuple[str, int], ...] = ()
    """(channel, how many)"""
    held: int = 0
    submitted: tuple[Campaign, ...] = ()
    """Campaigns that wait for HQ's yes"""
    variants: int = 0
    """What branches put into HQ's campaigns and HQ has not looked at"""
    unmade: tuple[Unmade, ...] = ()
    """Times of repeated campaigns for which there is no campaign"""
    slots: tuple[Slot, ...] = ()
    """Slots that HQ opened to this branch, still open and empty; the one that closes first stands first"""
    paused: tuple[Campaign, ...] = ()
    late: tuple[Announcement, ...] = ()
    """Announcements that could not leave at their time"""
    not_arrived: tuple[tuple[Announcement, AnnouncementProgress], ...] = ()
    """Announcements of the last days that some groups did not get"""
    silenced: int = 0
    """Internal groups whose robot is dead"""
    unanswered: int = 0
    """Calls that are tried again and again because nothing answers"""
    unanswered_since: datetime | None = None
    leavers: int = 0
    left_friends: int = 0
    """Friends that are still in the accounts of guides who left"""
    first_left_at: datetime | None = None
    failed_store_codes: int = 0
    failed_guide_codes: int = 0
    unclaimed: int = 0
    """New friends for whom the rules found nobody"""
    unclaimed_since: datetime | None = None
    failed_other_codes: int = 0
    """Of branches and channels: those that /near would show for them"""


def numbers(
    session: Session,
    *,
    hq: bool,
    deliveries: ColumnElement[bool],
    campaigns: ColumnElement[bool],
    series: ColumnElement[bool],
    announcements: ColumnElement[bool],
    guides: ColumnElement[bool],
    codes: ColumnElement[bool],
    groups: ColumnElement[bool],
    friends: ColumnElement[bool],
    branch_id: int | None = None,
    now: datetime,
) -> Waiting:
    number, since = session.exec(
        select(func.count(), func.min(Outbox.created_at)).where(unanswered(now), deliveries)
    ).one()
    waits, waits_since = unclaimed.how_many(session, friends)
    left_friends, leavers, first_left_at = _left_behind(session, guides)
    failed = count_by(
        session, EntryCode.kind, EntryCode.status == EntryCodeStatus.FAILED, codes, of_nobody_gone()
    )
    return Waiting(
        parked=count(session, Inbox, Inbox.status == InboxStatus.PARKED) if hq else 0,
        unknown=_unknown(session, deliveries),
        held=count(session, Outbox, held_by_restore()) if hq else 0,
        submitted=_campaigns(session, CampaignStatus.SUBMITTED, campaigns) if hq else (),
        variants=len(variants.waiting(session)) if hq else 0,
        unmade=tuple(unmade(session, series, now)),
        slots=_slots(session, branch_id, now) if branch_id else (),
        paused=_campaigns(session, CampaignStatus.PAUSED, campaigns),
        late=_late(session) if hq else (),
        not_arrived=tuple(not_arrived(session, announcements, now)),
        silenced=count(session, Group, *fallen_silent(), groups),
        unanswered=number,
        unanswered_since=since,
        leavers=leavers,
        left_friends=left_friends,
        first_left_at=first_left_at,
        failed_store_codes=failed.get(EntryCodeKind.STORE, 0),
        failed_guide_codes=failed.get(EntryCodeKind.GUIDE, 0),
        unclaimed=waits,
        unclaimed_since=waits_since,
        failed_other_codes=failed.get(EntryCodeKind.BRANCH, 0) + failed.get(EntryCodeKind.SOURCE, 0),
    )


def _unknown(session: Session, deliveries: ColumnElement[bool]) -> tuple[tuple[str, int], ...]:
    """Calls without an answer by channel, the most first."""
    found = session.exec(
        select(Outbox.channel, func.count())
        .where(Outbox.status == OutboxStatus.UNKNOWN, deliveries)
        .group_by(Outbox.channel)
        .order_by(func.count().desc())
    )
    return tuple(found.all())


def _campaigns(
    session: Session, status: CampaignStatus, campaigns: ColumnElement[bool]
) -> tuple[Campaign, ...]:
    found = session.exec(
        select(Campaign).where(Campaign.status == status, campaigns).order_by(col(Campaign.ends_at))
    )
    return tuple(found)


def _slots(session: Session, branch_id: int, now: datetime) -> tuple[Slot, ...]:
    open_ = col(Slot.closed_at).is_(None), Slot.submit_by > now
    found = session.exec(select(Slot).where(*open_).order_by(col(Slot.submit_by), col(Slot.id))).all()
    lines = slot_lines.lines(session, found, branch_id, now)
    return tuple(one.slot for one in lines if one.standing == SlotStanding.EMPTY)


def _late(session: Session) -> tuple[Announcement, ...]:
    found = session.exec(
        select(Announcement)
        .where(Announcement.status == AnnouncementStatus.WAITING)
        .order_by(col(Announcement.launch_at))
    )
    return tuple(found)


def _left_behind(session: Session, guides: ColumnElement[bool]) -> tuple[int, int, datetime | None]:
    """Friends in the accounts of guides who left, how many such guides, and when the first one left."""
    return session.exec(
        select(func.count(), func.count(func.distinct(Friend.owner_id)), func.min(Guide.left_at))
        .select_from(Friend)
        .join(Guide, col(Guide.id) == Friend.owner_id)
        .where(Guide.status == GuideStatus.LEFT, Friend.status == FriendStatus.FRIEND, guides)
    ).one()


def of_nobody_gone() -> ColumnElement[bool]:
    """Codes of stores, and of guides who are here: nobody can ask for one of a guide who left."""
    here = select(Guide.id).where(Guide.status != GuideStatus.LEFT)
    return or_(col(EntryCode.guide_id).is_(None), col(EntryCode.guide_id).in_(here))
