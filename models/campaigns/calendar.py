"""The calendar of campaigns and announcements: what lies on which days, cut into weeks, in rows that do not overlap."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.campaigns import Campaign, CampaignStatus, branch_times
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.ledger.channels import ROBOT

DAYS = 7


@dataclass(frozen=True)
class Block:
    """One thing in the calendar: from one day of the span (0 = the first Monday) over a number of days."""

    noun: str
    """campaign, announcement, or repeat: a time that a rule will bring"""
    id: int
    name: str
    channel: str
    status: CampaignStatus | AnnouncementStatus
    first: int
    days: int
    starts_at: datetime
    scope: tuple[int, ...]
    """Branch ids; empty for everybody"""
    ends_at: datetime
    made_by: int | None = None
    """The account that made it"""
    began: bool = False
    """It was launched: its days stay where they are."""
    from_before: bool = False
    """It began before what is shown."""
    goes_on: bool = False
    """It goes on after what is shown."""
    later: tuple[tuple[int, datetime], ...] = ()
    """The branches that begin after the others, and when; the earliest first"""


def monday(now: datetime, zone: ZoneInfo) -> date:
    return monday_of(now.astimezone(zone).date())


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def weeks_of_month(month: date) -> list[date]:
    """The Mondays of the weeks that hold a day of this month."""
    first, after = month.replace(day=1), (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return [
        monday_of(first) + timedelta(weeks=n)
        for n in range((after - timedelta(days=1) - monday_of(first)).days // DAYS + 1)
    ]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in the shops; some begin an hour later or earlier than 24 hours after the last (E04)."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def blocks(
    session: Session,
    first: date,
    zone: ZoneInfo,
    campaigns: ColumnElement[bool],
    announcements: ColumnElement[bool],
    branch_of: dict[str, dict[int, int]],
    days: int = DAYS,
    branch: int | None = None,
) -> list[Block]:
    """Everything that touches so many days from `first`. `branch_of` maps {"stores": {id: branch}, "guides": {id: branch}}.

    For a branch every campaign begins when it begins there; else a block tells which branches begin later.
    """
    return [
        *_campaigns(session, first, days, zone, campaigns, branch_of, branch),
        *_announcements(session, first, days, zone, announcements),
    ]


def _campaigns(
    session: Session,
    first: date,
    days: int,
    zone: ZoneInfo,
    campaigns: ColumnElement[bool],
    branch_of: dict[str, dict[int, int]],
    branch: int | None,
) -> Iterator[Block]:
    """From the launch to the end, or to the day on which somebody stopped it."""
    start, end = midnight(first, zone), midnight(first + timedelta(days=days), zone)
    planned = session.exec(
        select(Campaign)
        .where(
            Campaign.status != CampaignStatus.CANCELLED,
            Campaign.launch_at < end,
            Campaign.ends_at > start,
            campaigns,
        )
        .order_by(col(Campaign.launch_at))
    )
    for one in planned:
        until = min(one.finished_at or one.ends_at, one.ends_at)
        starts = branch_times.begins_at(one, branch)
        if until > start and starts < end:
            begins, lasts = place(first, days, starts, until, zone)
            yield Block(
                noun="campaign",
                id=one.id or 0,
                name=one.name,
                channel=one.channel,
                status=one.status,
                first=begins,
                days=lasts,
                starts_at=starts,
                scope=branches_in(one.scope, branch_of),
                ends_at=one.ends_at,
                made_by=one.created_by,
                began=one.launched_at is not None,
                from_before=starts < start,
                goes_on=until > end,
                later=() if branch else branch_times.beginnings(one),
            )


def _announcements(
    session: Session, first: date, days: int, zone: ZoneInfo, announcements: ColumnElement[bool]
) -> Iterator[Block]:
    """On the day on which it leaves; its groups belong to no one branch."""
    start, end = midnight(first, zone), midnight(first + timedelta(days=days), zone)
    planned = session.exec(
        select(Announcement)
        .where(
            Announcement.status != AnnouncementStatus.CANCELLED,
            Announcement.launch_at >= start,
            Announcement.launch_at < end,
            announcements,
        )
        .order_by(col(Announcement.launch_at))
    )
    for one in planned:
        begins, lasts = place(first, days, one.launch_at, one.launch_at, zone)
        yield Block(
            noun="announcement",
            id=one.id or 0,
            name=one.title,
            channel=ROBOT,
            status=one.status,
            first=begins,
            days=lasts,
            starts_at=one.launch_at,
            scope=(),
            ends_at=one.launch_at,
            made_by=one.created_by,
            began=one.status == AnnouncementStatus.LAUNCHED,
        )


def place(first: date, days: int, begins: datetime, ends: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """(day, days) inside the span; something that ends at midnight does not touch the next day."""
    begin = max(0, (begins.astimezone(zone).date() - first).days)
    last = (max(begins, ends - timedelta(seconds=1)).astimezone(zone).date() - first).days
    return begin, max(1, min(days - 1, last) - begin + 1)


def in_week(blocks: list[Block], number: int) -> list[Block]:
    """What of a span of several weeks lies in one of them, placed by its weekdays."""
    start, found = number * DAYS, []
    for one in blocks:
        first, last = max(one.first, start), min(one.first + one.days, start + DAYS)
        if first < last:
            found.append(
                replace(
                    one,
                    first=first - start,
                    days=last - first,
                    from_before=one.from_before or one.first < start,
                    goes_on=one.goes_on or one.first + one.days > start + DAYS,
                )
            )
    return found


def branches_in(scope: dict[str, list[int]], branch_of: dict[str, dict[int, int]]) -> tuple[int, ...]:
    """The branches that a scope touches; none where it is everybody."""
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
