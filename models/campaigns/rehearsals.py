"""A 【测试】 send: real messages of a campaign to HQ's own people or to named guides, before it starts.

It is outside every figure and the contact budget: no task, no customer, no mass message. Within a day it can be taken
back from the phones (contract 4.5).
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select

from models.accounts import Account, audit
from models.campaigns import Campaign
from models.campaigns.attachments import Attachment
from models.campaigns.audience import fill
from models.campaigns.fields import CampaignFields, complaints, of_campaign
from models.campaigns.lifecycle import word_of
from models.errors import Refused, refuse_faults
from models.ledger import outbox
from models.ledger.channels import REHEARSAL, REHEARSAL_RECALL
from models.ledger.outbox import NEVER_LEFT, OPEN, Outbox, OutboxStatus
from models.org import Guide, GuideStatus, active_in, store_of
from models.sentences import Sentence, together
from wecom.limits import limit_of

MARK = "【测试】"
MOST_RECEIVERS = 10
RECALL = timedelta(hours=24)
"""So long the platform takes a message back (contract 4.5)."""
APART = timedelta(seconds=3)
"""Between two messages of one rehearsal: several leave at a time, and a poster is drawn first."""
PIECE_BYTES = limit_of("notice_text", "text").most - 64
"""Of a text in one app message, with room for the mark: what customers get may be twice as long."""


class Rehearsal(SQLModel, table=True):
    """One person's 【测试】 of a campaign, with the content as it was then."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=24, unique=True)
    """Random, for the guide's page; not guessable."""
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    guide_id: int | None = Field(default=None, foreign_key="guide.id")
    """The guide who gets it as her task; else an account gets it as a customer would."""
    account_id: int | None = Field(default=None, foreign_key="account.id")
    sample_id: int | None = Field(default=None, foreign_key="guide.id")
    """In whose name the texts and the poster are, where an account gets them"""
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The plan as JSON, by the names of `CampaignFields`"""
    by: str = Field(max_length=64)
    created_at: datetime
    opened_at: datetime | None = None
    """When the guide opened its page"""
    withdrawn_at: datetime | None = None

    @property
    def fields(self) -> CampaignFields:
        return CampaignFields.model_validate(self.content)


@dataclass(frozen=True)
class RehearsalMessage:
    """One of the app messages of which a rehearsal for HQ's people consists."""

    text: str = ""
    attachment: Attachment | None = None


# ---- sending


def send(
    session: Session,
    campaign: Campaign,
    *,
    who: str,
    now: datetime,
    accounts: Sequence[int] = (),
    guides: Sequence[int] = (),
    sample: int | None = None,
) -> list[Rehearsal]:
    """To these accounts as their customers would get it, to these guides as their task. Again is another 【测试】."""
    session.refresh(campaign, with_for_update=True)
    if not campaign.unstarted:
        raise Refused(Sentence("活动{status}，测试只能在开始以前发", status=word_of(campaign)))
    if not accounts and not guides:
        raise Refused(faults={"to": Sentence("请选先发给谁：你自己，或者写导购的名字")})
    if len(accounts) + len(guides) > MOST_RECEIVERS:
        raise Refused(faults={"to": Sentence("一次最多先发给 {n} 位", n=MOST_RECEIVERS)})
    fields = of_campaign(campaign)
    refuse_faults(complaints(session, fields, now))
    content = fields.model_dump(mode="json")
    shared = {"campaign_id": campaign.id or 0, "content": content, "by": who, "created_at": now}
    made = [
        _to_account(session, one, _sample(session, campaign, sample), shared)
        for one in dict.fromkeys(accounts)
    ]
    made += [_to_guide(session, one, shared) for one in dict.fromkeys(guides)]
    for one in made:
        _write(session, one, campaign, now)
    names = together([receiver(session, one) for one in made], "、")
    words = Sentence("先发给{names}，开头带【测试】，不算数", names=names)
    audit.note(session, who, "campaign.rehearse", campaign.id, words, now)
    return made


def _to_account(session: Session, account_id: int, sample: Guide | None, shared: dict[str, Any]) -> Rehearsal:
    account = session.get(Account, account_id)
    if account is None or not account.active:
        raise Refused(faults={"to": Sentence("没有这个账号，或者它停用了")})
    if not account.userid:
        words = Sentence("{who}的账号没有写企业微信账号，发不到。请在「账号与设置」里补上", who=account.name)
        raise Refused(faults={"to": words})
    sample_id = sample.id if sample else None
    return _add(session, Rehearsal(code=_code(), account_id=account.id, sample_id=sample_id, **shared))


def _to_guide(session: Session, guide_id: int, shared: dict[str, Any]) -> Rehearsal:
    guide = session.get(Guide, guide_id)
    if guide is None or guide.status != GuideStatus.ACTIVE:
        raise Refused(faults={"to": Sentence("没有这位导购，或者她不在岗")})
    return _add(session, Rehearsal(code=_code(), guide_id=guide.id, **shared))


def _add(session: Session, made: Rehearsal) -> Rehearsal:
    session.add(made)
    session.flush()
    return made


def _code() -> str:
    return secrets.token_urlsafe(12)


def _sample(session: Session, campaign: Campaign, wanted: int | None) -> Guide | None:
    """In whose name it is: the guide whom the page shows, else the first of the scope."""
    in_scope = active_in(campaign.scope).order_by(col(Guide.id)).limit(1)
    named = session.exec(in_scope.where(Guide.id == wanted)).first() if wanted else None
    return named or session.exec(in_scope).first()


def _write(session: Session, one: Rehearsal, campaign: Campaign, now: datetime) -> None:
    """A row for each message, so far apart that they arrive in this order."""
    account = session.get(Account, one.account_id) if one.account_id else None
    pieces = len(list(messages(session, one))) if account else 1
    for piece in range(pieces):
        outbox.put(
            session,
            REHEARSAL,
            f"rehearsal:{one.id}:{piece}",
            now=now,
            due_at=now + piece * APART,
            deadline=now + RECALL,
            guide_id=one.guide_id,
            subject_id=one.id,
            target=receiver(session, one),
            why=Sentence("测试「{campaign}」", campaign=campaign.name),
            payload={"piece": piece} | ({"userid": account.userid} if account else {}),
        )


def receiver(session: Session, one: Rehearsal) -> str:
    """Whose phone it is for."""
    if one.guide_id:
        return session.get_one(Guide, one.guide_id).name
    return session.get_one(Account, one.account_id).name


# ---- what stands in it


def messages(session: Session, one: Rehearsal) -> Iterator[RehearsalMessage]:
    """What a customer would get, as app messages: the text in as many as it takes, then each attachment."""
    fields = one.fields
    guide = session.get(Guide, one.sample_id) if one.sample_id else None
    text = fill(fields.text, guide, store_of(session, guide)) if guide else fields.text
    name = guide.name if guide else "导购"
    who = "客户会收到" if fields.way.sends else "导购会看到"
    yield RehearsalMessage(
        f"{MARK}「{fields.name}」，{fields.way.word}，以{name}为例。{who}"
        f" {bool(text) + len(fields.attachments)} 条，下面就是。只有你收到，不算数。"
    )
    for piece in _cut(text):
        yield RehearsalMessage(f"{MARK}{piece}")
    if fields.second_text:
        second = fill(fields.second_text, guide, store_of(session, guide)) if guide else fields.second_text
        yield RehearsalMessage(f"{MARK}{fields.second_percent}% 的客户收到的是第二种正文：")
        for piece in _cut(second):
            yield RehearsalMessage(f"{MARK}{piece}")
    for attachment in fields.attachments:
        yield RehearsalMessage(attachment=attachment)


def _cut(text: str) -> Iterator[str]:
    """A text in pieces that one app message holds, never inside a letter."""
    rest = text.encode()
    while rest:
        piece = rest[:PIECE_BYTES].decode(errors="ignore")
        yield piece
        rest = rest[len(piece.encode()) :]


# ---- afterwards


@dataclass(frozen=True)
class Sent:
    """How one rehearsal stands, for the campaign's page."""

    rehearsal: Rehearsal
    receiver: str
    messages: int
    arrived: int
    reason: str
    """Why something of it did not leave"""
    under_way: bool
    """Something of it has neither left nor been given up, or is on its way back"""
    recallable: bool
    withdrawn: str
    """How the taking back stands, in words; empty where nobody asked for it"""


def of(session: Session, campaign: Campaign, now: datetime) -> list[Sent]:
    """Those of a campaign, the newest first."""
    mine = select(Rehearsal).where(Rehearsal.campaign_id == campaign.id).order_by(col(Rehearsal.id).desc())
    found = list(session.exec(mine))
    rows = _rows(session, [one.id or 0 for one in found])
    keys = [key for row in rows if (key := _recall_key(row, row.answer or {}))]
    recalls = {row.key: row for row in session.exec(select(Outbox).where(col(Outbox.key).in_(keys)))}
    made = []
    for one in found:
        calls = [row for row in rows if row.subject_id == one.id]
        reasons = [row.reason for row in calls if row.status in NEVER_LEFT and row.reason]
        arrived = sum(row.status == OutboxStatus.SENT for row in calls)
        recallable = one.withdrawn_at is None and now < one.created_at + RECALL
        back = [recalls[key] for row in calls if (key := _recall_key(row, row.answer or {})) in recalls]
        made.append(
            Sent(
                one,
                receiver(session, one),
                len(calls),
                arrived,
                next(iter(reasons), ""),
                any(row.status in OPEN for row in (*calls, *back)),
                recallable,
                _withdrawn(calls, back) if one.withdrawn_at else "",
            )
        )
    return made


def _withdrawn(calls: Sequence[Outbox], recalls: Sequence[Outbox]) -> str:
    """What was asked is not yet done, and the platform may refuse it."""
    refused = [row for row in recalls if row.status in NEVER_LEFT]
    if refused:
        why = refused[0].reason
        return Sentence("{n} 条没撤回，还在手机上：{why}", n=len(refused), why=why)
    ended = (OutboxStatus.SENT, *NEVER_LEFT)
    return "已撤回" if all(row.status in ended for row in (*calls, *recalls)) else "正在撤回"


def seen_by(session: Session, campaign: Campaign, account_id: int) -> bool:
    """Whether this account got the campaign as it stands now."""
    content = of_campaign(campaign).model_dump(mode="json")
    hers = select(Rehearsal).where(Rehearsal.campaign_id == campaign.id, Rehearsal.account_id == account_id)
    return any(one.content == content for one in session.exec(hers))


def withdraw(session: Session, one: Rehearsal, who: str, now: datetime) -> str:
    """Take it back from her phone; what has not left does not leave any more. Again is harmless."""
    session.refresh(one, with_for_update=True)
    if one.withdrawn_at:
        return ""
    if now >= one.created_at + RECALL:
        raise Refused(Sentence("已过 24 小时，平台不让撤回了。它不算数，留着也没有影响"))
    taken = _take_back(session, one, now)
    one.withdrawn_at = now
    words = Sentence("撤回给{who}的测试，{n} 条", who=receiver(session, one), n=taken)
    return audit.note(session, who, "campaign.unrehearse", one.campaign_id, words, now)


def _take_back(session: Session, one: Rehearsal, now: datetime) -> int:
    """What may have arrived without an answer goes once more, which tells by what name it is taken back."""
    rows = _rows(session, [one.id or 0])
    unsent = [row.id or 0 for row in rows if row.request is None]
    outbox.cancel(session, unsent, now, "测试已撤回，没有再发")
    for row in rows:
        recall(session, row, row.answer or {}, now)
    return len(rows)


def recall(session: Session, row: Outbox, answer: dict[str, Any], now: datetime) -> None:
    """Take one message back that arrived."""
    if key := _recall_key(row, answer):
        outbox.put(
            session,
            REHEARSAL_RECALL,
            key,
            now=now,
            guide_id=row.guide_id,
            target=row.target,
            why=Sentence("撤回测试"),
            payload={"msgid": str(answer["msgid"])},
        )


def _recall_key(row: Outbox, answer: dict[str, Any]) -> str:
    """The key of the call that takes this message back; empty where there is none to take back."""
    msgid = str(answer.get("msgid") or "")
    return f"rehearsal_recall:{row.id}:{msgid[:100]}" if msgid else ""


def landed(session: Session, row: Outbox, answer: dict[str, Any], now: datetime) -> None:
    """What was withdrawn while it was on its way is taken back as well."""
    one = session.get(Rehearsal, row.subject_id) if row.subject_id else None
    if one is None or one.withdrawn_at:
        recall(session, row, answer, now)


def forget(session: Session, campaign: Campaign, now: datetime) -> None:
    """With a draft that is thrown away go its rehearsals, from the phones too as far as the platform allows."""
    for one in session.exec(select(Rehearsal).where(Rehearsal.campaign_id == campaign.id)):
        if one.withdrawn_at is None and now < one.created_at + RECALL:
            _take_back(session, one, now)
        session.delete(one)
    session.flush()


def _rows(session: Session, numbers: Sequence[int]) -> list[Outbox]:
    calls = select(Outbox).where(Outbox.channel == REHEARSAL, col(Outbox.subject_id).in_(numbers))
    return list(session.exec(calls.order_by(col(Outbox.id))))
