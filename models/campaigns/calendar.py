"""The week of campaigns and announcements: what lies where, in lanes of branches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.campaigns import Campaign, CampaignStatus
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.ledger.channels import ROBOT

DAYS = 7


@dataclass(frozen=True)
class Block:
    """One thing in the calendar: from one weekday (0 = Monday) over a number of days."""

    noun: str
    """campaign or announcement"""
    id: int
    name: str
    channel: str
    status: CampaignStatus | AnnouncementStatus
    first: int
    days: int
    starts_at: datetime
    scope: tuple[int, ...]
    """Branch ids; empty for everybody"""


def monday(now: datetime, zone: ZoneInfo) -> date:
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday())


def blocks(
    session: Session,
    first: date,
    zone: ZoneInfo,
    campaigns: ColumnElement[bool],
    announcements: ColumnElement[bool],
    branch_of: dict[str, dict[int, int]],
) -> list[Block]:
    """Everything that touches the seven days from `first`. `branch_of` maps {"stores": {id: branch}, "guides": {id: branch}}."""
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    return [
        *_campaigns(session, start, zone, campaigns, branch_of),
        *_announcements(session, start, zone, announcements),
    ]


def _campaigns(
    session: Session,
    start: datetime,
    zone: ZoneInfo,
    campaigns: ColumnElement[bool],
    branch_of: dict[str, dict[int, int]],
) -> Iterator[Block]:
    """From the launch to the end, or to the day on which somebody stopped it."""
    planned = session.exec(
        select(Campaign)
        .where(
            Campaign.status != CampaignStatus.CANCELLED,
            Campaign.launch_at < start + timedelta(days=DAYS),
            Campaign.ends_at > start,
            campaigns,
        )
        .order_by(col(Campaign.launch_at))
    )
    for one in planned:
        until = min(one.finished_at or one.ends_at, one.ends_at)
        if until > start:
            first, days = _place(start, one.launch_at, until, zone)
            yield Block(
                noun="campaign",
                id=one.id or 0,
                name=one.name,
                channel=one.channel,
                status=one.status,
                first=first,
                days=days,
                starts_at=one.launch_at,
                scope=_branches(one.scope, branch_of),
            )


def _announcements(
    session: Session, start: datetime, zone: ZoneInfo, announcements: ColumnElement[bool]
) -> Iterator[Block]:
    """On the day on which it leaves; its groups belong to no one branch."""
    planned = session.exec(
        select(Announcement)
        .where(
            Announcement.status != AnnouncementStatus.CANCELLED,
            Announcement.launch_at >= start,
            Announcement.launch_at < start + timedelta(days=DAYS),
            announcements,
        )
        .order_by(col(Announcement.launch_at))
    )
    for one in planned:
        first, days = _place(start, one.launch_at, one.launch_at, zone)
        yield Block(
            noun="announcement",
            id=one.id or 0,
            name=one.title,
            channel=ROBOT,
            status=one.status,
            first=first,
            days=days,
            starts_at=one.launch_at,
            scope=(),
        )


def _place(start: datetime, begins: datetime, ends: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """(weekday, days) inside the week; something that ends at midnight does not touch the next day."""
    first = max(0, (begins.astimezone(zone).date() - start.date()).days)
    last = (max(begins, ends - timedelta(seconds=1)).astimezone(zone).date() - start.date()).days
    return first, max(1, min(DAYS - 1, last) - first + 1)


def _branches(scope: dict[str, list[int]], branch_of: dict[str, dict[int, int]]) -> tuple[int, ...]:
    found = set(scope.get("branches", []))
    for kind in ("stores", "guides"):
        found |= {branch_of[kind][one] for one in scope.get(kind, []) if one in branch_of[kind]}
    return tuple(sorted(found))


def rows(lane: list[Block]) -> list[list[Block]]:
    """The blocks of a lane in as many rows as overlap at once."""
    packed: list[list[Block]] = []
    for block in sorted(lane, key=lambda one: (one.first, -one.days, one.id)):
        for row in packed:
            if row[-1].first + row[-1].days <= block.first:
                row.append(block)
                break
        else:
            packed.append([block])
    return packed
