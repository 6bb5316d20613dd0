"""Assignment rules as data: which rules there are, in which order a branch or HQ has put them, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import JSON, Column, bindparam, or_
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.accounts import audit
from models.db import take_turns
from models.db.word_column import word_column
from models.errors import Refused
from models.org import Branch
from models.sentences import Sentence

Rule = Mapping[str, Any]
"""{"rule": name, parameter: value}"""
BEFORE, OWN_GUIDE, CODE, NEAREST = "before", "own_guide", "code", "nearest"
ON_SHIFT, CAP = "on_shift", "cap"
LEAST, TURNS, SHARE = "least", "turns", "share"
OWNER, POOL, BRANCH_POOL, QUEUE = "owner", "store_pool", "branch_pool", "queue"
IMPORTED = "import"
"""A friend of before Onetap was there: no rule decided about her"""
MATTER = "rule_sets"
"""Of two people who change them at the same moment one sees what the other has done."""


class RuleSetStatus(StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    PAST = "past"


class RuleSet(SQLModel, table=True):
    """The rules of a branch, or those of HQ for all branches without their own, in one version."""

    __tablename__ = "rule_set"

    id: int | None = Field(default=None, primary_key=True)
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    version: int = Field(unique=True)
    """Counted over all branches, so that a friend's version says which rules decided"""
    status: RuleSetStatus = Field(sa_column=word_column(RuleSetStatus, 8, index=True))
    rules: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    made_by: str = Field(max_length=64)
    changed_at: datetime
    live_at: datetime | None = None
    over_at: datetime | None = None


class RulePart(StrEnum):
    """What a rule does; the parts stand in this order."""

    FIND = "find"
    """It knows the guide, or at least the store."""
    NARROW = "narrow"
    """It leaves some of the store's guides."""
    CHOOSE = "choose"
    """It takes one of those."""
    LAST = "last"
    """Nobody was found: who gets the friend all the same?"""
    QUEUE = "queue"
    """The friend waits, and never gets lost."""


@dataclass(frozen=True)
class KnownRule:
    """One rule that can be put into the order."""

    part: RulePart
    question: Sentence
    about: Sentence
    numbers: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """Parameter → smallest, largest, usual"""
    by: str = ""
    """A parameter that holds a number for single branches or guides, by their id"""


KNOWN = {
    BEFORE: KnownRule(RulePart.FIND, Sentence("以前加过我们的人吗"), Sentence("归原来的导购，她还在岗的话")),
    OWN_GUIDE: KnownRule(
        RulePart.FIND, Sentence("会员系统里有专属导购吗"), Sentence("归专属导购；别家店的也算")
    ),
    CODE: KnownRule(
        RulePart.FIND,
        Sentence("码是谁的"),
        Sentence("胸牌、海报归本人；门店码先定下门店，平台给的人在店里、下面几条也过得了，就归她"),
    ),
    NEAREST: KnownRule(
        RulePart.FIND,
        Sentence("最近的门店是哪家"),
        Sentence("没定门店才看；直线 {km} 公里内"),
        {"km": (1, 500, 30)},
    ),
    ON_SHIFT: KnownRule(
        RulePart.NARROW, Sentence("只看当班的"), Sentence("按排班；没有排班的按门店的营业时间")
    ),
    CAP: KnownRule(
        RulePart.NARROW,
        Sentence("只看今天没到上限的"),
        Sentence("每人每天 {per_day} 位"),
        {"per_day": (1, 1000, 20)},
        by="branches",
    ),
    LEAST: KnownRule(RulePart.CHOOSE, Sentence("店里谁今天新好友最少"), Sentence("一样少的轮流来")),
    TURNS: KnownRule(RulePart.CHOOSE, Sentence("店里该轮到谁了"), Sentence("谁最久没有新好友，就轮到谁")),
    SHARE: KnownRule(
        RulePart.CHOOSE,
        Sentence("店里按比例该给谁"),
        Sentence("店长是别人的 {manager} %，今天离自己那一份最远的先来"),
        {"manager": (0, 100, 50)},
        by="guides",
    ),
    OWNER: KnownRule(
        RulePart.LAST, Sentence("都没有命中，跟着谁"), Sentence("好友在谁的账号里就归谁，她还在岗的话")
    ),
    POOL: KnownRule(RulePart.LAST, Sentence("店里还有谁在岗"), Sentence("不管当班和上限，今天新好友最少的")),
    BRANCH_POOL: KnownRule(
        RulePart.LAST, Sentence("分公司里还有谁在岗"), Sentence("不管当班和上限，今天新好友最少的")
    ),
    QUEUE: KnownRule(
        RulePart.QUEUE,
        Sentence("谁来领"),
        Sentence("门店待领，{minutes} 分钟没人领转分公司待领"),
        {"minutes": (1, 1440, 15)},
    ),
}
PARTS = tuple(RulePart)
MOST_SHARES = 2000
DEFAULT: tuple[Rule, ...] = tuple(
    {"rule": name, **{number: usual for number, (_low, _high, usual) in KNOWN[name].numbers.items()}}
    for name in (BEFORE, CODE, LEAST, OWNER, POOL, BRANCH_POOL, QUEUE)
)
"""What holds until somebody publishes an order: version 0"""
LIVE = select(RuleSet).where(
    col(RuleSet.status) == RuleSetStatus.LIVE,
    or_(col(RuleSet.branch_id).is_(None), col(RuleSet.branch_id) == bindparam("branch_id")),
)
"""Made once: it runs for every new friend"""


@dataclass(frozen=True)
class Rules:
    """An order of rules, with its version."""

    rules: tuple[Rule, ...] = DEFAULT
    version: int = 0

    def of(self, name: str) -> Rule | None:
        return next((one for one in self.rules if one["rule"] == name), None)

    @property
    def minutes(self) -> int:
        """So long a friend waits for her store alone."""
        return int((self.of(QUEUE) or DEFAULT[-1])["minutes"])


def live(session: Session, branch_id: int | None) -> Rules:
    """The rules that hold in a branch now: its own, else HQ's, else those that were there from the beginning."""
    found = {one.branch_id: one for one in session.exec(LIVE, params={"branch_id": branch_id})}
    one = found.get(branch_id) or found.get(None)
    return Rules(tuple(one.rules), one.version) if one else Rules()


def per_day(rule: Rule, branch_id: int) -> int:
    """So many new friends a rule with a daily cap lets a guide of this branch have."""
    return int(rule.get("branches", {}).get(str(branch_id), rule["per_day"]))


def cap(session: Session, branch_id: int) -> int | None:
    """The same, of the rules that hold in a branch now; None where none of them caps."""
    rule = live(session, branch_id).of(CAP)
    return per_day(rule, branch_id) if rule else None


def about(rule: Rule) -> Sentence:
    """What a rule does, with its numbers, in words."""
    known = KNOWN[rule["rule"]]
    return (
        Sentence(known.about, **{name: rule[name] for name in known.numbers})
        if known.numbers
        else known.about
    )


def checked(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An order that can hold, with every number; Refused, in words, by the place of the rule."""
    faults: dict[str, str] = {}
    found: list[dict[str, Any]] = []
    for place, rule in enumerate(rules):
        if (known := KNOWN.get(str(rule.get("rule")))) is None:
            faults[f"rules.{place}"] = Sentence("不认识这条规则")
        elif words := _numbers_fault(known, rule):
            faults[f"rules.{place}"] = words
        else:
            found.append(_whole(known, rule))
    if not faults and (words := _order_fault([one["rule"] for one in found])):
        faults["rules"] = words
    if faults:
        raise Refused(faults=faults)
    return found


def checked_one(rule: Mapping[str, Any]) -> dict[str, Any]:
    """One rule with every number, so that two can be compared."""
    return _whole(KNOWN[rule["rule"]], rule)


def _numbers_fault(known: KnownRule, rule: Mapping[str, Any]) -> str:
    for name in set(rule) - {"rule", *known.numbers, known.by}:
        return Sentence("这条规则没有「{name}」", name=name)
    for name, (low, high, usual) in known.numbers.items():
        if not _within(rule.get(name, usual), low, high):
            return Sentence(
                "「{question}」的数要在 {low} 到 {high} 之间", question=known.question, low=low, high=high
            )
    single = rule.get(known.by, {}) if known.by else {}
    low, high = (0, 100) if known.by == "guides" else (1, 1000)
    if not isinstance(single, Mapping) or len(single) > MOST_SHARES:
        return Sentence("「{question}」里单独写的最多 {n} 个", question=known.question, n=MOST_SHARES)
    if not all(
        str(one).isdecimal() and len(str(one)) < 12 and _within(number, low, high)
        for one, number in single.items()
    ):
        return Sentence(
            "「{question}」的数要在 {low} 到 {high} 之间", question=known.question, low=low, high=high
        )
    return ""


def _within(number: object, low: int, high: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and low <= number <= high


def _whole(known: KnownRule, rule: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: rule.get(name, usual) for name, (_low, _high, usual) in known.numbers.items()}
    single = (
        {known.by: {str(one): number for one, number in rule.get(known.by, {}).items()}} if known.by else {}
    )
    return {"rule": rule["rule"], **numbers, **single}


def _order_fault(names: Sequence[str]) -> str:
    if not names or names[-1] != QUEUE:
        return Sentence("最后一条要是待领：谁都没有的时候，好友在那里等人领，不会丢")
    for name in names:
        if names.count(name) > 1:
            return Sentence("「{question}」只能有一条", question=KNOWN[name].question)
    for first, second in pairwise(names):
        if PARTS.index(KNOWN[first].part) > PARTS.index(KNOWN[second].part):
            return Sentence(
                "「{second}」要排在「{first}」前面，不然轮不到它",
                first=KNOWN[first].question,
                second=KNOWN[second].question,
            )
    parts = [KNOWN[name].part for name in names]
    if parts.count(RulePart.CHOOSE) > 1:
        return Sentence("在店里挑人只能用一种办法，现在有 {n} 种", n=parts.count(RulePart.CHOOSE))
    if RulePart.NARROW in parts and RulePart.CHOOSE not in parts:
        return Sentence("有「只看…」，就还要一条怎么在店里挑人")
    return ""


def of_place(session: Session, branch_id: int | None, status: RuleSetStatus) -> RuleSet | None:
    """The draft of a branch or of HQ, its live version, or the newest past one."""
    here = select(RuleSet).where(RuleSet.branch_id == branch_id, RuleSet.status == status)
    return session.exec(here.order_by(col(RuleSet.version).desc()).limit(1)).first()


def history(session: Session, branch_id: int | None) -> list[RuleSet]:
    """What has held, the newest first."""
    held = select(RuleSet).where(RuleSet.branch_id == branch_id, col(RuleSet.live_at).is_not(None))
    return list(session.exec(held.order_by(col(RuleSet.live_at).desc(), col(RuleSet.id).desc()).limit(50)))


def with_own(session: Session) -> list[Branch]:
    """Branches that have an order of their own."""
    own = select(RuleSet.branch_id).where(RuleSet.status == RuleSetStatus.LIVE)
    return list(session.exec(select(Branch).where(col(Branch.id).in_(own)).order_by(col(Branch.id))))


def draft(
    session: Session, branch_id: int | None, rules: Sequence[Mapping[str, Any]], who: str, now: datetime
) -> RuleSet:
    """Write down an order that does not hold yet. Refused when it cannot hold."""
    good = checked(rules)
    take_turns(session, MATTER)
    row = of_place(session, branch_id, RuleSetStatus.DRAFT)
    if row is None:
        row = _new(session, branch_id, RuleSetStatus.DRAFT, good, who, now)
    row.rules, row.made_by, row.changed_at = good, who, now
    session.flush()
    return row


def discard(session: Session, branch_id: int | None, who: str, now: datetime) -> bool:
    """Throw the draft away; False when there was none."""
    take_turns(session, MATTER)
    row = of_place(session, branch_id, RuleSetStatus.DRAFT)
    if row is None:
        return False
    audit.note(session, who, "rule_set.discard", row.version, _of(session, branch_id), now)
    session.delete(row)
    session.flush()
    return True


def publish(
    session: Session, row: RuleSet, who: str, now: datetime, *, branch_id: int | None = None
) -> RuleSet:
    """Let a draft hold from the next scan on; with `branch_id` HQ's draft in one branch first, and it stays a draft.

    What was decided before stays as it was. Refused when it is no draft any more.
    """
    take_turns(session, MATTER)
    session.refresh(row, with_for_update=True)
    if row.status != RuleSetStatus.DRAFT:
        raise Refused(Sentence("这一版已经不是草稿了，请刷新再看"))
    place = branch_id if branch_id is not None else row.branch_id
    good = checked(row.rules)
    _end(session, place, now)
    if place != row.branch_id:
        row = _new(session, place, RuleSetStatus.LIVE, good, who, now)
    row.status, row.live_at, row.made_by, row.changed_at = RuleSetStatus.LIVE, now, who, now
    session.flush()
    audit.note(session, who, "rule_set.publish", row.version, _of(session, place), now)
    return row


def back_to(session: Session, row: RuleSet, who: str, now: datetime) -> RuleSet:
    """Let an earlier version hold again, as a new version of the same place."""
    take_turns(session, MATTER)
    if row.live_at is None or row.status != RuleSetStatus.PAST:
        raise Refused(Sentence("只能换回以前用过的一版"))
    good = checked(row.rules)
    _end(session, row.branch_id, now)
    again = _new(session, row.branch_id, RuleSetStatus.LIVE, good, who, now)
    again.live_at = now
    session.flush()
    words = Sentence("{place}，照第 {n} 版", place=_of(session, row.branch_id), n=row.version)
    audit.note(session, who, "rule_set.back", again.version, words, now)
    return again


def follow_hq(session: Session, branch_id: int, who: str, now: datetime) -> bool:
    """A branch gives up its own order; False when it had none."""
    take_turns(session, MATTER)
    row = of_place(session, branch_id, RuleSetStatus.LIVE)
    if row is None:
        return False
    _end(session, branch_id, now)
    audit.note(session, who, "rule_set.follow_hq", row.version, _of(session, branch_id), now)
    return True


def _end(session: Session, branch_id: int | None, now: datetime) -> None:
    here = select(RuleSet).where(RuleSet.branch_id == branch_id, RuleSet.status == RuleSetStatus.LIVE)
    for row in session.exec(here).all():
        row.status, row.over_at = RuleSetStatus.PAST, now
    session.flush()


def _new(
    session: Session,
    branch_id: int | None,
    status: RuleSetStatus,
    rules: list[dict[str, Any]],
    who: str,
    now: datetime,
) -> RuleSet:
    version = (session.exec(select(func.max(RuleSet.version))).one() or 0) + 1
    row = RuleSet(
        branch_id=branch_id, version=version, status=status, rules=rules, made_by=who, changed_at=now
    )
    session.add(row)
    session.flush()
    return row


def _of(session: Session, branch_id: int | None) -> str:
    branch = session.get(Branch, branch_id) if branch_id else None
    return branch.name if branch else Sentence("总部默认")
