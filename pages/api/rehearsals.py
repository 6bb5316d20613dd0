"""/campaigns/{number}/rehearsals: the 【测试】 of a campaign, sent and taken back."""

from datetime import datetime

from pydantic import Field
from sqlmodel import col, func, select

from models.accounts import Account
from models.campaigns import rehearsals
from models.campaigns.rehearsals import Rehearsal, Sent
from models.errors import Refused
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.campaigns import TAG, find
from pages.api.endpoint import ApiCall
from pages.api.schemas import Body, Id, Line, One, Output


class RehearsalIn(Body):
    """先发给谁看；两样至少写一个，一共最多 10 位。"""

    guides: list[Id] = Field([], max_length=100, description="导购编号：各收到一张卡片和任务页")
    userids: list[Line] = Field(
        [], max_length=100, description="账号里写的企业微信账号：收到客户会收到的那几条"
    )
    sample_guide_id: Id | None = Field(None, description="以哪位导购的名义；不写就是范围里的第一位")


class RehearsalOut(Output):
    """一个人收到的【测试】。"""

    id: int
    receiver: str
    guide_id: int | None
    created_at: datetime
    messages: int
    arrived: int
    reason: str = Field(description="没送出的，为什么")
    opened_at: datetime | None = Field(description="导购什么时候打开")
    withdrawn_at: datetime | None


class RehearsalList(Output):
    """一个活动的【测试】，新的在前。"""

    items: list[RehearsalOut]


@endpoint.reads("/campaigns/<int:number>/rehearsals", RehearsalList, TAG)
def campaign_rehearsals(call: ApiCall, path: One) -> RehearsalList:
    """发过的测试，到了没有"""
    return RehearsalList(
        items=[_shown(one) for one in rehearsals.of(call.session, find(call, path), call.now)]
    )


@endpoint.changes("/campaigns/<int:number>/rehearsals", RehearsalList, TAG, status=201)
def rehearse_campaign(call: ApiCall, path: One, body: RehearsalIn) -> RehearsalList:
    """先发给几个人看：真的发，开头带【测试】，不算数，客户收不到"""
    row = find(call, path, change=True)
    made = rehearsals.send(
        call.session,
        row,
        who=call.actor,
        now=call.now,
        accounts=[_account(call, one) for one in body.userids],
        guides=body.guides,
        sample=body.sample_guide_id,
    )
    ids = {one.id for one in made}
    found = rehearsals.of(call.session, row, call.now)
    return RehearsalList(items=[_shown(one) for one in found if one.rehearsal.id in ids])


@endpoint.changes("/rehearsals/<int:number>/withdraw", RehearsalOut, TAG)
def withdraw_rehearsal(call: ApiCall, path: One) -> RehearsalOut:
    """24 小时内从手机上撤回"""
    row: Rehearsal = call.found(call.session.get(Rehearsal, path.number, with_for_update=True))
    rehearsals.withdraw(call.session, row, call.actor, call.now)
    campaign = find(call, One(number=row.campaign_id))
    found = rehearsals.of(call.session, campaign, call.now)
    return next(_shown(one) for one in found if one.rehearsal.id == row.id)


def _account(call: ApiCall, userid: str) -> int:
    hers = select(Account.id).where(func.lower(col(Account.userid)) == userid.lower(), Account.active)
    found = call.session.exec(hers).first()
    if found is None:
        words = Sentence("没有在用的账号写着企业微信账号 {userid}", userid=userid)
        raise Refused(faults={"userids": words})
    return found


def _shown(one: Sent) -> RehearsalOut:
    return RehearsalOut(
        id=one.rehearsal.id or 0,
        receiver=one.receiver,
        guide_id=one.rehearsal.guide_id,
        created_at=one.rehearsal.created_at,
        messages=one.messages,
        arrived=one.arrived,
        reason=one.reason,
        opened_at=one.rehearsal.opened_at,
        withdrawn_at=one.rehearsal.withdrawn_at,
    )
