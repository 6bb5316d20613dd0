"""/campaigns: planned, edited, submitted, paused, resumed and cancelled; every complaint at save time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import true
from sqlmodel import Session, select

from models.campaigns import (
    Campaign,
    CampaignStatus,
    approval,
    drafts,
    large_audience,
    lifecycle,
    pilot,
    planning,
    progress,
)
from models.campaigns.conditions import Conditions
from models.campaigns.differences import changed
from models.campaigns.fields import PLACES, CampaignFields, of_campaign
from models.campaigns.run_rules import RunRules, rules_of
from models.materials import fitness
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.campaign_schemas import (
    ApproveIn,
    AttachmentOut,
    CampaignEdit,
    CampaignIn,
    CampaignList,
    CampaignOut,
    ConditionsOut,
    ProgressOut,
    ReturnIn,
    RulesIn,
    RulesOut,
    ScopeOut,
    StartIn,
    VersionList,
    VersionOut,
)
from pages.api.endpoint import ApiCall
from pages.api.pagination import between, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import One, PageOut
from pages.web import campaign_check
from pages.web.site import site

TAG = "活动"


@endpoint.reads("/campaigns", PageOut[CampaignOut], TAG)
def all_campaigns(call: ApiCall, query: CampaignList) -> PageOut[CampaignOut]:
    """活动"""
    wanted = like(select(Campaign), Campaign, query, "status", "channel")
    wanted = between(wanted, Campaign.launch_at, query.launch_since, query.launch_before)
    rows, after = piece(call.session, wanted, Campaign, query, query.sort)
    return PageOut[CampaignOut](items=shown(call.session, rows), next_cursor=after)


@endpoint.reads("/campaigns/<int:number>", CampaignOut, TAG)
def campaign(call: ApiCall, path: One) -> CampaignOut:
    """一个活动"""
    return shown(call.session, [find(call, path)])[0]


@endpoint.changes("/campaigns", CampaignOut, TAG, status=201)
def create_campaign(call: ApiCall, body: CampaignIn) -> CampaignOut:
    """新建一个活动，先是草稿；submit 以后才会开始"""
    fields = _fields(call, body.model_dump())
    return shown(
        call.session, [planning.create(call.session, fields, who=call.actor, account_id=None, now=call.now)]
    )[0]


@endpoint.changes("/campaigns/<int:number>", CampaignOut, TAG, method="patch")
def edit_campaign(call: ApiCall, path: One, body: CampaignEdit) -> CampaignOut:
    """改一个还没开始的活动；没写的字段不变。人数超过设置里的线的，改完变回草稿，再 submit 时写明人数"""
    row = find(call, path, change=True)
    kept = _kept(row)
    given = {name: value for name, value in body.model_dump().items() if name in body.model_fields_set}
    fields = _fields(call, {**kept, **given})
    planning.edit(call.session, row, fields, who=call.actor, now=call.now, zone=site().zone)
    if row.status == CampaignStatus.SCHEDULED and _number_to_type(call, row):
        drafts.unschedule(call.session, row, call.actor, call.now)  # submit asks for the number
    return shown(call.session, [row])[0]


@endpoint.changes("/campaigns/<int:number>/submit", CampaignOut, TAG)
def submit_campaign(call: ApiCall, path: One, body: StartIn) -> CampaignOut:
    """提交：要审批的等总部批准；不要审批的排期，到时间就开始，launch_at 已过就马上开始，收不回来"""
    row = find(call, path, change=True)
    if row.status == CampaignStatus.DRAFT:
        _fields(call, _kept(row))
    if row.status in (CampaignStatus.DRAFT, CampaignStatus.SUBMITTED) and approval.needed(call.session, row):
        approval.submit(call.session, row, who=call.actor, account_id=None, now=call.now, zone=site().zone)
        return shown(call.session, [row])[0]
    _number_typed(call, row, body)
    verb = planning.launch_now if row.launch_at <= call.now else planning.schedule
    verb(call.session, row, call.actor, call.now, site().zone)
    return shown(call.session, [row])[0]


@endpoint.changes("/campaigns/<int:number>/approve", CampaignOut, TAG)
def approve_campaign(call: ApiCall, path: One, body: ApproveIn) -> CampaignOut:
    """批准等着的那一版；写过、改过、提交过它的令牌不能批"""
    row = find(call, path, change=True)
    if row.launch_at > call.now:
        _number_typed(call, row, body)
    approval.approve(
        call.session,
        row,
        who=call.actor,
        account_id=None,
        now=call.now,
        zone=site().zone,
        version=body.version or None,
    )
    return shown(call.session, [row])[0]


@endpoint.changes("/campaigns/<int:number>/return", CampaignOut, TAG)
def return_campaign(call: ApiCall, path: One, body: ReturnIn) -> CampaignOut:
    """退回等着的那一版，或收回还没开始的批准；变回草稿"""
    row = find(call, path, change=True)
    approval.give_back(call.session, row, who=call.actor, account_id=None, reason=body.reason, now=call.now)
    return shown(call.session, [row])[0]


@endpoint.changes("/campaigns/<int:number>/rules", CampaignOut, TAG)
def change_rules(call: ApiCall, path: One, body: RulesIn) -> CampaignOut:
    """怎么开始和停下：晚多久还发、没送出多少就停、先试一小批；开始以后只能改 stop_percent"""
    row = find(call, path, change=True)
    rules = RunRules.model_validate(body.model_dump())
    planning.change_rules(call.session, row, rules, who=call.actor, account_id=None, now=call.now)
    return shown(call.session, [row])[0]


@endpoint.changes("/campaigns/<int:number>/go-on", CampaignOut, TAG)
def go_on(call: ApiCall, path: One) -> CampaignOut:
    """先试的看过了，其余的也开始发"""
    return changed_by(call, path, pilot.go_on)


@endpoint.reads("/campaigns/<int:number>/versions", VersionList, TAG)
def campaign_versions(call: ApiCall, path: One) -> VersionList:
    """提交过的每一版，新的在前：谁提交、谁决定、和上次批准的比改了什么"""
    row = find(call, path)
    found = approval.submissions(call.session, row.id or 0)
    made = []
    for one in found:
        before = approval.last_approved(call.session, row, before=one.number)
        made.append(
            VersionOut(
                version=one.number,
                submitted_by=one.by,
                submitted_at=one.at,
                decision=one.decision,
                decided_by=one.decided_by,
                decided_at=one.decided_at,
                reason=one.reason,
                changed=changed(before.content, one.content) if before else [],
            )
        )
    return VersionList(items=made)


@endpoint.changes("/campaigns/<int:number>/pause", CampaignOut, TAG)
def pause_campaign(call: ApiCall, path: One) -> CampaignOut:
    """暂停：还没发出的先留着，导购群发助手里的还能发"""
    return changed_by(call, path, lifecycle.pause)


@endpoint.changes("/campaigns/<int:number>/resume", CampaignOut, TAG)
def resume_campaign(call: ApiCall, path: One, body: StartIn) -> CampaignOut:
    """继续"""
    _number_typed(call, find(call, path, change=True), body)
    return changed_by(call, path, lifecycle.resume)


@endpoint.changes("/campaigns/<int:number>/cancel", CampaignOut, TAG)
def cancel_campaign(call: ApiCall, path: One) -> CampaignOut:
    """停止：不能恢复，已经发给客户的收不回来"""
    return changed_by(call, path, lifecycle.cancel)


@endpoint.changes("/campaigns/<int:number>/unschedule", CampaignOut, TAG)
def unschedule_campaign(call: ApiCall, path: One) -> CampaignOut:
    """撤回：还没开始的改回草稿，到时间也不会开始"""
    return changed_by(call, path, drafts.unschedule)


@endpoint.changes("/campaigns/<int:number>/copy", CampaignOut, TAG, status=201)
def copy_campaign(call: ApiCall, path: One) -> CampaignOut:
    """复制成新草稿：内容和范围照抄，过去的时间挪到以后"""
    row = find(call, path)
    made = drafts.copy(call.session, row, who=call.actor, account_id=None, now=call.now)
    return shown(call.session, [made])[0]


@endpoint.changes("/campaigns/<int:number>", CampaignOut, TAG, method="delete")
def discard_campaign(call: ApiCall, path: One) -> CampaignOut:
    """删掉一份草稿；回答是它最后的样子"""
    row = find(call, path, change=True)
    last = shown(call.session, [row])[0]
    drafts.discard(call.session, row, call.actor, call.now)
    return last


def find(call: ApiCall, path: One, *, change: bool = False) -> Campaign:
    """The campaign, locked when it will be changed."""
    row: Campaign = call.found(
        call.session.get(Campaign, path.number, with_for_update=True if change else None)
    )
    return row


def changed_by(
    call: ApiCall, path: One, verb: Callable[[Session, Campaign, str, datetime], str]
) -> CampaignOut:
    """The campaign after one of its verbs."""
    row = find(call, path, change=True)
    verb(call.session, row, call.actor, call.now)
    return shown(call.session, [row])[0]


def _number_typed(call: ApiCall, row: Campaign, body: StartIn) -> None:
    """A huge audience that is about to start has its number in the body (F13)."""
    if row.unstarted:
        typed = "" if body.customers is None else str(body.customers)
        large_audience.refuse_untyped(_number_to_type(call, row), typed)


def _number_to_type(call: ApiCall, row: Campaign) -> int:
    at = max(row.launch_at, call.now)
    return large_audience.number_to_type(call.session, row, at, site().zone, number=row.id)


def _kept(row: Campaign) -> dict[str, Any]:
    """A campaign in the fields of a body."""
    scope: dict[str, Any] = row.scope or {"all": True}
    return of_campaign(row).model_dump() | {"scope": scope}


def _fields(call: ApiCall, values: Mapping[str, Any]) -> CampaignFields:
    """The plan, or 422 with everything that cannot stay so: ours, the platform's limits, the poster's."""
    scope = {name: ids for name in PLACES if (ids := list(dict.fromkeys(values["scope"].get(name, []))))}
    fields = CampaignFields.model_validate(
        {**values, "scope": scope, "conditions": Conditions.model_validate(values["conditions"]).chosen}
    )
    faults = campaign_check.complaints(call.session, fields, call.now)
    for n, one in enumerate(fitness.unlinked(call.session, fields.attachments)):
        if one != fields.attachments[n]:
            faults[f"attachments.{n}.material_id"] = Sentence(
                "内容和素材库的那一版不一样。请照那一版写，或者去掉 material_id"
            )
    if bool(scope) == bool(values["scope"].get("all")):
        both = "all 和选中的不能一起写" if scope else "一个也没选。要发给全部在岗导购，请写 all: true"
        faults.setdefault("scope", both)
    if faults:
        refuse_fields(faults)
    return fields


def shown(session: Session, rows: Any) -> list[CampaignOut]:
    session.flush()
    counted = progress.progress_of(session, [row.id for row in rows], true())
    kept = set(CampaignOut.model_fields) - {"attachments", "scope", "conditions", "rules", "progress"}
    return [
        CampaignOut(
            **row.model_dump(include=kept),
            attachments=[AttachmentOut.model_validate(one) for one in row.attachments],
            scope=ScopeOut.model_validate({**row.scope, "all": not row.scope}),
            rules=RulesOut.model_validate(rules_of(row).model_dump(mode="json")),
            conditions=ConditionsOut.model_validate(row.conditions),
            progress=progress_out(counted.get(row.id, progress.Progress())),
        )
        for row in rows
    ]


def progress_out(it: Any) -> ProgressOut:
    return ProgressOut(**{name: getattr(it, name) for name in ProgressOut.model_fields})
