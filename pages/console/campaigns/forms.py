"""The form of a campaign: what was typed, and what it means."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models.campaigns import Campaign, repeat
from models.campaigns.fields import CampaignFields, longest_text
from models.campaigns.repeat import Repeat
from models.campaigns.slots import Slot
from models.kinds import MaterialKind
from models.ledger.channels import MASS
from models.org import Branch, Guide, Store
from models.public_holidays import workdays
from pages.console.campaigns import attachments, audience_form, repeat_form
from pages.web import access, input_limits
from pages.web.i18n import _
from pages.web.input_limits import FORM_TIME
from pages.web.site import site
from wecom import limits

PLAIN = (
    "name",
    "channel",
    "text",
    "second_text",
    "second_percent",
    "card_title",
    "card_note",
    "launch_at",
    "ends_at",
    "sample",
    "find",
    "to",
    "slot",
    *audience_form.DAYS,
    *audience_form.CHOICES,
    *repeat_form.PLAIN,
)
KINDS = {"branches": "branch", "stores": "store", "guides": "guide"}
"""Scope key -> the field of the form"""
HALF = 50
"""Of the customers, where nobody chose another share"""


@dataclass
class Form:
    """What somebody typed. `fields` is what it means; `faults` what cannot stay so, by field."""

    raw: dict[str, str]
    scope: dict[str, list[int]]
    fields: CampaignFields
    faults: dict[str, str] = field(default_factory=dict)
    names: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """The chosen stores and guides with their names"""
    repeat: Repeat | None = None
    """By which rule it comes again"""
    weekdays: list[str] = field(default_factory=list)
    at_once: bool = False
    """Whether it would start as soon as it is scheduled"""

    def get(self, name: str, default: str = "") -> str:
        return self.raw.get(name, default)

    def chosen(self, kind: str, row_id: int) -> bool:
        return row_id in self.scope.get(kind, [])

    @property
    def nobody(self) -> bool:
        """It is not said yet whom it goes to."""
        return not self.scope and self.raw["to"] != "all"


def blank(session: Session, now: datetime, slot: Slot | None = None) -> Form:
    """A new plan: tomorrow from 10:00 to 18:00; a branch's for all of its guides, HQ's for nobody yet.

    For a slot: in its window, by what may be put there.
    """
    tomorrow = now.astimezone(site().zone) + timedelta(days=1)
    typed = MultiDict(
        {
            "channel": MASS,
            "to": "some" if access.scope().all else "all",
            "launch_at": tomorrow.replace(hour=10, minute=0).strftime(FORM_TIME),
            "ends_at": tomorrow.replace(hour=18, minute=0).strftime(FORM_TIME),
        }
    )
    if slot:
        for name, at in (("launch_at", slot.begins_at), ("ends_at", slot.ends_at)):
            typed[name] = at.astimezone(site().zone).strftime(FORM_TIME)
        typed["slot"], typed["channel"] = str(slot.id), slot.channels[0] if slot.channels else MASS
        typed["kind"] = slot.kinds[0] if slot.kinds else ""
    return read(session, typed, now)


def of_campaign(session: Session, campaign: Campaign, now: datetime) -> Form:
    """A planned campaign, back in the form."""
    zone = site().zone
    typed: MultiDict[str, str] = MultiDict(
        {
            name: str(getattr(campaign, name) or "")
            for name in (
                "name",
                "channel",
                "kind",
                "text",
                "second_text",
                "second_percent",
                "card_title",
                "card_note",
            )
        }
    )
    typed.update(attachments.typed(campaign.attached))
    typed.update(audience_form.typed(campaign))
    typed["to"] = "some" if campaign.scope else "all"
    typed["launch_at"] = campaign.launch_at.astimezone(zone).strftime(FORM_TIME)
    typed["ends_at"] = campaign.ends_at.astimezone(zone).strftime(FORM_TIME)
    for kind, name in KINDS.items():
        typed.setlist(name, [str(one) for one in campaign.scope.get(kind, [])])
    return read(session, typed, now)


def typed(session: Session, now: datetime) -> Form:
    """What this request brings."""
    return read(session, request.form, now)


def read(session: Session, source: "MultiDict[str, str]", now: datetime) -> Form:
    raw = {name: source.get(name, "").replace("\r\n", "\n")[:8000] for name in PLAIN}
    raw["name"] = raw["name"].strip()
    raw["slot"] = str(input_limits.number(raw["slot"]) or "") if raw["slot"] else ""
    faults: dict[str, str] = {}
    scope, names = _scope(session, source, faults)
    launch_at, ends_at = (_moment(raw[name], name, faults, now) for name in ("launch_at", "ends_at"))
    if source.get("do") == attachments.TAKE and not raw["text"].strip():
        piece = attachments.taken(session, source)  # a piece brings its text where there is none
        raw["text"] = piece[1].text if piece else ""
    fields = CampaignFields(
        name=raw["name"],
        channel=raw["channel"],
        text=raw["text"].strip(),
        second_text=raw["second_text"].strip(),
        second_percent=_percent(raw["second_percent"], faults),
        attachments=attachments.read(session, source),
        card_title=raw["card_title"].strip(),
        card_note=raw["card_note"].strip(),
        scope=scope,
        conditions=audience_form.read(session, source, faults),
        purpose=audience_form.purpose(source),
        kind=next((one for one in MaterialKind if one == source.get("kind")), MaterialKind.CONTENT),
        urgent=source.get("urgent") == "yes",
        launch_at=launch_at,
        ends_at=ends_at,
    )
    rule = repeat_form.read(source, faults)
    if rule and "launch_at" not in faults:
        faults |= repeat.complaints(rule, launch_at, site().zone, workdays(session))
    return Form(
        raw,
        scope,
        fields,
        faults,
        names,
        rule,
        source.getlist(repeat_form.WEEKDAY),
        at_once="launch_at" not in faults and launch_at <= now,
    )


def _percent(text: str, faults: dict[str, str]) -> int:
    text = text.strip() or str(HALF)
    if not text.isdecimal():
        faults["second_percent"] = _("要写一个数")
        return HALF
    return int(text[:6])


def _scope(
    session: Session, source: "MultiDict[str, str]", faults: dict[str, str]
) -> tuple[dict[str, list[int]], dict[str, list[tuple[int, str]]]]:
    """The chosen branches, stores and guides, each of which must be within the viewer's reach."""
    here = access.scope()
    scope: dict[str, list[int]] = {}
    names: dict[str, list[tuple[int, str]]] = {}
    if source.get("to") == "all":
        own = {"branches": [here.branch_id]} if here.branch_id else {"stores": [here.store_id or 0]}
        return {} if here.all else own, names
    for kind, model, allowed in (
        ("branches", Branch, here.branches()),
        ("stores", Store, here.stores()),
        ("guides", Guide, here.guides()),
    ):
        wanted = sorted({input_limits.number(one) for one in source.getlist(KINDS[kind]) if one.isdecimal()})
        found: Any = (
            session.exec(select(model.id, model.name).where(col(model.id).in_(wanted), allowed))
            if wanted
            else []
        )
        names[kind] = [(row_id, name) for row_id, name in found]
        if len(names[kind]) < len(wanted):
            faults["scope"] = _(
                "有 {n} 个选项不在你的范围里，已经去掉。请再看一眼发给谁", n=len(wanted) - len(names[kind])
            )
        if names[kind]:
            scope[kind] = [row_id for row_id, _name in names[kind]]
    return scope, names


def _moment(value: str, name: str, faults: dict[str, str], now: datetime) -> datetime:
    found = input_limits.moment(value)
    if found is None:
        faults[name] = _("请填日期和时间，例如 2026-11-19 10:00")
        return now
    return found.replace(tzinfo=site().zone).astimezone(UTC)


@dataclass(frozen=True)
class Meter:
    """How full one of the platform's limits is."""

    field: str
    label: str
    actual: int
    most: int
    unit: str

    @property
    def good(self) -> bool:
        return self.actual <= self.most


def meters(session: Session, form: Form, now: datetime) -> list[Meter]:
    """The limits that matter to this plan, in the platform's own units."""
    it = form.fields
    made = (
        [_meter("text", _("正文"), it.way.limits[0], "text", longest_text(session, it.text, now))]
        if it.way.sends
        else []
    )
    made.append(_meter("card_title", _("卡片标题"), "card", "title", it.card_title or it.name))
    made.append(_meter("card_note", _("卡片说明"), "card", "desc", it.card_note))
    return made


def _meter(name: str, label: str, channel: str, limit_name: str, value: str) -> Meter:
    limit = limits.limit_of(channel, limit_name)
    return Meter(name, label, limits.measure(value, limit.unit), limit.most, _(limits.UNIT_WORDS[limit.unit]))
