"""/assignments/…: the order of rules as drafts and versions, a draft tried on many scans, friends who wait to be claimed."""

from datetime import datetime
from typing import Any

from pydantic import Field, model_validator
from sqlmodel import Session, select

from models.errors import Refused
from models.friends import Customer, Friend, attribution, dry_run, rule_sets, unclaimed
from models.friends.assignment import Picked
from models.friends.rule_sets import RuleSet, RuleSetStatus
from models.org import Branch, Guide, renames
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.friends import TAG
from pages.api.pagination import NEWEST, like, piece
from pages.api.problems import refuse_fields
from pages.api.schemas import Body, GuideRef, Id, Line, Listing, One, OneOf, Output, PageOut
from pages.web.site import site

MOST_RULES = 20
RulesIn = list[dict[str, Any]]


class RuleSetIn(Body):
    """一份草稿：按顺序的规则。"""

    branch_id: Id | None = Field(None, description="哪家分公司的；不填是总部默认")
    rules: RulesIn = Field(
        max_length=MOST_RULES,
        description='按顺序，每条是 {"rule": 名字, 参数: 数}；最后一条一定是 queue。名字：before 以前加过，'
        "own_guide 专属导购，code 码是谁的，nearest 最近门店（km），on_shift 当班，cap 上限（per_day，branches），"
        "least 最少，turns 轮流，share 按比例（manager，guides），owner 跟账号，store_pool，branch_pool，queue（minutes）",
    )


class PublishIn(Body):
    """先在哪家分公司上线。"""

    branch_id: Id | None = Field(None, description="总部的草稿先在这家分公司上线；不填就按草稿自己的范围")


class RuleSetOut(Output):
    """一版规则。"""

    id: int
    branch_id: int | None = Field(description="null 是总部默认")
    version: int
    status: OneOf[RuleSetStatus]
    rules: RulesIn
    made_by: str
    changed_at: datetime
    live_at: datetime | None
    over_at: datetime | None


class RuleSetList(Listing):
    """规则版本的筛选。"""

    branch_id: Id | None = None
    status: OneOf[RuleSetStatus] | None = None


class ScansIn(Body):
    """拿哪些扫码来试。三样选一样。"""

    branch_id: Id | None = Field(None, description="哪家分公司的规则；不填是总部默认")
    rules: RulesIn | None = Field(None, max_length=MOST_RULES, description="要试的规则；不填就试存着的草稿")
    last: int | None = Field(None, ge=1, le=dry_run.MOST, description="最近多少次扫码")
    invented: int | None = Field(None, ge=1, le=dry_run.MOST, description="编多少次未来七天的扫码")
    friend_id: Id | None = Field(None, description="哪一位好友")

    @model_validator(mode="after")
    def _one_of_them(self) -> "ScansIn":
        if [self.last, self.invented, self.friend_id].count(None) != 2:
            raise ValueError(Sentence("last、invented、friend_id 三样写一样"))
        return self


class ChangedScan(Output):
    """会归另一个人的一次扫码。"""

    at: datetime
    friend_id: int | None = Field(description="编出来的是 null")
    customer: str
    live: GuideRef | None = Field(description="线上的规则给谁；null 是待领")
    draft: GuideRef | None = Field(description="要试的规则给谁；null 是待领")
    cause: str = Field(
        description="off_shift 原来的人下班或休息，full 到了上限，queue 没人能接，other 别的规则先命中，"
        "earlier 同一条规则，前面有人换了，轮到别人"
    )
    place: int = Field(description="第几条规则引起的；0 是要试的规则里少了一条")
    why: str


class Given(Output):
    """一种规则给出来的样子。"""

    off_shift: int = Field(description="加到不当班的人")
    waits: int = Field(description="进待领")
    longest_wait_minutes: int = Field(description="待领的最久要等多久才有人上班")
    spread: int = Field(description="同店一天里两个人最多差几位")


class ScansOut(Output):
    """试下来：多少次会归另一个人，为什么，换来什么。什么都没有写。"""

    tried: int
    changed: int
    first_at: datetime | None
    last_at: datetime | None
    causes: dict[str, int]
    branches: dict[int, int] = Field(description="分公司编号 → 会归另一个人的次数")
    live: Given
    draft: Given
    differences: list[ChangedScan] = Field(description="每种原因最多 200 次，待领的在前")


class ClaimIn(Body):
    """谁来接。"""

    userid: Line = Field(max_length=64, description="企业微信账号")


class ClaimedOut(Output):
    """这位好友现在归谁服务。"""

    friend_id: int
    guide: GuideRef | None
    reason: str


class MoveIn(Body):
    """换给谁，为什么。"""

    userid: Line = Field(max_length=64, description="企业微信账号")
    why: Line = Field(max_length=attribution.LONGEST_WHY, description="为什么换")


class OwnGuideIn(Body):
    """会员系统里一位客户的专属导购。"""

    external_userid: Line = Field(min_length=1, max_length=64)
    userid: Line | None = Field(None, max_length=64, description="专属导购的企业微信账号；null 是没有了")


class OwnGuideOut(Output):
    """记下的专属导购。"""

    external_userid: str
    guide: GuideRef | None


@endpoint.reads("/assignments/rules", PageOut[RuleSetOut], TAG)
def rule_versions(call: ApiCall, query: RuleSetList) -> PageOut[RuleSetOut]:
    """分配规则的草稿、线上的和以前的版本"""
    wanted = like(select(RuleSet), RuleSet, query, "branch_id", "status")
    rows, after = piece(call.session, wanted, RuleSet, query, NEWEST)
    return PageOut[RuleSetOut](items=[_set(row) for row in rows], next_cursor=after)


@endpoint.changes("/assignments/rules", RuleSetOut, TAG)
def draft_rules(call: ApiCall, body: RuleSetIn) -> RuleSetOut:
    """存草稿；上线以前什么都不变"""
    _branch(call.session, body.branch_id)
    return _set(rule_sets.draft(call.session, body.branch_id, body.rules, call.actor, call.now))


@endpoint.changes("/assignments/rules/<int:number>/publish", RuleSetOut, TAG)
def publish_rules(call: ApiCall, path: One, body: PublishIn) -> RuleSetOut:
    """草稿上线，从下一次扫码起；以前的归属不变"""
    row: RuleSet = call.found(call.session.get(RuleSet, path.number))
    _branch(call.session, body.branch_id)
    if body.branch_id and row.branch_id:
        raise Refused(faults={"branch_id": Sentence("这是一家分公司的草稿，直接上线就行")})
    return _set(rule_sets.publish(call.session, row, call.actor, call.now, branch_id=body.branch_id))


@endpoint.changes("/assignments/rules/<int:number>/back", RuleSetOut, TAG)
def back_to_rules(call: ApiCall, path: One) -> RuleSetOut:
    """换回以前的一版，作为新的一版上线"""
    row: RuleSet = call.found(call.session.get(RuleSet, path.number))
    return _set(rule_sets.back_to(call.session, row, call.actor, call.now))


@endpoint.tries("/assignments/dry-run/scans", ScansOut, TAG)
def try_scans(body: ScansIn) -> ScansOut:
    """拿一批扫码试规则：和真分配是同一段程序；什么都不写，能读的令牌就可以"""
    place, now = site(), site().clock()
    with place.db.read() as session:
        _branch(session, body.branch_id)
        draft = _draft(session, body, now)
        if body.friend_id and session.get(Friend, body.friend_id) is None:
            refuse_fields({"friend_id": Sentence("没有这位好友")})
    if body.friend_id:
        found = dry_run.of_one(place.db, draft, place.zone, now, body.friend_id)
    elif body.invented:
        found = dry_run.invented(place.db, draft, place.zone, now, body.invented)
    else:
        found = dry_run.replay(place.db, draft, place.zone, now, body.last or 0)
    return ScansOut(
        tried=found.tried,
        changed=found.changed,
        first_at=found.first_at,
        last_at=found.last_at,
        causes=dict(found.causes),
        branches={number or 0: count for number, count in found.branches.items()},
        live=_given(found.live, found.spread_live),
        draft=_given(found.draft, found.spread_draft),
        differences=[_changed(one) for one in found.differences],
    )


@endpoint.changes("/assignments/<int:number>/claim", ClaimedOut, TAG)
def claim(call: ApiCall, path: One, body: ClaimIn) -> ClaimedOut:
    """把待领的好友交给一位导购"""
    call.found(call.session.get(Friend, path.number))
    guide = _guide(call, body.userid)
    friend = unclaimed.give(call.session, path.number, guide, call.actor, call.now)
    return ClaimedOut(friend_id=friend.id or 0, guide=_ref(guide), reason=friend.reason)


@endpoint.changes("/assignments/<int:number>/move", ClaimedOut, TAG)
def move(call: ApiCall, path: One, body: MoveIn) -> ClaimedOut:
    """换归属导购；好友仍在原来的账号里，以前的业绩不变"""
    call.found(call.session.get(Friend, path.number))
    guide = _guide(call, body.userid)
    friend = attribution.move(call.session, path.number, guide, body.why, call.actor, call.now)
    return ClaimedOut(friend_id=friend.id or 0, guide=_ref(guide), reason=friend.reason)


@endpoint.changes("/customers/own-guide", OwnGuideOut, TAG)
def set_own_guide(call: ApiCall, body: OwnGuideIn) -> OwnGuideOut:
    """告诉我们会员系统里的专属导购；从下一次扫码起，「会员系统里有专属导购吗」这一条认它"""
    wanted = select(Customer).where(Customer.external_userid == body.external_userid).with_for_update()
    customer = call.session.exec(wanted).one_or_none()
    if customer is None:
        refuse_fields({"external_userid": Sentence("没有这位客户，要先加过好友")})
    guide = _guide(call, body.userid) if body.userid else None
    customer.own_guide_id = guide.id if guide else None
    return OwnGuideOut(external_userid=customer.external_userid, guide=_ref(guide))


def _guide(call: ApiCall, userid: str) -> Guide:
    guide = renames.guide_called(call.session, userid, call.now)
    return guide or refuse_fields({"userid": Sentence("没有账号是「{userid}」的导购", userid=userid)})


def _branch(session: Session, branch_id: int | None) -> None:
    if branch_id and session.get(Branch, branch_id) is None:
        refuse_fields({"branch_id": Sentence("没有这家分公司")})


def _draft(session: Session, body: ScansIn, now: datetime) -> RuleSet:
    """What is tried: the rules that came, or the draft that is kept."""
    if body.rules is not None:
        rules = rule_sets.checked(body.rules)
        return RuleSet(
            branch_id=body.branch_id,
            version=0,
            status=RuleSetStatus.DRAFT,
            rules=rules,
            made_by="",
            changed_at=now,
        )
    kept = rule_sets.of_place(session, body.branch_id, RuleSetStatus.DRAFT)
    return kept or refuse_fields({"rules": Sentence("没有存着的草稿，请写上要试的规则")})


def _set(row: RuleSet) -> RuleSetOut:
    return RuleSetOut(**row.model_dump(include=set(RuleSetOut.model_fields)))


def _given(buys: dry_run.Buys, spread: int) -> Given:
    return Given(
        off_shift=buys.off_shift,
        waits=buys.waits,
        longest_wait_minutes=int(buys.longest_wait.total_seconds() // 60),
        spread=spread,
    )


def _changed(one: dry_run.DifferentScan) -> ChangedScan:
    return ChangedScan(
        at=one.scan.at,
        friend_id=one.scan.friend.id if one.scan.friend else None,
        customer=one.scan.name,
        live=_of(one.live),
        draft=_of(one.draft),
        cause=one.cause,
        place=one.place,
        why=one.why,
    )


def _of(picked: Picked) -> GuideRef | None:
    return _ref(picked.guide)


def _ref(guide: Guide | None) -> GuideRef | None:
    return GuideRef(id=guide.id or 0, userid=guide.userid, name=guide.name) if guide else None
