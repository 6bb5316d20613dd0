"""What HQ plans: a campaign is drafted, edited and scheduled. What happens to it later is lifecycle.py."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.accounts import audit
from models.campaigns import (
    PLANNED,
    STATUS_WORDS,
    Campaign,
    CampaignStatus,
    approval,
    mix,
    run_rules,
    variant_decisions,
)
from models.campaigns.fields import FIELDS, CampaignFields, complaints, leaving_complaints, of_campaign
from models.campaigns.lifecycle import word_of
from models.campaigns.run_rules import RunRules, rules_of
from models.campaigns.selection import guides_in
from models.errors import Refused, refuse_faults
from models.sentences import Sentence, together

ALREADY_PAST = Sentence("开始时间已经过去，没有排上。请选以后的时间，或者让它现在就发")
"""Starting at once is a wish of its own: it cannot be called back"""

PLANNABLE = (CampaignStatus.DRAFT, CampaignStatus.APPROVED)
"""What may be put on the plan: where approval is needed, only what has it"""


def create(
    session: Session, fields: CampaignFields, *, who: str, account_id: int | None, now: datetime
) -> Campaign:
    """A new draft; Refused, by field, when it cannot stay so."""
    refuse_faults(complaints(session, fields, now))
    fields.kind = mix.kind_of(session, fields)
    editors = [approval.key_of(who, account_id)]
    campaign = Campaign(**fields.model_dump(), created_by=account_id, editors=editors, created_at=now)
    session.add(campaign)
    session.flush()
    audit.note(
        session,
        who,
        "campaign.create",
        campaign.id,
        Sentence("新建「{campaign}」", campaign=campaign.name),
        now,
    )
    return campaign


def edit(
    session: Session,
    campaign: Campaign,
    fields: CampaignFields,
    *,
    who: str,
    now: datetime,
    zone: ZoneInfo,
    account_id: int | None = None,
) -> list[str]:
    """Change what has not started; the names of the fields that changed. A started one is refused whole.

    What was submitted or approved has to be so again; what nobody looks at again has to be fit to leave.
    """
    session.refresh(campaign, with_for_update=True)
    paused_before = campaign.status == CampaignStatus.PAUSED and campaign.launched_at is None
    if campaign.status not in PLANNED and not paused_before:
        raise Refused(Sentence("活动{status}，内容改不了了。这次的修改没有保存", status=word_of(campaign)))
    goes = paused_before or campaign.status == CampaignStatus.SCHEDULED
    if goes and not approval.needed(session, campaign):
        _refuse_unfit(session, campaign, fields, now, zone)
    else:
        refuse_faults(complaints(session, fields, now))
    fields.kind = mix.kind_of(session, fields)
    before, after = of_campaign(campaign).model_dump(), fields.model_dump()
    changed = [name for name in after if before[name] != after[name]]
    if campaign.status == CampaignStatus.SCHEDULED and "launch_at" in changed and fields.launch_at <= now:
        raise Refused(faults={"launch_at": ALREADY_PAST})
    for name in changed:
        setattr(campaign, name, after[name])
    session.flush()  # a verb that follows in this transaction reads the row anew
    if changed:
        audit.note(
            session,
            who,
            "campaign.edit",
            campaign.id,
            Sentence(
                "改了 {n} 处：{fields}",
                n=len(changed),
                fields=together([Sentence(FIELDS[name]) for name in changed], "、"),
            ),
            now,
        )
        approval.voided(session, campaign, who=who, account_id=account_id, changed=len(changed), now=now)
        variant_decisions.base_changed(session, campaign, changed)
    return changed


def _refuse_unfit(
    session: Session, campaign: Campaign, fields: CampaignFields, now: datetime, zone: ZoneInfo
) -> None:
    """Refused where this plan could not leave, or not by the rules that were chosen for it."""
    refuse_faults(leaving_complaints(session, fields, now, zone, campaign.id))
    run_rules.refuse_unfit(session, fields, rules_of(campaign))


def change_rules(
    session: Session,
    campaign: Campaign,
    rules: RunRules,
    *,
    who: str,
    account_id: int | None,
    now: datetime,
) -> str:
    """How it runs, decided before it starts; where it stops itself also later. What was approved has to be so again."""
    session.refresh(campaign, with_for_update=True)
    started = campaign.launched_at is not None
    before = rules_of(campaign)
    if campaign.over or (started and rules != before.model_copy(update={"stop_percent": rules.stop_percent})):
        words = "活动{status}，怎么开始改不了了。这次的修改没有保存"
        raise Refused(Sentence(words, status=word_of(campaign)))
    refuse_faults(run_rules.complaints(session, campaign, rules))
    if rules == before:
        return ""
    campaign.rules = run_rules.plain(rules)
    session.flush()
    said = audit.note(session, who, "campaign.rules", campaign.id, run_rules.words(session, rules), now)
    if not started:
        approval.voided(session, campaign, who=who, account_id=account_id, changed=1, now=now)
    return said


def schedule(session: Session, campaign: Campaign, who: str, now: datetime, zone: ZoneInfo) -> str:
    """Let it start at its time, which is still to come: whoever wants it to start at once says so with `launch_now`."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status in PLANNABLE and campaign.launch_at <= now:
        raise Refused(faults={"launch_at": ALREADY_PAST})
    return _schedule(session, campaign, who, now, zone, Sentence("排期"))


def launch_now(session: Session, campaign: Campaign, who: str, now: datetime, zone: ZoneInfo) -> str:
    """Let it start at once."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status in PLANNABLE:
        campaign.launch_at = now
    return _schedule(session, campaign, who, now, zone, Sentence("现在发"))


def _schedule(
    session: Session, campaign: Campaign, who: str, now: datetime, zone: ZoneInfo, word: str
) -> str:
    if campaign.status == CampaignStatus.SCHEDULED:
        return STATUS_WORDS[CampaignStatus.SCHEDULED]
    if campaign.status not in PLANNABLE:
        raise Refused(Sentence("活动{status}，不能再排期", status=word_of(campaign)))
    if campaign.status == CampaignStatus.DRAFT and approval.needed(session, campaign):
        raise Refused(Sentence("这个活动要先由总部审批。请提交，批准后到时间自动开始"))
    _refuse_unfit(session, campaign, of_campaign(campaign), now, zone)
    campaign.status, campaign.status_words = CampaignStatus.SCHEDULED, ""
    reached = guides_in(session, campaign.scope)
    return audit.note(
        session,
        who,
        "campaign.schedule",
        campaign.id,
        Sentence("{word}，发给 {reached:,} 位导购", word=word, reached=reached),
        now,
    )
