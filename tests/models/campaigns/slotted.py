"""Slots for tests: what HQ opens, the people of two branches, and a branch's own plan."""

from datetime import timedelta

from sqlmodel import select

from models.accounts import Account, Role
from models.campaigns import Campaign, slots, variant_decisions
from models.campaigns.slots import Slot, SlotFields
from models.campaigns.variant_decisions import VariantFields
from tests import cast
from tests.cast import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SATURDAY = NOW + 2 * DAY


def fields(**changes) -> SlotFields:
    values = {"begins_at": SATURDAY, "ends_at": SATURDAY + 8 * HOUR, "submit_by": NOW + DAY}
    return SlotFields(**{**values, **changes})


def offices(session, people) -> dict[str, Account]:
    """周岚 and 陈默 of HQ, 刘影 of 东北, 孙宁 of 华东."""
    return {
        name: cast.account(session, name, role, branch_id=place and place.id)
        for name, role, place in (
            ("周岚", Role.HQ, None),
            ("陈默", Role.HQ, None),
            ("刘影", Role.BRANCH, people.northeast),
            ("孙宁", Role.BRANCH, people.east),
        )
    }


def own(session, who, at=SATURDAY, **changes) -> Campaign:
    """A draft of somebody in a branch."""
    values = {"status": "draft", "launch_at": at, "ends_at": at + HOUR, "created_by": who.id, "name": "雨靴"}
    return cast.campaign(session, **{**values, **changes})


def opened(session, hq, channel="mass", status="scheduled") -> tuple[Campaign, Slot]:
    """HQ's campaign in this channel, and a slot in which its text may be replaced."""
    campaign = cast.campaign(
        session, channel=channel, status=status, launch_at=SATURDAY, ends_at=SATURDAY + 8 * HOUR,
        text="总部写的", created_by=hq.id,
    )  # fmt: skip
    return campaign, slots.open_slot(
        session, fields(campaign_id=campaign.id, parts=["text"]), who=hq.name, now=NOW
    )


def put(session, slot, branch_id, now=NOW, **given):
    """刘影 hands in a variant."""
    return variant_decisions.put(
        session, slot, branch_id, VariantFields(**given), who="刘影", account_id=77, now=now
    )


def decide(session, row, who="陈默", **more):
    account = session.exec(select(Account.id).where(Account.name == who)).first()
    return variant_decisions.decide(
        session, row, **{"yes": True, "who": who, "account_id": account, "now": NOW, **more}
    )
