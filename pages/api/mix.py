"""/mix: what a week holds of each kind, how many deals it may hold, and more for one week."""

from datetime import date

from pydantic import Field

from models.campaigns import calendar, mix
from models.campaigns.mix import LONGEST_REASON
from models.kinds import MaterialKind
from models.org import Branch
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.schemas import Body, Id, Moment, Output, Query, Text
from pages.web.site import site

TAG = "活动"


class MixQuery(Query):
    """哪一周、哪家分公司。"""

    at: Moment | None = Field(None, description="那一周里的任何时间；不写就是这一周")
    branch_id: Id | None = Field(None, description="分公司编号；不写就是全国加在一起")


class AllowanceOut(Output):
    """总部放宽的一周。"""

    branch_id: int | None = Field(description="空着就是每家分公司")
    percent: int
    by: str
    reason: str


class MixOut(Output):
    """一周的比例，按件数算。"""

    monday: date
    branch_id: int | None
    content: int
    brand: int
    deal: int
    deal_percent: int
    most_percent: int = Field(description="销售最多百分之几，连放宽的一起算")
    allowances: list[AllowanceOut]


class AllowIn(Body):
    """放宽一周。"""

    at: Moment = Field(description="那一周里的任何时间")
    branch_id: Id | None = Field(None, description="分公司编号；不写就是每家分公司")
    percent: int = Field(ge=1, le=100, description="销售最多百分之几")
    reason: Text = Field(min_length=1, max_length=LONGEST_REASON, description="为什么放宽")


@endpoint.reads("/mix", MixOut, TAG)
def week_mix(call: ApiCall, query: MixQuery) -> MixOut:
    """一周里内容、品牌、销售各几件：总部的也算，草稿、停掉的、公告、只提醒导购的和补发不算"""
    if query.branch_id:
        call.found(call.session.get(Branch, query.branch_id))
    return _shown(call, calendar.monday(query.at or call.now, site().zone), query.branch_id)


@endpoint.changes("/mix/allow", MixOut, TAG)
def allow_mix(call: ApiCall, body: AllowIn) -> MixOut:
    """放宽一周的销售，写明为什么"""
    monday = calendar.monday(body.at, site().zone)
    mix.allow(
        call.session, monday, body.branch_id, body.percent, who=call.actor, reason=body.reason, now=call.now
    )
    return _shown(call, monday, body.branch_id)


def _shown(call: ApiCall, monday: date, branch_id: int | None) -> MixOut:
    found, most = (
        mix.week_mix(call.session, monday, branch_id, site().zone),
        mix.most_of(call.session, monday),
    )
    return MixOut(
        monday=monday,
        branch_id=branch_id,
        content=found.content,
        brand=found.brand,
        deal=found.deal,
        deal_percent=found.percent(MaterialKind.DEAL),
        most_percent=most.get(branch_id, most[None]),
        allowances=[
            AllowanceOut(branch_id=one.branch_id, percent=one.percent, by=one.by, reason=one.reason)
            for one in mix.allowances(call.session, monday, branch_id)
        ],
    )
