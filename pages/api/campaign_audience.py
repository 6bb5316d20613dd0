"""/campaigns/{number}/preview: whom a campaign goes to and whom not, and why, for all and for one customer."""

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlmodel import select

from models import preferences
from models.campaigns import Campaign, CampaignStatus, Exclusion, overlap, why_not
from models.campaigns.freeze import audience_of
from models.campaigns.overlap import Overlap
from models.campaigns.samples import samples
from models.campaigns.selection import Selection, select_audience
from models.campaigns.shifts import cards_of_a_day
from models.friends import Customer
from models.ledger.channels import CUSTOMERS
from pages.api import campaigns, endpoint
from pages.api.endpoint import ApiCall
from pages.api.schemas import Line, One, OneOf, Output, Query
from pages.web.site import site

TAG = campaigns.TAG


class AudienceQuery(Query):
    """一位客户，想知道她为什么收到或收不到。"""

    external_userid: Line = Field("", max_length=64, description="写了就在 why 里用一句话回答")


class LeftOutOut(Output):
    """一条不发的原因。"""

    kind: str = Field(description="friend、condition、cap、promise、quota 或 guide")
    words: str
    customers: int


class SampleOut(Output):
    """一位真实的客户。"""

    name: str
    guide: str = Field(description="由谁发；不发的是空的")
    why: str = Field(description="为什么不发；会发的是空的")


class QuotaOut(Output):
    """发完以后，客户本期还能收的群发。"""

    many: int = Field(description="还能收 5 条以上的")
    few: int = Field(description="还能收 1 – 4 条的")
    last: int = Field(description="这是最后 1 条的")


class CapOut(Output):
    """发完以后，有多少位到了品牌自己的上限。"""

    days: int
    customers: int


class OverlapOut(Output):
    """另一个发给同一些客户的活动：前后 7 天里发过、正在发或排着的。"""

    campaign_id: int
    name: str
    status: OneOf[CampaignStatus]
    launch_at: datetime
    customers: int = Field(description="两边都有的")
    counts: bool = Field(description="算不算联系次数")
    loses: int = Field(description="因为这个活动先发，那个会少发几位")


class DayTasksOut(Output):
    """那一天，几位导购一共有几件。"""

    tasks: int
    cards: int = Field(description="最多几张卡片")
    guides: int


class AudienceOut(Output):
    """发给多少位，其余的为什么不发；没开始的按现在算，开始过的是冻结的那一份。"""

    campaign_id: int
    frozen: bool
    reached: int
    reasons: list[LeftOutOut] = Field(description="每位不发的客户只在一条原因里")
    why: str = Field(description="external_userid 那位的一句话；没问就是空的")
    samples: list[SampleOut] = Field(description="20 位，会发的和不发的；开始过的是空的，下面几项也是")
    quota: QuotaOut | None
    caps: list[CapOut]
    overlaps: list[OverlapOut]
    tasks_that_day: list[DayTasksOut] = Field(description="连这一件")


@endpoint.reads("/campaigns/<int:number>/preview", AudienceOut, TAG)
def audience_of_campaign(call: ApiCall, path: One, query: AudienceQuery) -> AudienceOut:
    """发给谁、不发给谁、为什么：和开始时用同一个算法"""
    row = campaigns.find(call, path)
    number, zone, found = row.id or 0, site().zone, None
    if frozen := audience_of(call.session, number):
        reached = len(frozen.members)
        kept = call.session.exec(select(Exclusion).where(Exclusion.campaign_id == number)).all()
        reasons = [LeftOutOut(kind=one.kind, words=one.words, customers=len(one.members)) for one in kept]
    else:
        found = select_audience(call.session, row, max(call.now, row.launch_at), zone, number=number)
        reached = found.reached
        reasons = [
            LeftOutOut(kind=one.kind, words=one.words, customers=len(one.members)) for one in found.reasons
        ]
    why = ""
    if query.external_userid:
        known = select(Customer.id).where(Customer.external_userid == query.external_userid)
        customer = call.session.exec(known).first()
        why = why_not.answer(call.session, row, customer or 0, call.now, zone, found)
    return AudienceOut(
        campaign_id=number,
        frozen=frozen is not None,
        reached=reached,
        reasons=reasons,
        why=why,
        **_around(call, row, found),
    )


def _around(call: ApiCall, row: Campaign, found: Selection | None) -> dict[str, Any]:
    """What stands beside the numbers before a start."""
    if found is None:
        return {"samples": [], "quota": None, "caps": [], "overlaps": [], "tasks_that_day": []}
    at, zone, customers = max(call.now, row.launch_at), site().zone, row.way.to == CUSTOMERS
    left = overlap.quota_left(found, row.channel)
    people = samples(call.session, found, 0) if customers else []
    others = overlap.overlaps(call.session, found, row.channel, at, row.id) if customers else []
    day = overlap.tasks_that_day(call.session, found, at, zone, row.id)
    rhythm = preferences.read(call.session).card_rhythm
    return {
        "samples": [SampleOut(name=one.name, guide=one.guide, why=one.why) for one in people],
        "quota": QuotaOut(many=left.many, few=left.few, last=left.last) if left else None,
        "caps": [CapOut(days=days, customers=n) for days, n in overlap.caps_met(found, row.channel).items()],
        "overlaps": [_overlap(one) for one in others],
        "tasks_that_day": [
            DayTasksOut(tasks=tasks, cards=cards_of_a_day(tasks, rhythm, urgent=row.urgent), guides=n)
            for tasks, n in day.items()
        ],
    }


def _overlap(one: Overlap) -> OverlapOut:
    return OverlapOut(
        campaign_id=one.campaign.id or 0,
        name=one.campaign.name,
        status=one.campaign.status,
        launch_at=one.campaign.launch_at,
        customers=one.customers,
        counts=one.counts,
        loses=one.loses,
    )
