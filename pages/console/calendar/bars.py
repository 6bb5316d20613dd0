"""A bar of the calendar: what it says, how far it is, and whether the viewer may move it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import url_for
from sqlmodel import Session, col, select

from models.accounts import Account, Role
from models.campaigns import PLANNED, CampaignStatus, calendar, progress
from models.campaigns.announcements import AnnouncementStatus
from models.campaigns.calendar import Block
from models.campaigns.series import Occurrence
from models.ledger.channels import CHANNELS
from pages.console import lanes
from pages.console.campaigns import wording
from pages.web import formatting
from pages.web.i18n import _
from pages.web.labels import state_of
from pages.web.scope import Scope

STATES = (
    CampaignStatus.DRAFT,
    CampaignStatus.SUBMITTED,
    CampaignStatus.APPROVED,
    CampaignStatus.SCHEDULED,
    CampaignStatus.RUNNING,
    CampaignStatus.PAUSED,
    CampaignStatus.FINISHED,
)
"""The states by which the calendar is looked at; what was stopped ended as well."""
FEW = 2
"""So many branches that begin later are named on a bar."""
LIKE = {
    AnnouncementStatus.SCHEDULED: CampaignStatus.SCHEDULED,
    AnnouncementStatus.WAITING: CampaignStatus.PAUSED,
    AnnouncementStatus.LAUNCHED: CampaignStatus.FINISHED,
    CampaignStatus.CANCELLED: CampaignStatus.FINISHED,
}
"""What stands in the calendar like one of these"""


@dataclass(frozen=True)
class PlanBar:
    """One thing in one week."""

    block: Block
    place: str
    state: CampaignStatus
    href: str
    label: str
    """All of it in words, for those who do not see it"""
    short_place: str = ""
    """Where it goes, in front of its name where there is little room"""
    share: int | None = None
    """How many per cent are done, while it runs"""
    share_words: str = ""
    """The same in words: what the platform confirmed, or where it confirms nothing what the guides say"""
    said: bool = False
    """The guides' word is all there is of it"""
    ghost: bool = False
    """A time that a rule will bring, of which nothing is made yet"""
    repeats: bool = False
    """One time of a repeat"""
    movable: bool = False
    locked: bool = False
    """HQ's, and looked at by a branch"""
    later: str = ""
    """Which branches begin after the others, where there is little room"""
    dots: tuple[int, ...] = ()
    """The warnings that concern it"""


def state_like(block: Block) -> CampaignStatus:
    status = LIKE.get(block.status, block.status)
    return status if isinstance(status, CampaignStatus) else CampaignStatus.FINISHED


def bars(
    session: Session,
    here: Scope,
    found: Sequence[Block],
    names: dict[int, str],
) -> list[PlanBar]:
    """Every block of a span, with what the viewer may know and do of it."""
    running = [
        one.id
        for one in found
        if one.noun == "campaign" and one.status in (CampaignStatus.RUNNING, CampaignStatus.PAUSED)
    ]
    shares = progress.progress_of(session, running, here.tasks())
    own = _own_people(session, here)
    numbers = [one.id for one in found if one.noun == "campaign"]
    in_series = select(Occurrence.campaign_id).where(col(Occurrence.campaign_id).in_(numbers))
    repeated = set(session.exec(in_series))
    made = []
    for one in found:
        campaign, hers = one.noun == "campaign", own is None or one.made_by in own
        share = _percent(one, shares.get(one.id)) if campaign else None
        where = lanes.place(one, names)
        made.append(
            PlanBar(
                block=one,
                place=where,
                state=state_like(one),
                href=_address(one),
                label=_label(one, where, names),
                short_place=lanes.short_place(one, names),
                later=lanes.later(one, names, FEW),
                share=share,
                share_words=_share_words(one, share),
                ghost=one.noun == lanes.REPEAT,
                repeats=one.noun == lanes.REPEAT or (campaign and one.id in repeated),
                said=share is not None and not CHANNELS[one.channel].confirmed,
                movable=campaign
                and hers
                and not one.began
                and one.status in PLANNED
                and here.role != Role.MANAGER,
                locked=not hers,
            )
        )
    return made


def _percent(block: Block, so_far: progress.Progress | None) -> int | None:
    if so_far is None or not so_far.targeted:
        return None
    return 100 * (so_far.confirmed if CHANNELS[block.channel].confirmed else so_far.said) // so_far.targeted


def _share_words(block: Block, share: int | None) -> str:
    if share is None:
        return ""
    way = CHANNELS[block.channel]
    if way.confirmed:
        return _("{n}% 平台已确认", n=share)
    return _("{n}% 说分享了", n=share) if way.sends else _("{n}% 说知道了", n=share)


def _own_people(session: Session, here: Scope) -> set[int | None] | None:
    """The accounts whose plans are the viewer's own; None where all are."""
    if here.all:
        return None
    if here.role != Role.BRANCH:
        return set()
    own = select(Account.id).where(col(Account.branch_id) == here.branch_id, Account.role == Role.BRANCH)
    return set(session.exec(own))


def _address(block: Block) -> str:
    if block.noun == lanes.REPEAT:
        return url_for("campaign_series.ask", campaign_id=block.id)
    if block.noun == "campaign":
        return url_for("campaigns.detail", campaign_id=block.id)
    return url_for("announcements.detail", announcement_id=block.id)


def _label(block: Block, where: str, names: dict[int, str]) -> str:
    begins, ends = formatting.local(block.starts_at), formatting.local(block.ends_at)
    parts = [
        f"{where} {block.name}",
        wording.channel_word(block.channel),
        _("按重复的规则会有，还没建") if block.noun == lanes.REPEAT else _(state_of(block.status).word),
        _("{day} {time} 起", day=formatting.day(begins), time=f"{begins:%H:%M}"),
    ]
    if block.later:
        parts.append(lanes.later(block, names, len(block.later)))
    if ends.date() > begins.date():
        parts.append(_("到 {day}", day=formatting.day(ends)))
    return formatting.listed(parts)


def in_week(all_bars: Sequence[PlanBar], number: int) -> list[list[PlanBar]]:
    """The rows of one week of the span."""
    by_block = {(one.block.noun, one.block.id, one.block.starts_at): one for one in all_bars}
    cut = calendar.in_week([one.block for one in all_bars], number)
    return [
        [replace(by_block[block.noun, block.id, block.starts_at], block=block) for block in row]
        for row in calendar.rows(cut)
    ]


def of_day(some: Sequence[PlanBar], number: int) -> list[PlanBar]:
    """What lies on one day of a week."""
    return [one for one in some if one.block.first <= number < one.block.first + one.block.days]


def with_dots(all_bars: Sequence[PlanBar], dots: Mapping[int, Sequence[int]]) -> list[PlanBar]:
    """The same with the numbers of the warnings that concern them."""
    return [
        replace(one, dots=tuple(dots.get(one.block.id, ()))) if one.block.noun == "campaign" else one
        for one in all_bars
    ]
