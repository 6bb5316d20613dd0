"""Campaigns: what HQ plans. Drafting, editing and scheduling live here; the verbs of its later life are named here too."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Field, Session, SQLModel

from models.accounts import audit
from models.campaigns import (
    DRAFT,
    GROUP_MASS,
    MASS,
    NOTICE,
    PAUSED,
    PICTURE,
    POSTER,
    SCHEDULED,
    TEXT,
    Campaign,
)
from models.campaigns.lifecycle import (
    NAMES,
)
from models.errors import Refused
from models.org import guides_in_scope

LONGEST = timedelta(days=30)
"""Results are read back for a month at most (contract 6.2)."""


class CampaignFields(SQLModel):
    """What HQ fills in; checked by `complaints` here and by the platform's limits in the page."""

    name: str = ""
    channel: str = MASS
    content: str = TEXT
    text: str = ""
    design: str = ""
    poster: dict[str, Any] = Field(default_factory=dict)
    picture_id: int | None = None
    card_title: str = ""
    card_note: str = ""
    scope: dict[str, list[int]] = Field(default_factory=dict)
    launch_at: datetime
    ends_at: datetime


def complaints(fields: CampaignFields, now: datetime) -> dict[str, str]:
    """What cannot stay so, by field, in words; empty when the plan makes sense."""
    wrong: dict[str, str] = {}
    if not fields.name.strip():
        wrong["name"] = "请填写活动名称，只有内部看得到"
    elif len(fields.name) > 40:
        wrong["name"] = f"名称 {len(fields.name)} 个字，最多 40 个"
    if fields.channel not in (MASS, GROUP_MASS, NOTICE):
        wrong["channel"] = "请选择怎么送到客户手里"
    if fields.content not in (TEXT, PICTURE, POSTER):
        wrong["content"] = "请选择文字、图片或海报"
    if fields.content == TEXT and not fields.text.strip():
        wrong["text"] = "没有图片或海报时，正文不能空着"
    if fields.content == PICTURE and fields.picture_id is None:
        wrong["picture_id"] = "请选择一张图片"
    if fields.content == POSTER and not fields.design:
        wrong["design"] = "请选择海报版式"
    if fields.content == POSTER and fields.channel == GROUP_MASS:
        wrong["content"] = "客户群里一次群发只有一张图，不能是每位导购自己的海报。请改用图片"
    if set(fields.scope) - {"branches", "stores", "guides"}:
        wrong["scope"] = "范围只能按分公司、门店或导购选"
    return {**wrong, **_wrong_times(fields, now)}


def _wrong_times(fields: CampaignFields, now: datetime) -> dict[str, str]:
    if fields.launch_at.tzinfo is None or fields.ends_at.tzinfo is None:
        return {"launch_at": "时间没有写明时区"}
    if fields.ends_at <= fields.launch_at:
        return {"ends_at": "截止时间要晚于开始时间"}
    if fields.ends_at <= now:
        return {"ends_at": "截止时间已经过去"}
    if fields.ends_at - fields.launch_at > LONGEST:
        return {"ends_at": f"活动最长 {LONGEST.days} 天，再长平台就读不到结果了"}
    return {}


def create(
    session: Session, fields: CampaignFields, *, who: str, user_id: int | None, now: datetime
) -> Campaign:
    """A new draft."""
    campaign = Campaign(**fields.model_dump(), created_by=user_id, created_at=now)
    session.add(campaign)
    session.flush()
    audit.note(session, who, "campaign.create", campaign.id, f"新建「{campaign.name}」", now)
    return campaign


def edit(
    session: Session, campaign: Campaign, fields: CampaignFields, *, who: str, now: datetime
) -> list[str]:
    """Change what has not started; the names of the fields that changed. A started one is refused whole."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status not in (DRAFT, SCHEDULED) and not (
        campaign.status == PAUSED and campaign.launched_at is None
    ):
        raise Refused(f"活动{NAMES[campaign.status]}，内容改不了了。这次的修改没有保存")
    changed = [name for name, value in fields.model_dump().items() if getattr(campaign, name) != value]
    for name in changed:
        setattr(campaign, name, getattr(fields, name))
    if (
        campaign.status == SCHEDULED and "launch_at" in changed
    ):  # else it would look like a start that we missed
        campaign.launch_at = max(campaign.launch_at, now)
    if changed:
        audit.note(
            session, who, "campaign.edit", campaign.id, f"改了 {len(changed)} 处：{'、'.join(changed)}", now
        )
    return changed


def schedule(session: Session, campaign: Campaign, who: str, now: datetime) -> str:
    """Let it start at its time; a time that has just passed means at once."""
    session.refresh(campaign, with_for_update=True)
    if campaign.status == SCHEDULED:
        return "已排期"
    if campaign.status != DRAFT:
        raise Refused(f"活动{NAMES[campaign.status]}，不能再排期")
    wrong = complaints(
        CampaignFields(**{name: getattr(campaign, name) for name in CampaignFields.model_fields}), now
    )
    if wrong:
        raise Refused("；".join(wrong.values()))
    campaign.status, campaign.launch_at = SCHEDULED, max(campaign.launch_at, now)
    return audit.note(
        session,
        who,
        "campaign.schedule",
        campaign.id,
        f"排期，发给 {len(guides_in_scope(session, campaign.scope)):,} 位导购",
        now,
    )
