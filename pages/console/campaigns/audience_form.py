"""The conditions of an audience and the purpose of a campaign, in the form that plans it."""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict

from models.campaigns import PURPOSE_WORDS, Campaign, Purpose, conditions
from models.friends.entry_codes import OWN, EntryCode, EntryCodeKind
from models.ledger.channels import CUSTOMERS, reaching
from pages.web import access, input_limits
from pages.web.i18n import _

DAYS = ("at_least_days", "at_most_days", "untouched_days")
CHOICES = ("again", "part", "came_by", "purpose")
Row = TypeVar("Row", Campaign, EntryCode)
OFFERED = 60
"""So many earlier campaigns and store codes are offered, the newest."""


def typed(campaign: Campaign) -> dict[str, str]:
    """A planned campaign, back in the form."""
    kept = conditions.read(campaign.conditions)
    found = {name: str(getattr(kept, name) or "") for name in DAYS}
    codes = str(kept.codes[0]) if kept.codes else ""
    again = str(kept.campaign_id or "")
    return {**found, "came_by": codes, "again": again, "part": kept.part, "purpose": campaign.purpose}


def read(session: Session, source: "MultiDict[str, str]", faults: dict[str, str]) -> dict[str, Any]:
    """What was typed, as a campaign keeps it; codes and campaigns only of those within reach."""
    asked: dict[str, Any] = {}
    for name in DAYS:
        text = source.get(name, "").strip()
        if text and not (text.isascii() and text.isdecimal() and len(text) < 6):
            faults["conditions"] = _("{label}请填天数", label=_(conditions.LABELS[name]))
        elif text:
            asked[name] = int(text)
    here = access.scope()
    if code := source.get("came_by", ""):
        if found := _named(session, EntryCode, code, here.codes()):
            asked["codes"] = [found.id or 0]
        else:
            faults["conditions"] = _("选的码不在你的范围里，或者已经不在了。请重新选")
    if again := source.get("again", ""):
        if earlier := _named(session, Campaign, again, here.campaigns(session)):
            asked["campaign_id"] = earlier.id or 0
            asked["part"] = "reached" if source.get("part") == "reached" else "missed"
        else:
            faults["conditions"] = _("选的活动不在你的范围里，或者已经不在了。请重新选")
    return asked


def _named(session: Session, model: type[Row], written: str, allowed: ColumnElement[bool]) -> Row | None:
    """The row of this number, where it exists and is within reach."""
    return session.exec(select(model).where(model.id == input_limits.number(written), allowed)).one_or_none()


def purpose(source: "MultiDict[str, str]") -> Purpose:
    return next((one for one in Purpose if one == source.get("purpose")), Purpose.DEAL)


def offered(session: Session) -> dict[str, Any]:
    """What the form lets HQ choose from."""
    here = access.scope()
    earlier = select(Campaign.id, Campaign.name).where(
        here.campaigns(session),
        col(Campaign.launched_at).is_not(None),
        col(Campaign.channel).in_(reaching(CUSTOMERS)),
    )
    of_places = EntryCode.kind != EntryCodeKind.GUIDE, OWN
    codes = select(EntryCode.id, EntryCode.name).where(*of_places, here.codes())
    return {
        "purposes": PURPOSE_WORDS,
        "earlier": session.exec(earlier.order_by(col(Campaign.id).desc()).limit(OFFERED)).all(),
        "entry_codes": session.exec(codes.order_by(col(EntryCode.id).desc()).limit(OFFERED)).all(),
        "day_labels": {name: conditions.LABELS[name] for name in DAYS},
    }
