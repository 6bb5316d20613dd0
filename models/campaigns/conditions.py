"""Conditions of an audience: which of her friends a guide writes to. Each leaves somebody out, for a reason in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pyroaring import FrozenBitMap
from sqlmodel import Field, Session, SQLModel, col, select

from models import preferences
from models.campaigns import Campaign, CampaignAudience, contacts
from models.campaigns.reach import Reach, since
from models.db.sets import NOBODY, ids, union
from models.friends import Friend
from models.friends.entry_codes import EntryCode, with_those_behind
from models.ledger.channels import CUSTOMERS
from models.sentences import Sentence

MOST_DAYS = 3650
LABELS = {
    "at_least_days": "成为好友至少几天",
    "at_most_days": "成为好友最多几天",
    "codes": "扫哪些码来的",
    "campaign_id": "以前的活动",
    "part": "以前的活动里哪一部分",
    "untouched_days": "几天内没有被联系过",
}


class Conditions(SQLModel):
    """All of them hold at once; what is empty asks nothing."""

    at_least_days: int | None = None
    at_most_days: int | None = None
    codes: list[int] = Field(default_factory=list)
    """Entry codes; whoever came through one of them"""
    campaign_id: int | None = None
    """An earlier campaign"""
    part: Literal["reached", "missed"] = "missed"
    """Who got that one, or who was to get it and did not: a second try"""
    untouched_days: int | None = None

    @property
    def chosen(self) -> dict[str, Any]:
        """As a campaign keeps them: only what asks something."""
        kept = self.model_dump(exclude_defaults=True)
        if self.campaign_id is not None:
            kept["part"] = self.part
        else:
            kept.pop("part", None)
        return kept


def read(kept: Mapping[str, Any]) -> Conditions:
    """As a campaign keeps them."""
    return Conditions.model_validate(kept)


def said(session: Session, asked: Conditions) -> list[Sentence]:
    """Each condition in words, as HQ reads it beside the audience."""
    found = []
    if asked.at_least_days:
        found.append(Sentence("好友至少 {n} 天", n=asked.at_least_days))
    if asked.at_most_days:
        found.append(Sentence("好友最多 {n} 天", n=asked.at_most_days))
    if asked.codes:
        names = session.exec(select(EntryCode.name).where(col(EntryCode.id).in_(asked.codes))).all()
        found.append(Sentence("扫「{codes}」来的", codes="、".join(names)))
    if asked.campaign_id is not None:
        campaign = session.get(Campaign, asked.campaign_id)
        words = "收到「{campaign}」的" if asked.part == "reached" else "「{campaign}」没收到的"
        found.append(Sentence(words, campaign=campaign.name if campaign else str(asked.campaign_id)))
    if asked.untouched_days:
        found.append(Sentence("{n} 天内没有联系过", n=asked.untouched_days))
    return found


def complaints(session: Session, kept: Mapping[str, Any], to: str) -> dict[str, str]:
    """What of these cannot stay so, by field (`conditions.codes`), in words."""
    if unknown := sorted(set(kept) - set(LABELS)):
        return {"conditions": Sentence("人群没有叫 {name} 的条件", name=unknown[0][:40])}
    try:
        asked = read(kept)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        return {f"conditions.{name}": Sentence("{label}填的不对", label=Sentence(LABELS[name]))}
    if kept and to != CUSTOMERS:
        return {"conditions": Sentence("人群条件只用于发给客户的活动")}
    found: dict[str, str] = {f"conditions.{name}": words for name, words in _wrong_days(asked)}
    known = set(session.exec(select(EntryCode.id).where(col(EntryCode.id).in_(asked.codes))))
    if missing := [str(one) for one in asked.codes if one not in known]:
        found["conditions.codes"] = Sentence("没有编号是 {ids} 的码", ids="、".join(missing[:5]))
    if asked.campaign_id is not None and not _launched(session, asked.campaign_id):
        found["conditions.campaign_id"] = Sentence("没有这个活动，或者它还没有发过")
    return found


def _wrong_days(asked: Conditions) -> Iterator[tuple[str, Sentence]]:
    for name in ("at_least_days", "at_most_days", "untouched_days"):
        days = getattr(asked, name)
        if days is not None and not 1 <= days <= MOST_DAYS:
            yield name, Sentence("{label}要在 1 到 {most} 之间", label=Sentence(LABELS[name]), most=MOST_DAYS)
    if asked.at_least_days and asked.at_most_days and asked.at_least_days > asked.at_most_days:
        yield "at_most_days", Sentence("最多的天数比至少的还少，不会有人")


def _launched(session: Session, campaign_id: int) -> bool:
    campaign = session.get(Campaign, campaign_id)
    return campaign is not None and campaign.launched_at is not None and campaign.way.to == CUSTOMERS


def left_out(
    session: Session, asked: Conditions, reached: Reach, at: datetime, zone: ZoneInfo
) -> Iterator[tuple[str, FrozenBitMap]]:
    """Condition by condition: in words, who does not meet it."""
    everybody = reached.everybody
    if asked.at_least_days:
        words = Sentence("好友不满 {n} 天", n=asked.at_least_days)
        yield words, everybody - _older(session, reached, at, asked.at_least_days)
    if asked.at_most_days:
        words = Sentence("好友超过 {n} 天", n=asked.at_most_days)
        yield words, everybody & _older(session, reached, at, asked.at_most_days)
    if asked.codes:
        came = ids(
            session, select(Friend.customer_id).where(col(Friend.code_id).in_(with_those_behind(asked.codes)))
        )
        yield Sentence("不是扫选中的码来的"), everybody - came
    if asked.campaign_id is not None:
        yield _unlike(session, asked.campaign_id, asked.part, everybody)
    if asked.untouched_days:
        words = Sentence("{n} 天内联系过", n=asked.untouched_days)
        yield words, everybody & _touched(session, at, zone, asked.untouched_days)


def _older(session: Session, reached: Reach, at: datetime, days: int) -> FrozenBitMap:
    """Who has been the friend of one of these guides for so many days."""
    newer = since(session, reached.friends, at - timedelta(days=days))
    return union(friends - newer.get(guide, NOBODY) for guide, friends in reached.friends.items())


def _unlike(
    session: Session, campaign_id: int, part: str, everybody: FrozenBitMap
) -> tuple[str, FrozenBitMap]:
    """Who does not stand in that part of an earlier campaign."""
    campaign = session.get_one(Campaign, campaign_id)
    whole = session.exec(
        select(CampaignAudience).where(CampaignAudience.campaign_id == campaign_id)
    ).one_or_none()
    members, got = (whole.members, whole.reached) if whole else (NOBODY, NOBODY)
    if part == "reached":
        return Sentence("没有收到「{campaign}」", campaign=campaign.name), everybody - got
    words = Sentence("不在「{campaign}」没收到的人里", campaign=campaign.name)
    return words, everybody - (members - got)


def _touched(session: Session, at: datetime, zone: ZoneInfo, days: int) -> FrozenBitMap:
    chosen = preferences.read(session)
    found = contacts.contacts(session, at - timedelta(days=days + 1), zone, chosen)
    return union(contacts.windows(found, contacts.first_day(at, zone, days)))
