"""The calendar of the invented retailer: what HQ and a branch have planned for the days ahead, and what HQ opened."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlmodel import Session, select

from models.accounts import Account, Role
from models.campaigns import Campaign, Purpose, planning, slots, variant_decisions
from models.campaigns.fields import CampaignFields
from models.campaigns.slots import ReplacedPart, Slot, SlotFields
from models.campaigns.variant_decisions import VariantFields
from models.ledger.channels import GROUP_MASS, MASS, MOMENT, NOTICE
from models.org import Branch
from ops.sample_data import ZONE


@dataclass(frozen=True)
class SamplePlan:
    """One plan: so many days from now, from an hour to an hour so many days later."""

    name: str
    text: str
    day: int
    begins: time
    lasts: int
    ends: time
    channel: str = MASS
    cities: tuple[str, ...] = field(default=())
    """Empty for everywhere"""
    purpose: Purpose = Purpose.DEAL
    scheduled: bool = False
    by_branch: bool = False
    """Made by the branch, whose plans HQ sees beside its own"""


SNOW, DOOR = "下雪天怎么走", "周末门店日"
PLANS = (
    SamplePlan(
        "换季陈列检查", "今天收市前把雪地靴换到进门第一排。", 1, time(9), 0, time(20), NOTICE, scheduled=True
    ),
    SamplePlan(
        "雨天防水靴",
        "明天有雨，防水靴一脚蹬，踩水也不怕。",
        2,
        time(10),
        0,
        time(20),
        cities=("沈阳", "大连"),
        scheduled=True,
    ),
    SamplePlan(
        SNOW,
        "路面结冰，鞋底要软，步子要小。鞋底花纹磨平的，拿来店里看看。",
        3,
        time(9, 30),
        1,
        time(20),
        MOMENT,
        purpose=Purpose.CARE,
        scheduled=True,
    ),
    SamplePlan(
        "老客户降温提醒",
        "这两天降温，鞋柜里的靴子可以拿出来晾一晾了。",
        4,
        time(14),
        0,
        time(18),
        GROUP_MASS,
        ("长春", "哈尔滨"),
        Purpose.CARE,
    ),
    SamplePlan(DOOR, "这个周末来店里坐坐，养鞋、换鞋垫都不收钱。", 5, time(10), 1, time(20), scheduled=True),
    SamplePlan(
        "会员回店",
        "您上次看的那双有您的码了，给您留到周日。",
        5,
        time(10, 20),
        0,
        time(20),
        cities=("沈阳",),
        by_branch=True,
    ),
    SamplePlan(
        "大雪前 · 护理",
        "大雪前给靴子上一遍油，能多穿两个冬天。",
        9,
        time(9),
        2,
        time(20),
        MOMENT,
        purpose=Purpose.CARE,
    ),
    SamplePlan(
        "年度新品预告",
        "新一季的靴子下周到店，想先看的告诉我一声。",
        11,
        time(10),
        1,
        time(18),
        cities=("杭州", "南京"),
    ),
)


def put(session: Session, now: datetime) -> None:
    """Plans of HQ and of a branch, a slot for a campaign of a branch's own, and one with a variant that waits for HQ."""
    hq = session.exec(select(Account).where(Account.role == Role.HQ)).one()
    branch = session.exec(select(Account).where(Account.role == Role.BRANCH)).one()
    names = {name: number or 0 for number, name in session.exec(select(Branch.id, Branch.name))}
    made = {one.name: _planned(session, one, branch if one.by_branch else hq, names, now) for one in PLANS}
    _slots(session, made[SNOW], made[DOOR], hq, branch, now)


def _planned(
    session: Session, one: SamplePlan, who: Account, names: dict[str, int], now: datetime
) -> Campaign:
    first = now.astimezone(ZONE).date() + timedelta(days=one.day)
    fields = CampaignFields(
        name=one.name,
        channel=one.channel,
        text=one.text,
        card_title=one.name,
        card_note=one.text,
        scope={"branches": [names[city] for city in one.cities]} if one.cities else {},
        purpose=one.purpose,
        launch_at=datetime.combine(first, one.begins, tzinfo=ZONE),
        ends_at=datetime.combine(first + timedelta(days=one.lasts), one.ends, tzinfo=ZONE),
    )
    made = planning.create(session, fields, who=who.name, account_id=who.id, now=now)
    if one.scheduled:
        planning.schedule(session, made, who.name, now, ZONE)
    return made


def _slots(
    session: Session, snow: Campaign, door: Campaign, hq: Account, branch: Account, now: datetime
) -> None:
    days = timedelta(days=1)
    own = SlotFields(
        begins_at=door.launch_at + days,
        ends_at=door.launch_at + days + timedelta(hours=6),
        submit_by=door.launch_at - days,
        note="门店日第二天下午留给各分公司",
    )
    slots.open_slot(session, own, who=hq.name, now=now)
    replaced = SlotFields(
        begins_at=snow.launch_at,
        ends_at=snow.ends_at,
        submit_by=snow.launch_at - days,
        campaign_id=snow.id,
        parts=[ReplacedPart.TEXT],
        note="路况各地不一样，正文可以换",
    )
    slot: Slot = slots.open_slot(session, replaced, who=hq.name, now=now)
    words = VariantFields(text="沈阳这两天路面有冰，鞋底要软，步子要小，过天桥走里侧。")
    variant_decisions.put(
        session, slot, branch.branch_id or 0, words, who=branch.name, account_id=branch.id, now=now
    )
