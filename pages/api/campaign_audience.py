"""/campaigns/{number}/preview: whom a campaign goes to and whom not, and why, for all and for one customer."""

from pydantic import Field
from sqlmodel import select

from models.campaigns import Exclusion, why_not
from models.campaigns.freeze import audience_of
from models.campaigns.selection import select_audience
from models.friends import Customer
from pages.api import campaigns, endpoint
from pages.api.endpoint import ApiCall
from pages.api.schemas import Line, One, Output, Query
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


class AudienceOut(Output):
    """发给多少位，其余的为什么不发；没开始的按现在算，开始过的是冻结的那一份。"""

    campaign_id: int
    frozen: bool
    reached: int
    reasons: list[LeftOutOut] = Field(description="每位不发的客户只在一条原因里")
    why: str = Field(description="external_userid 那位的一句话；没问就是空的")


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
        campaign_id=number, frozen=frozen is not None, reached=reached, reasons=reasons, why=why
    )
