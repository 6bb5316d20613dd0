"""What happened with one friend, in lines: added, welcomed, reached by campaigns, gone; only what rows say."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlmodel import Session, col, select

from models.campaigns import Result
from models.campaigns.customer_history import PastCampaign, last_campaigns
from models.campaigns.reach import NOT_FRIENDS
from models.campaigns.results import NOT_REACHED
from models.friends import LOST_WORDS, Customer, Friend, FriendStatus, LostHow, attribution
from models.friends.entry_codes import EntryCode
from models.friends.welcome import welcome_seconds
from models.ledger.channels import WELCOME
from models.ledger.inbox import Inbox, InboxStatus
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from pages.web import formatting, lists
from pages.web.i18n import _

TRANSFER_FAILED = "change_external_contact.transfer_fail"
CAMPAIGNS = 60
"""Of so many of her guide's last campaigns the page says what they were for her."""
LINES = 40
"""So many of our calls to her, and of handovers that failed, newest first."""


@dataclass(frozen=True)
class TimelineEvent:
    """One line: when, a sign, what, and the grey words at the right."""

    at: datetime
    icon: str
    what: str
    aside: str = ""
    href: str = ""


def story_of(session: Session, friend: Friend, customer: Customer, owner: Guide) -> list[TimelineEvent]:
    """Newest first."""
    events = [
        _came(session, friend, owner),
        *_calls(session, friend, owner),
        *(
            line
            for past in last_campaigns(session, friend.owner_id, friend.customer_id, CAMPAIGNS)
            for line in _campaign(past, owner)
        ),
    ]
    events += _not_handed_over(session, customer) + _changed(session, friend)
    if friend.status == FriendStatus.LOST and friend.lost_at:
        events.append(_went(friend, customer, owner))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _not_handed_over(session: Session, customer: Customer) -> list[TimelineEvent]:
    """Handovers to a colleague that did not take place; the event names the colleague, not the account she is in."""
    found = select(Inbox).where(
        Inbox.kind == TRANSFER_FAILED,
        Inbox.status == InboxStatus.HANDLED,
        col(Inbox.subject).endswith(f" {customer.external_userid}", autoescape=True),
    )
    return [
        TimelineEvent(row.event_at or row.received_at, "alert-triangle", row.decision)
        for row in session.exec(found.limit(LINES))
    ]


def _changed(session: Session, friend: Friend) -> list[TimelineEvent]:
    """Who served her until when, and why somebody else does since."""
    rows = attribution.earlier_ones(session, friend.id or 0)
    names = lists.names(session, Guide, [row.guide_id for row in rows])
    return [
        TimelineEvent(
            row.at,
            "user-share",
            _(row.why),
            _("以前归{guide}", guide=names[row.guide_id]) if row.guide_id in names else _("以前在待领"),
        )
        for row in rows
    ]


def _came(session: Session, friend: Friend, owner: Guide) -> TimelineEvent:
    code = session.get(EntryCode, friend.code_id) if friend.code_id else None
    aside = _("第 {n} 次", n=max(1, friend.times_added))
    if code:
        return TimelineEvent(
            friend.added_at,
            "qrcode",
            _("扫「{code}」的码，加了{guide}", code=code.name, guide=owner.name),
            aside,
        )
    if friend.strange_state:
        words_ = _("加了{guide}，带来的参数不是我们的码", guide=owner.name)
        return TimelineEvent(friend.added_at, "alert-triangle", words_, aside)
    return TimelineEvent(friend.added_at, "user", _("直接加了{guide}", guide=owner.name), aside)


def _went(friend: Friend, customer: Customer, owner: Guide) -> TimelineEvent:
    how = LOST_WORDS[friend.lost_how or LostHow.GUIDE]
    what = _(how, name=customer.name or _("客户"), guide=owner.name)
    return TimelineEvent(friend.lost_at or friend.changed_at, "user-minus", what, _("不再群发给她"))


def _calls(session: Session, friend: Friend, owner: Guide) -> list[TimelineEvent]:
    rows = session.exec(
        select(Outbox).where(Outbox.friend_id == friend.id).order_by(col(Outbox.id).desc()).limit(LINES)
    )
    return [_welcomed(row) if row.channel == WELCOME else _noticed(row, owner) for row in rows]


def _welcomed(row: Outbox) -> TimelineEvent:
    href, at = _to_delivery(row), row.done_at or row.created_at
    if row.status == OutboxStatus.SENT:
        taken = formatting.seconds(welcome_seconds(row))
        return TimelineEvent(at, "heart-handshake", _("欢迎语发出，平台收下"), taken, href)
    if row.status in (OutboxStatus.QUEUED, OutboxStatus.CALLING):
        return TimelineEvent(at, "heart-handshake", _("欢迎语正在发"), "", href)
    if row.status == OutboxStatus.UNKNOWN:
        return TimelineEvent(at, "state-unknown", _("欢迎语发出后没有回音"), _("没有重发"), href)
    return TimelineEvent(at, "eye-off", _("没有收到欢迎语"), row.reason, href)


def _noticed(row: Outbox, owner: Guide) -> TimelineEvent:
    done = row.status == OutboxStatus.SENT
    said = {"guide": owner.name, "why": row.why}
    what = _("提醒了{guide}：{why}", **said) if done else _("要提醒{guide}：{why}", **said)
    return TimelineEvent(
        row.done_at or row.created_at,
        "bell",
        what,
        "" if done else row.reason,
        _to_delivery(row),
    )


def _to_delivery(row: Outbox) -> str:
    return url_for("deliveries.detail", delivery_id=row.id)


def _campaign(past: PastCampaign, owner: Guide) -> list[TimelineEvent]:
    """That she is no friend any more has a line of its own, once."""
    task, campaign = past.task, past.campaign
    href = url_for("campaigns.detail", campaign_id=campaign.id)
    at = task.confirmed_at or task.ready_at or task.created_at
    into = TimelineEvent(task.created_at, "users", _("进入「{name}」人群", name=campaign.name), "", href)
    lines = [into] if past.addressed else []
    if past.result == Result.REACHED:
        what = _("收到「{name}」，{guide}确认发出", name=campaign.name, guide=owner.name)
        return [*lines, TimelineEvent(at, "send", what, _("平台已确认"), href)]
    if past.result is not None:
        why = NOT_REACHED[past.result]
    else:
        why = past.excluded if past.excluded != NOT_FRIENDS[FriendStatus.LOST] else ""
    if why:
        what = _("没有收到「{name}」", name=campaign.name)
        lines.append(TimelineEvent(at, "eye-off", what, _(why), href))
    return lines
