"""What stands below the calendar: each conflict as a number on its bars, one sentence, and one way out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import url_for
from sqlmodel import Session

from models import public_holidays
from models.campaigns import Campaign, conflicts
from pages.console.calendar import mix_heads
from pages.console.calendar.mix_heads import WeekHead
from pages.web import formatting
from pages.web.i18n import _

MOST = 6


@dataclass(frozen=True)
class WayOut:
    """The one way out: an address to go to, or a form that does it."""

    words: str
    href: str
    fields: dict[str, str] = field(default_factory=dict)
    """Sent with the form; without any it is a link"""


@dataclass(frozen=True)
class CalendarWarning:
    """One conflict."""

    title: str
    words: str
    way: WayOut | None = None
    campaigns: tuple[int, ...] = ()
    """Whose bars carry its number; none carries that of a year"""


def warnings(
    session: Session,
    plans: Sequence[Campaign],
    heads: dict[date, WeekHead],
    *,
    hq: bool,
    changeable: set[int],
    now: datetime,
    zone: ZoneInfo,
) -> list[CalendarWarning]:
    """The most pressing of each kind, in the order of their numbers."""
    found = [
        *_too_often(conflicts.too_often(session, plans, now, zone)),
        *_mix(heads, plans, changeable),
        *_at_once(conflicts.at_once(session, plans, zone), changeable, zone),
        *(_year(session, now, zone) if hq else ()),
    ]
    return found[:MOST]


def dots(found: Sequence[CalendarWarning]) -> dict[int, list[int]]:
    """Campaign → the numbers on its bar."""
    numbers: dict[int, list[int]] = {}
    for number, one in enumerate(found, 1):
        for campaign in one.campaigns:
            numbers.setdefault(campaign, []).append(number)
    return numbers


def _too_often(found: Sequence[conflicts.TooOften]) -> Iterator[CalendarWarning]:
    for one in found:
        number = one.campaign.id or 0
        before = formatting.listed(_("「{name}」", name=each.name) for each in one.before[:2])
        counted = _("连 {before} 算上，", before=before) if before else ""
        yield CalendarWarning(
            _("{day}「{name}」联系太多", day=formatting.day(one.campaign.launch_at), name=one.campaign.name),
            counted
            + _(
                "{n} 位客户会是 7 天内第 {k} 次。照上限，到时候自动不发给她们。",
                n=formatting.count(one.customers),
                k=one.times,
            ),
            WayOut(_("看名单和原因"), url_for("campaign_audience.audience", campaign_id=number)),
            (number,),
        )


def _mix(
    heads: dict[date, WeekHead], plans: Sequence[Campaign], changeable: set[int]
) -> Iterator[CalendarWarning]:
    """Weeks with too many deals that can still be mended; the newest deal is the one to change."""
    for head in heads.values():
        ahead = [one for one in plans if one.id in head.deals]
        if not head.over or not ahead:
            continue
        mine = [one for one in ahead if one.id in changeable]
        way = _edit(mine[-1]) if mine else None
        yield CalendarWarning(
            mix_heads.title(head), mix_heads.cure(head), way, tuple(one.id or 0 for one in ahead)
        )


def _at_once(
    found: Sequence[conflicts.AtOnce], changeable: set[int], zone: ZoneInfo
) -> Iterator[CalendarWarning]:
    for one in found:
        number, local = one.campaign.id or 0, one.campaign.launch_at.astimezone(zone)
        way = None
        if number in changeable and one.better:
            way = WayOut(
                _("把「{name}」错开到 {t}", name=one.campaign.name, t=f"{one.better:%H:%M}"),
                url_for("calendar_moves.move"),
                {
                    "campaign": str(number),
                    "to": local.date().isoformat(),
                    "time": f"{one.better:%H:%M}",
                },
            )
        elif number in changeable:
            way = _edit(one.campaign)
        yield CalendarWarning(
            _("{day} {t} 两件撞在一起", day=formatting.day(local), t=f"{local:%H:%M}"),
            _(
                "「{one}」和「{other}」：{n} 位导购一小时里要点 2 次。",
                one=one.other.name,
                other=one.campaign.name,
                n=formatting.count(one.guides),
            ),
            way,
            (one.other.id or 0, number),
        )


def _edit(campaign: Campaign) -> WayOut:
    return WayOut(
        _("去改「{name}」", name=campaign.name), url_for("campaign_editor.edit", campaign_id=campaign.id)
    )


def _year(session: Session, now: datetime, zone: ZoneInfo) -> Iterator[CalendarWarning]:
    if year := public_holidays.unknown_year(session, now, zone):
        yield CalendarWarning(
            _("{year} 年的放假安排还没有", year=year),
            _("节假日库里只有法定的日子，调休还没收录，周末上班的那几天现在按休息算。"),
            WayOut(_("自己加几天"), url_for("calendar_days.all_days")),
        )
