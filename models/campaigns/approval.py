"""Four eyes: a plan is submitted, and somebody who had no hand in it approves it or gives it back with a reason.

What was submitted is kept as a version, so that the next one can be shown against it. Nobody approves what she wrote,
changed or submitted, and who approved it must still be able to when it starts (F12).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models import preferences
from models.accounts import Account, Role, audit
from models.accounts.api_tokens import ApiToken, actor_of
from models.campaigns import STATUS_WORDS, Campaign, CampaignStatus, run_rules
from models.campaigns.fields import leaving_complaints, of_campaign
from models.campaigns.lifecycle import word_of
from models.campaigns.run_rules import RunRules, plain, rules_of
from models.campaigns.selection import guides_in
from models.db import count
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.errors import Refused, refuse_faults
from models.names import text_fault
from models.sentences import Sentence

LONGEST_REASON = 200
HQ_EYES = 2
"""HQ's own plans need somebody else of HQ; a branch's need anybody of HQ."""
UNDECIDED = (CampaignStatus.SUBMITTED, CampaignStatus.APPROVED, CampaignStatus.SCHEDULED)
"""What HQ may still give back"""


class Decision(StrEnum):
    """What became of a version that was submitted."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    """Its people took it back, or changed it, before anybody decided."""


class Submission(SQLModel, table=True):
    """One version of a campaign, as it was submitted, and what was decided."""

    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    number: int
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The fields of the plan as JSON, by the names of `CampaignFields`"""
    by: str = Field(max_length=64)
    by_key: str = Field(max_length=80)
    """`key_of` whoever submitted it"""
    at: datetime
    decision: Decision = Field(default=Decision.WAITING, sa_column=word_column(Decision, 16))
    decided_by: str = Field(default="", max_length=64)
    decided_key: str = Field(default="", max_length=80)
    decided_at: datetime | None = None
    reason: str = Field(default="", sa_column=sentence_column())
    """Why it was given back, in the words of whoever did"""


def key_of(who: str, account_id: int | None) -> str:
    """Who it is, whatever she is called: accounts by number, the API by the name of its token."""
    return f"account:{account_id}" if account_id else who


def needed(session: Session, campaign: Campaign) -> bool:
    """Whether this plan has to be approved: the brand wants it, and there is somebody else who could."""
    return not why_not_needed(session, campaign.created_by)


def why_not_needed(session: Session, maker_id: int | None) -> str:
    """Why what this account plans is not looked at by anybody else, in words; empty when it is."""
    if preferences.read(session).approval == "no":
        return Sentence("设置里写着活动不用审批")
    maker = session.get(Account, maker_id) if maker_id else None
    branch = maker is not None and maker.role == Role.BRANCH
    others = count(session, Account, Account.role == Role.HQ, Account.active)
    if others < (1 if branch else HQ_EYES):
        return Sentence("总部只有一个账号，没有第二个人能批，所以不用审批")
    return ""


def submissions(session: Session, campaign_id: int) -> list[Submission]:
    """Every version that was submitted, the newest first."""
    found = select(Submission).where(Submission.campaign_id == campaign_id)
    return list(session.exec(found.order_by(col(Submission.number).desc())))


def latest(session: Session, campaign: Campaign) -> Submission | None:
    return next(iter(submissions(session, campaign.id or 0)), None)


def last_approved(session: Session, campaign: Campaign, *, before: int | None = None) -> Submission | None:
    """The newest version that was approved (`before` a number), with which a new one is compared."""
    found = submissions(session, campaign.id or 0)
    approved = (one for one in found if one.decision == Decision.APPROVED)
    return next((one for one in approved if before is None or one.number < before), None)


# ---- the verbs


def submit(
    session: Session, campaign: Campaign, *, who: str, account_id: int | None, now: datetime, zone: ZoneInfo
) -> str:
    """Ask for approval of the plan as it stands."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status == CampaignStatus.SUBMITTED:
        return STATUS_WORDS[CampaignStatus.SUBMITTED]
    if campaign.status != CampaignStatus.DRAFT:
        raise Refused(Sentence("活动{status}，不能再提交", status=word_of(campaign)))
    if why := why_not_needed(session, campaign.created_by):
        raise Refused(Sentence("{why}。直接排期就行", why=why))
    refuse_faults(leaving_complaints(session, of_campaign(campaign), now, zone, campaign.id))
    run_rules.refuse_unfit(session, campaign, rules_of(campaign))
    before = latest(session, campaign)
    version = Submission(
        campaign_id=campaign.id or 0,
        number=before.number + 1 if before else 1,
        content=content_of(campaign),
        by=who,
        by_key=key_of(who, account_id),
        at=now,
    )
    session.add(version)
    campaign.status, campaign.status_words = CampaignStatus.SUBMITTED, ""
    words = Sentence("提交第 {n} 版，等总部审批", n=version.number)
    return audit.note(session, who, "campaign.submit", campaign.id, words, now)


def content_of(campaign: Campaign) -> dict[str, Any]:
    """What is looked at: the plan, and how it runs."""
    return {**of_campaign(campaign).model_dump(mode="json"), "rules": plain(rules_of(campaign))}


@dataclass(frozen=True)
class Check:
    """One thing that four eyes ask of whoever wants to approve."""

    words: str
    good: bool


def checks(session: Session, campaign: Campaign, *, who: str, account_id: int | None) -> list[Check]:
    """Whether she may approve the version that waits, each condition with its answer."""
    version, key = latest(session, campaign), key_of(who, account_id)
    if version is None:
        return []
    found = []
    if not may_approve(session, key):
        found.append(Check(Sentence("审批只由总部来做"), False))
    if version.by_key == key:
        found.append(Check(Sentence("你自己提交的，要请总部另一位来批"), False))
    else:
        found.append(Check(Sentence("{who}提交，提交的人不能自己批", who=version.by), True))
    if key in hands(campaign):
        found.append(Check(Sentence("你写过或改过这一版，要请总部另一位来批"), False))
    else:
        found.append(Check(Sentence("你没有改过第 {n} 版，可以批", n=version.number), True))
    return found


def hands(campaign: Campaign) -> set[str]:
    """Who made the plan, or changed it since it was last approved."""
    maker = {key_of("", campaign.created_by)} if campaign.created_by else set()
    return maker | set(campaign.editors)


def may_approve(session: Session, key: str) -> bool:
    """HQ, as long as the account is in use; of the API a token that may write and was not revoked."""
    kind, _, number = key.partition(":")
    if kind == "account":
        account = session.get(Account, int(number))
        return account is not None and account.active and account.role == Role.HQ
    tokens = session.exec(select(ApiToken).where(ApiToken.writes, col(ApiToken.revoked_at).is_(None)))
    return any(actor_of(token) == key for token in tokens)


def approve(
    session: Session,
    campaign: Campaign,
    *,
    who: str,
    account_id: int | None,
    now: datetime,
    zone: ZoneInfo,
    version: int | None = None,
    rules: RunRules | None = None,
) -> str:
    """Yes to the version that waits; `version` is the one that was looked at. It starts at its time, if that lies ahead.

    Whoever approves may decide how it runs: that a small part goes first, for one.
    """
    session.refresh(campaign, with_for_update=True)
    waiting = latest(session, campaign)
    if waiting is None or campaign.status != CampaignStatus.SUBMITTED:
        raise Refused(Sentence("活动{status}，没有等着批的", status=word_of(campaign)))
    if version is not None and version != waiting.number:
        raise Refused(
            Sentence(
                "你看的是第 {old} 版，现在等着批的是第 {new} 版。请再看一眼", old=version, new=waiting.number
            )
        )
    for check in checks(session, campaign, who=who, account_id=account_id):
        if not check.good:
            raise Refused(check.words)
    if rules is not None:
        refuse_faults(run_rules.complaints(session, campaign, rules))
        campaign.rules = plain(rules)
        waiting.content = content_of(campaign)
    refuse_faults(leaving_complaints(session, of_campaign(campaign), now, zone, campaign.id))
    _decide(waiting, Decision.APPROVED, who, account_id, now)
    campaign.editors, campaign.status_words = [], ""
    audit.note(
        session, who, "campaign.approve", campaign.id, Sentence("批准第 {n} 版", n=waiting.number), now
    )
    if campaign.launch_at <= now:
        campaign.status = CampaignStatus.APPROVED
        campaign.status_words = Sentence("批准时开始时间已过，没有自动发。请选现在发，或改时间再提交")
        return campaign.status_words
    campaign.status = CampaignStatus.SCHEDULED
    reached = guides_in(session, campaign.scope)
    words = Sentence("批准后排期，发给 {reached:,} 位导购", reached=reached)
    return audit.note(session, who, "campaign.schedule", campaign.id, words, now)


def give_back(
    session: Session, campaign: Campaign, *, who: str, account_id: int | None, reason: str, now: datetime
) -> str:
    """No, with a reason: it is a draft again. Also what was approved, as long as it has not started."""
    session.refresh(campaign, with_for_update=True)
    version = latest(session, campaign)
    if version is None or campaign.status not in UNDECIDED:
        raise Refused(Sentence("活动{status}，退不回了", status=word_of(campaign)))
    if not may_approve(session, key_of(who, account_id)):
        raise Refused(Sentence("审批只由总部来做"))
    reason = reason_of_return(reason)
    _decide(version, Decision.RETURNED, who, account_id, now, reason)
    campaign.status = CampaignStatus.DRAFT
    campaign.status_words = Sentence("{who}退回：{reason}", who=who, reason=reason)
    return audit.note(session, who, "campaign.return", campaign.id, campaign.status_words, now)


def reason_of_return(given: str) -> str:
    """Why something is given back, as it is kept; Refused when whoever made it could not read it."""
    reason = given.strip()
    if not reason:
        raise Refused(faults={"reason": Sentence("请写退回的原因，让写的人知道改哪里")})
    if len(reason) > LONGEST_REASON:
        fault = Sentence("原因 {n} 个字，最多 {most} 个", n=len(reason), most=LONGEST_REASON)
        raise Refused(faults={"reason": fault})
    if strange := text_fault(reason):
        raise Refused(faults={"reason": strange})
    return reason


def withdraw_version(
    session: Session, campaign: Campaign, who: str, account_id: int | None, now: datetime
) -> None:
    """Nobody needs to look at it any more: it was taken back or changed."""
    version = latest(session, campaign)
    if version is not None and version.decision == Decision.WAITING:
        _decide(version, Decision.WITHDRAWN, who, account_id, now)


def voided(
    session: Session, campaign: Campaign, *, who: str, account_id: int | None, changed: int, now: datetime
) -> None:
    """An edit voids what was asked for or given: the plan is a draft again, with a word on why (F12)."""
    campaign.editors = sorted({*campaign.editors, key_of(who, account_id)})
    before = campaign.status
    if before == CampaignStatus.DRAFT or not needed(session, campaign):
        return
    withdraw_version(session, campaign, who, account_id, now)
    campaign.status = CampaignStatus.DRAFT
    campaign.status_words = (
        Sentence("改了 {n} 处，要重新提交", n=changed)
        if before == CampaignStatus.SUBMITTED
        else Sentence("改了 {n} 处，批准自动作废，要重新提交", n=changed)
    )


def restore(session: Session, campaign: Campaign, before: CampaignStatus) -> bool:
    """An edit was taken back: what stands there is again, word for word, what had been approved or asked for.

    Then it is so again, as long as whoever approved it still may. False where it is not, and stays a draft.
    """
    version = latest(session, campaign)
    if before not in UNDECIDED or version is None or version.content != content_of(campaign):
        return False
    if before == CampaignStatus.SUBMITTED:
        if version.decision != Decision.WITHDRAWN:
            return False
        version.decision, version.decided_at = Decision.WAITING, None
        version.decided_by, version.decided_key = "", ""
    elif not holds(session, campaign):
        return False
    campaign.status = before
    return True


def holds(session: Session, campaign: Campaign) -> bool:
    """What stands there was approved, by somebody who still may."""
    version = latest(session, campaign)
    return (
        version is not None
        and version.decision == Decision.APPROVED
        and version.content == content_of(campaign)
        and may_approve(session, version.decided_key)
    )


def lost(session: Session, campaign: Campaign) -> str:
    """Why the approval does not hold at the start, in words: whoever gave it cannot approve any more (F12)."""
    version = latest(session, campaign)
    if version is None or version.decision != Decision.APPROVED or may_approve(session, version.decided_key):
        return ""
    if not needed(session, campaign):
        return ""
    version.decision = Decision.WAITING
    return Sentence("批准的{who}已经不能审批，没有开始。要总部另一位再批一次", who=version.decided_by)


def forget(session: Session, campaign_id: int) -> None:
    """With a draft that is thrown away go its versions."""
    for version in submissions(session, campaign_id):
        session.delete(version)
    session.flush()


def _decide(
    version: Submission, decision: Decision, who: str, account_id: int | None, now: datetime, reason: str = ""
) -> None:
    version.decision, version.decided_at, version.reason = decision, now, reason
    version.decided_by, version.decided_key = who, key_of(who, account_id)
