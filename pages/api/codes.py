"""/entry-codes: what customers scan; where friends come from, what it cost, and how far the target is."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import true
from sqlmodel import Session, select

from models.friends import entry_code_figures, entry_code_plans, entry_code_users
from models.friends.entry_code_figures import CodeFigures, CodeStanding
from models.friends.entry_code_plans import MOST_CENTS, MOST_TARGET, NAME_LETTERS, CodePlan
from models.friends.entry_codes import (
    MOST_WAYS,
    OWN,
    PLACE_LETTERS,
    EntryCode,
    EntryCodeKind,
    EntryCodeStatus,
    LeadsTo,
    ask_for_guide,
    ask_for_store,
)
from models.org import Branch, Store, renames
from models.sentences import Sentence
from models.stats import day_start
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import (
    Body,
    Day,
    GuideRef,
    Id,
    Line,
    Listing,
    Names,
    One,
    OneOf,
    Output,
    PageOut,
    PlaceRef,
    Query,
)
from pages.web.site import site

TAG = "入口码"
PUT_DOWN = ("name", "place", "cost_cents", "target", "valid_until")
"""What the two bodies below say the same of"""


class CodeIn(Body):
    """要一个码：导购的写 userid；门店的写 store；分公司、总部、渠道的写 kind。"""

    userid: Line | None = Field(None, max_length=64, description="导购的企业微信账号，别的都不用写")
    kind: OneOf[EntryCodeKind] | None = Field(
        None,
        description="store 门店，branch 分公司（不写 branch 就是总部），channel 渠道；只写 store 时是门店",
    )
    leads_to: OneOf[LeadsTo] | None = Field(
        None,
        description="users 扫了直接加店里的人，平台从里面挑；near 打开 /near 页，按规则分。"
        "不写：门店是 users，别的是 near",
    )
    store: Line | None = Field(None, max_length=64, description="门店的编号")
    branch: Line | None = Field(None, max_length=64, description="分公司的编号")
    name: Line = Field("", max_length=NAME_LETTERS, description="叫什么；门店的可以不写")
    place: Line = Field("", max_length=PLACE_LETTERS, description="挂在店里哪里：收银台、试衣间")
    cost_cents: int = Field(0, ge=0, le=MOST_CENTS, description="花费，分")
    target: int | None = Field(
        None, ge=1, le=MOST_TARGET, description="目标好友数：有到期日的算总数，没有的算 7 天"
    )
    valid_until: Day | None = Field(None, description="用到哪一天；过了还能扫")


class CodeEdit(Body):
    """改一个码；没写的不变。扫了去哪里印在纸上，改不了。"""

    name: Line = Field("", max_length=NAME_LETTERS)
    place: Line = Field("", max_length=PLACE_LETTERS)
    cost_cents: int = Field(0, ge=0, le=MOST_CENTS, description="花费，分")
    target: int | None = Field(None, ge=1, le=MOST_TARGET, description="null 是不设")
    valid_until: Day | None = Field(None, description="null 是不设")


class CodeOut(Output):
    """一个入口码。"""

    id: int
    kind: OneOf[EntryCodeKind]
    leads_to: OneOf[LeadsTo] = Field(description="users 直接加人，near 打开 /near 页按规则分")
    name: str
    place: str
    guide: GuideRef | None
    store: PlaceRef | None
    branch: PlaceRef | None = Field(description="没有门店的码属于哪家分公司；都没有是总部的")
    userids: list[str] = Field(description="扫了以后可能加到的人，由平台挑；near 的是空的")
    status: OneOf[EntryCodeStatus]
    standing: OneOf[CodeStanding] = Field(
        description="failed 没生成，left 导购走了等交接，expired 到期了，slow 偏慢，waiting 等平台，active 在用，"
        "reached 达到目标，retired 停用了"
    )
    reason: str = Field(description="没建成的原因")
    payload: str = Field(description="二维码里的内容；还没建好时为空")
    picture_url: str
    friends: int = Field(description="从这个码来过多少位好友")
    friends_here: int = Field(description="其中还在的")
    friends_week: int = Field(description="最近 7 天来的")
    cost_cents: int
    cents_each: int | None = Field(description="每位好友花了多少分")
    target: int | None
    towards: int = Field(description="离目标：有到期日的算总数，没有的算 7 天")
    valid_until: date | None
    created_at: datetime
    ready_at: datetime | None


class CodeList(Listing):
    """入口码列表的筛选。"""

    kind: OneOf[EntryCodeKind] | None = None
    leads_to: OneOf[LeadsTo] | None = None
    guide_id: Id | None = None
    store_id: Id | None = None
    branch_id: Id | None = None
    status: OneOf[EntryCodeStatus] | None = None
    sort: Literal["id", "-id", "created_at", "-created_at"] = NEWEST


class SourceOut(Output):
    """一种来源今天带来的好友。"""

    kind: OneOf[EntryCodeKind] | None = Field(description="null 是没有扫我们的码")
    friends: int


class CodeSummary(Output):
    """今天的好友从哪来，平台的码用了多少。"""

    today: list[SourceOut]
    used_ways: int = Field(description="我们建的；管理后台手工建的看不到")
    most_ways: int = Field(description="平台的上限，入群码也算在里面")


@endpoint.reads("/entry-codes", PageOut[CodeOut], TAG)
def entry_codes(call: ApiCall, query: CodeList) -> PageOut[CodeOut]:
    """入口码"""
    names = ("kind", "leads_to", "guide_id", "store_id", "branch_id", "status")
    wanted = like(select(EntryCode).where(OWN), EntryCode, query, *names)
    rows, after = piece(call.session, wanted, EntryCode, query, query.sort)
    return PageOut[CodeOut](items=shown(call.session, rows, call.now), next_cursor=after)


@endpoint.reads("/entry-codes/summary", CodeSummary, TAG)
def entry_code_summary(call: ApiCall, query: Query) -> CodeSummary:
    """今天的好友从哪来，平台的码还够不够"""
    counted = entry_code_figures.by_kind(call.session, true(), day_start(call.now, site().zone))
    today = [SourceOut(kind=kind, friends=n) for kind, n in sorted(counted.items(), key=lambda one: -one[1])]
    used = entry_code_users.used_ways(call.session)
    return CodeSummary(today=today, used_ways=used, most_ways=MOST_WAYS)


@endpoint.reads("/entry-codes/<int:number>", CodeOut, TAG)
def entry_code(call: ApiCall, path: One) -> CodeOut:
    """一个入口码"""
    return _one(call, _find(call, path))


@endpoint.changes("/entry-codes", CodeOut, TAG, status=201)
def make_code(call: ApiCall, body: CodeIn) -> CodeOut:
    """建一个码；导购已经有的，门店没写别的而已经有的，就是原来那个"""
    told = {name for name in body.model_fields_set if getattr(body, name) is not None}
    if body.userid and told != {"userid"}:
        refuse_fields({"userid": "写了 userid 就是导购自己的码，别的都不用写"})
    if body.userid:
        return _one(call, _for_guide(call, body.userid))
    if body.store and told == {"store"}:
        return _one(call, ask_for_store(call.session, _store(call, body.store), call.actor, call.now))
    if body.kind is None and not body.store:
        refuse_fields({"": "userid、store 和 kind 至少写一个"})
    return _one(call, _planned(call, body))


@endpoint.changes("/entry-codes/<int:number>", CodeOut, TAG, method="patch")
def change_code(call: ApiCall, path: One, body: CodeEdit) -> CodeOut:
    """改名字、位置、花费、目标、到期日；没写的不变"""
    row = _find(call, path)
    changes = body.model_dump(include=body.model_fields_set)
    return _one(call, entry_code_plans.change(call.session, row, changes, call.actor, call.now, site().zone))


@endpoint.changes("/entry-codes/<int:number>/retire", CodeOut, TAG)
def retire_code(call: ApiCall, path: One) -> CodeOut:
    """停用：平台那边删掉，印出去的扫了没有人；来过的好友照样算在它名下"""
    return _one(call, entry_code_plans.retire(call.session, _find(call, path), call.actor, call.now))


def _find(call: ApiCall, path: One) -> EntryCode:
    row: EntryCode = call.found(call.session.get(EntryCode, path.number))
    return row


def _for_guide(call: ApiCall, userid: str) -> EntryCode:
    guide = renames.guide_called(call.session, userid, call.now)
    if guide is None:
        refuse_fields({"userid": Sentence("没有账号是「{userid}」的导购", userid=userid)})
    return ask_for_guide(call.session, guide, call.actor, call.now)


def _planned(call: ApiCall, body: CodeIn) -> EntryCode:
    kind = body.kind or EntryCodeKind.STORE
    usual = LeadsTo.USERS if kind == EntryCodeKind.STORE else LeadsTo.NEAR
    plan = CodePlan(
        kind=EntryCodeKind(kind),
        leads_to=LeadsTo(body.leads_to or usual),
        store=_store(call, body.store) if body.store else None,
        branch=_branch(call, body.branch) if body.branch else None,
        **body.model_dump(include=set(PUT_DOWN)),
    )
    return entry_code_plans.create(call.session, plan, call.actor, call.now, site().zone)


def _store(call: ApiCall, code: str) -> Store:
    """Locked: of two calls at the same moment the second finds what the first has made."""
    store = call.session.exec(select(Store).where(Store.code == code).with_for_update()).one_or_none()
    if store is None:
        refuse_fields({"store": Sentence("没有编号是「{code}」的门店", code=code)})
    return store


def _branch(call: ApiCall, code: str) -> Branch:
    branch = call.session.exec(select(Branch).where(Branch.code == code)).one_or_none()
    if branch is None:
        refuse_fields({"branch": Sentence("没有编号是「{code}」的分公司", code=code)})
    return branch


def _one(call: ApiCall, row: EntryCode) -> CodeOut:
    call.session.flush()
    return shown(call.session, [row], call.now)[0]


def shown(session: Session, rows: Any, now: datetime) -> list[CodeOut]:
    counted = entry_code_figures.figures(session, [row.id for row in rows], now)
    left = entry_code_figures.left_of(session, rows)
    names = Names(
        session,
        guides=[row.guide_id for row in rows],
        stores=[row.store_id for row in rows],
        branches=[row.branch_id for row in rows],
    )
    kept = ("id", "kind", "leads_to", "userids", "status", "reason", "picture_url", "created_at", "ready_at")
    made = []
    for row in rows:
        came = counted.get(row.id, CodeFigures())
        made.append(
            CodeOut(
                **row.model_dump(include={*kept, *PUT_DOWN}),
                guide=names.guide(row.guide_id),
                store=names.store(row.store_id),
                branch=names.branch(row.branch_id),
                payload=row.says(site().public_url),
                standing=entry_code_figures.standing(row, came, left, now, site().zone),
                friends=came.total,
                friends_here=came.here,
                friends_week=came.week,
                cents_each=came.cents_each(row),
                towards=came.towards(row),
            )
        )
    return made
