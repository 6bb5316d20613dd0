"""Entry codes as people plan them: where friends will come from, where a scan leads, what it costs and should bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.errors import Refused, refuse_faults
from models.friends import entry_code_users
from models.friends.entry_codes import (
    MOST_WAYS,
    OWN,
    PLACE_LETTERS,
    EntryCode,
    EntryCodeKind,
    EntryCodeStatus,
    LeadsTo,
    ask_for,
    end,
    new,
    note,
    present_userids,
)
from models.names import line_fault
from models.org import Branch, Store
from models.sentences import Sentence

NAME_LETTERS = 30
"""The platform keeps it as the remark of the contact way (contract 5.2)."""
MOST_CENTS = 10**11
MOST_TARGET = 10**7
PLANNED = (EntryCodeKind.STORE, EntryCodeKind.BRANCH, EntryCodeKind.SOURCE)
"""What people plan; a guide's code is hers, and made when she comes"""
CHANGEABLE = ("name", "place", "cost_cents", "target", "valid_until")
"""Where it leads is printed, and stays."""
RULES_ALONE = Sentence("没有门店的码只能按规则分：平台一个码最多放 100 人，装不下分公司")
FULL = Sentence("平台给的 {most} 个码用完了。先停用不再印的，再建新的", most=MOST_WAYS)


@dataclass(frozen=True)
class CodePlan:
    """A code that somebody wants."""

    kind: EntryCodeKind
    leads_to: LeadsTo
    name: str = ""
    """Empty for a store's code: the store and the place say it."""
    place: str = ""
    store: Store | None = None
    branch: Branch | None = None
    """Neither: HQ's own"""
    cost_cents: int = 0
    target: int | None = None
    valid_until: date | None = None


def create(session: Session, plan: CodePlan, who: str, now: datetime, zone: ZoneInfo) -> EntryCode:
    """A new code of a store, a branch, HQ or a channel; Refused, by field, in words."""
    refuse_faults(_faults(session, plan, now.astimezone(zone).date()))
    values = {name: getattr(plan, name) for name in CHANGEABLE if name != "name"}
    whose = {
        "store_id": plan.store.id if plan.store else None,
        "branch_id": plan.branch.id if plan.branch and not plan.store else None,
    }
    code = new(session, plan.kind, _name(plan), now, leads_to=plan.leads_to, **values, **whose)
    if plan.leads_to == LeadsTo.NEAR:
        code.status, code.ready_at = EntryCodeStatus.READY, now
    else:
        code.userids = present_userids(session, code.store_id)
        ask_for(session, code, now)
    return note(session, code, who, now, "create")


def change(
    session: Session, code: EntryCode, changes: Mapping[str, Any], who: str, now: datetime, zone: ZoneInfo
) -> EntryCode:
    """What is written about a code, never where it leads: it hangs printed on a wall. Refused, by field."""
    today = now.astimezone(zone).date()
    wanted = {name: changes[name] for name in CHANGEABLE if name in changes}
    fresh = {name: value for name, value in wanted.items() if getattr(code, name) != value}
    if code.status == EntryCodeStatus.RETIRED:
        raise Refused(Sentence("这个码停用了，不能再改"))
    if code.kind == EntryCodeKind.GUIDE and not fresh.keys() <= {"target"}:
        raise Refused(Sentence("导购的码只能改目标"))
    faults = _value_faults(fresh, today)
    if not wanted.get("name", code.name):
        faults["name"] = Sentence("起个名字，列表里认得出来")
    if "place" in fresh and _doubled(session, code.store_id, fresh["place"], code.id):
        faults["place"] = Sentence("这家店已经有一个「{place}」的码", place=fresh["place"])
    refuse_faults(faults)
    for name, value in fresh.items():
        setattr(code, name, value)
    return note(session, code, who, now, "change") if fresh else code


def retire(session: Session, code: EntryCode, who: str, now: datetime) -> EntryCode:
    """Nobody will print it any more: the platform forgets its contact way. Who came by it stays counted."""
    if code.kind == EntryCodeKind.GUIDE:
        raise Refused(Sentence("导购的码跟着人走，人走了会改成同事，不用停用"))
    if code.status == EntryCodeStatus.RETIRED:
        return code
    for one in [code, *session.exec(select(EntryCode).where(EntryCode.via_id == code.id))]:
        end(session, one, now)
    return note(session, code, who, now, "retire")


def _faults(session: Session, plan: CodePlan, today: date) -> dict[str, str]:
    faults = _value_faults({name: getattr(plan, name) for name in CHANGEABLE}, today)
    if plan.kind not in PLANNED:
        faults["kind"] = Sentence("这里建门店、分公司、总部和渠道的码，导购的码在她的页面上")
    if plan.kind == EntryCodeKind.STORE and plan.store is None:
        faults["store"] = Sentence("选一家门店")
    if plan.kind == EntryCodeKind.BRANCH and plan.store is not None:
        faults["store"] = Sentence("分公司的码不属于一家门店")
    if plan.leads_to == LeadsTo.USERS and plan.store is None:
        faults["leads_to"] = RULES_ALONE
    elif plan.leads_to == LeadsTo.USERS and entry_code_users.used_ways(session) >= MOST_WAYS:
        faults["leads_to"] = FULL
    if not _name(plan):
        faults["name"] = Sentence("起个名字，列表里认得出来")
    elif plan.kind == EntryCodeKind.STORE and _doubled(
        session, plan.store.id if plan.store else None, plan.place
    ):
        faults["place"] = Sentence("这家店已经有一个「{place}」的码", place=plan.place or _name(plan))
    return faults


def _value_faults(values: Mapping[str, Any], today: date) -> dict[str, str]:
    faults: dict[str, str] = {}
    for name, most in (("name", NAME_LETTERS), ("place", PLACE_LETTERS)):
        written = values.get(name) or ""
        if fault := line_fault(written):
            faults[name] = fault
        elif len(written) > most:
            faults[name] = Sentence("最多 {most} 个字，现在 {n} 个", most=most, n=len(written))
    if not 0 <= values.get("cost_cents", 0) <= MOST_CENTS:
        faults["cost_cents"] = Sentence("花费要在 0 到 {most} 元之间", most=MOST_CENTS // 100)
    target, until = values.get("target"), values.get("valid_until")
    if target is not None and not 1 <= target <= MOST_TARGET:
        faults["target"] = Sentence("目标要在 1 到 {most} 之间，不设就空着", most=MOST_TARGET)
    if until is not None and until < today:
        faults["valid_until"] = Sentence("到期日已经过去了")
    return faults


def _name(plan: CodePlan) -> str:
    """What it is called in lists; the platform takes no more letters."""
    if plan.name or plan.store is None:
        return plan.name
    return (
        f"{plan.store.name} · {plan.place}"[:NAME_LETTERS] if plan.place else plan.store.name[:NAME_LETTERS]
    )


def _doubled(session: Session, store_id: int | None, place: str, but: int | None = None) -> bool:
    """Another code of this store hangs at this place."""
    same = select(EntryCode.id).where(
        EntryCode.kind == EntryCodeKind.STORE,
        EntryCode.store_id == store_id,
        EntryCode.place == place,
        EntryCode.status != EntryCodeStatus.RETIRED,
        OWN,
        col(EntryCode.id) != (but or 0),
    )
    return session.exec(same.limit(1)).first() is not None
