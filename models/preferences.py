"""What the brand decides once for all: its name, the welcome, how long things are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from models import placeholders
from models.accounts import audit
from models.errors import refuse_faults
from models.names import line_fault, text_fault
from models.org import opening
from models.sentences import Sentence, together
from wecom.limits import FRESH_SECONDS, limit_of

PREFIX = "brand."
NAME_BYTES = 2 * 64 * 3
"""Room for a guide's and a store's name."""
WELCOME_BYTES = limit_of("welcome", "text").most - NAME_BYTES
"""The longest text of a welcome, before names are filled in."""
WELCOME_NAMES = ("门店名", "导购名")
"""What a welcome may hold in braces"""


@dataclass(frozen=True)
class Preferences:
    """The brand's choices. The defaults work without anybody having chosen."""

    name: str = "我们的品牌"
    welcome: str = "您好，我是{门店名}的{导购名}。想看什么款、要什么尺码，直接跟我说就好。"
    """May hold {门店名} and {导购名}; nothing else is replaced."""
    robot_name: str = "小助手"
    fresh_seconds: int = FRESH_SECONDS
    """How far a callback's clock may be from ours."""
    keep_bodies_days: int = 30
    keep_ledger_days: int = 400
    removal_guard_percent: int = 5
    """A sync that would lose more than this share of guides or friends waits for a person."""
    stop_percent: int = 20
    """Where so many of a campaign's last calls failed, it pauses itself, unless it has a limit of its own."""
    approval: str = "yes"
    """Whether campaigns need somebody else's approval; `campaigns.approval` knows when there is nobody else."""
    quiet_from: int = 22
    """The hour at which the night begins, in which nothing starts; the same as `quiet_to` means that there is none."""
    quiet_to: int = 8
    contacts_per_day: int = 1
    """So often one customer is contacted at most, by all campaigns and guides together; 0 is no limit."""
    contacts_per_week: int = 2
    """In any 7 days"""
    contacts_per_month: int = 8
    """In any 30 days"""
    season_months: str = ""
    """The months in which the caps of week and month are multiplied, as "11,12"; empty is never."""
    season_percent: int = 100
    """By how much: 150 in a busy season, 50 in one of restraint"""
    platform_quota: str = "month"
    """What the corp has set in the platform (contract 6.1); one of QUOTAS"""
    count_moments: str = "no"
    """Whether a post in Moments uses up the caps; one of YES_NO"""
    confirm_above: int = 100_000
    """Who sends to more customers types the number first (F13)."""
    mix_content: int = 50
    """Of a hundred pieces of a branch's week the brand wants so many that help, so many that tell of it, so many that sell."""
    mix_brand: int = 30
    mix_deal: int = 20
    deal_percent: int = 20
    """So many of a branch's pieces in one week may sell at most."""
    mix_rule: str = "warn"
    """What happens above that; one of MIX_RULES"""
    card_rhythm: str = "half"
    """How often a guide gets a card: one of RHYTHMS"""
    opens: str = "10:00"
    """When stores open that have no hours of their own: only while hers is open a guide gets cards."""
    closes: str = "22:00"

    def caps(self, month: int) -> dict[int, int]:
        """Days → how often one customer is contacted within them at most; what has no limit is not in it."""
        percent = self.season_percent if month in (_months(self.season_months) or ()) else 100
        chosen = {
            1: self.contacts_per_day,
            7: self.contacts_per_week * percent // 100,
            30: self.contacts_per_month * percent // 100,
        }
        unlimited = (self.contacts_per_day, self.contacts_per_week, self.contacts_per_month)
        return {
            days: max(1, cap) for (days, cap), base in zip(chosen.items(), unlimited, strict=True) if base
        }


LIMITS = {
    "fresh_seconds": (30, 3600),
    "keep_bodies_days": (1, 3650),
    "keep_ledger_days": (30, 3650),
    "removal_guard_percent": (1, 100),
    "stop_percent": (1, 100),
    "quiet_from": (0, 23),
    "quiet_to": (0, 23),
    "contacts_per_day": (0, 10),
    "contacts_per_week": (0, 30),
    "contacts_per_month": (0, 60),
    "season_percent": (10, 400),
    "confirm_above": (1, 10_000_000),
    "mix_content": (0, 100),
    "mix_brand": (0, 100),
    "mix_deal": (0, 100),
    "deal_percent": (0, 100),
}
QUOTAS = {"month": "每月和当月天数一样多", "week": "每 7 天 7 条", "day": "每天 1 条"}
"""What one customer receives at most of the guides' mass messages, company and members together"""
YES_NO = {"no": "不算", "yes": "算"}
HALF_DAYS, BY_DAY, AT_ONCE = "half", "day", "at_once"
RHYTHMS = {HALF_DAYS: "上午、下午各一张", BY_DAY: "一天一张", AT_ONCE: "有任务就送"}
"""How long a work period is: each guide gets one card in it"""
APPROVAL = {"yes": "要，由没写过它的总部同事批", "no": "不要，写的人自己排期"}
MIX_RULES = {"warn": "只提醒", "block": "不让提交和排期，除非总部放宽那一周"}
CHOICES = {
    "platform_quota": QUOTAS,
    "count_moments": YES_NO,
    "approval": APPROVAL,
    "mix_rule": MIX_RULES,
    "card_rhythm": RHYTHMS,
}
BUDGET = (
    "quiet_from",
    "quiet_to",
    "contacts_per_day",
    "contacts_per_week",
    "contacts_per_month",
    "season_months",
    "season_percent",
    "platform_quota",
    "count_moments",
    "confirm_above",
)
"""What is chosen on the page of the contact budget; the others on that of the brand"""
HOURS = ("opens", "closes")
CARDS = ("card_rhythm", *HOURS)
"""What is chosen beside it, of the guides' cards"""
TARGETS = ("mix_content", "mix_brand", "mix_deal")
MIX = (*TARGETS, "deal_percent", "mix_rule")
"""What is chosen beside it, of the mix of a week"""
LONGEST = {"name": 32, "robot_name": 16}
LABELS = {
    "name": "品牌名",
    "welcome": "欢迎语",
    "robot_name": "机器人的名字",
    "fresh_seconds": "回调时间差（秒）",
    "keep_bodies_days": "回调原文保留天数",
    "keep_ledger_days": "投递记录保留天数",
    "removal_guard_percent": "对账刹车（%）",
    "stop_percent": "活动自动暂停（%）",
    "quiet_from": "免打扰从几点",
    "quiet_to": "免打扰到几点",
    "contacts_per_day": "每位客户每天最多联系",
    "contacts_per_week": "每位客户 7 天最多联系",
    "contacts_per_month": "每位客户 30 天最多联系",
    "season_months": "旺季或淡季的月份",
    "season_percent": "季节系数（%）",
    "platform_quota": "平台的群发上限",
    "count_moments": "朋友圈算不算联系",
    "confirm_above": "超过多少客户要输入人数",
    "card_rhythm": "导购多久收一张卡片",
    "opens": "门店几点开门",
    "closes": "门店几点关门",
    "approval": "活动要审批",
    "mix_content": "内容占多少（%）",
    "mix_brand": "品牌占多少（%）",
    "mix_deal": "销售占多少（%）",
    "deal_percent": "每家分公司一周的销售最多（%）",
    "mix_rule": "超了怎么办",
}


class Preference(SQLModel, table=True):
    """A small lasting fact of this installation: that it is a demo, the welcome text, retention days."""

    key: str = Field(primary_key=True, max_length=64)
    value: str = Field(default="", max_length=4000)


CHOSEN = select(Preference.key, Preference.value).where(col(Preference.key).startswith(PREFIX))


def read(session: Session) -> Preferences:
    """The brand's choices, with defaults where nobody chose; a damaged number reads as its default."""
    kept = {key.removeprefix(PREFIX): value for key, value in session.exec(CHOSEN)}
    values: dict[str, Any] = {}
    for field in fields(Preferences):
        text = kept.get(field.name)
        if text and field.name not in LIMITS:
            values[field.name] = text
        elif text and text.isdecimal():
            values[field.name] = int(text)
    return Preferences(**values)


def change(session: Session, who: str, now: datetime, **values: str | int) -> Preferences:
    """Choose anew; Refused, by field, with its limit, and then nothing is changed."""
    before = read(session)
    fresh = {name: text for name, text in _stripped(values) if text != str(getattr(before, name, None))}
    wrong = {name: fault for name, text in fresh.items() if (fault := _fault(name, text))}
    refuse_faults(wrong or _mix_fault(before, fresh) | _hours_fault(before, fresh))
    for name, text in fresh.items():
        session.merge(Preference(key=PREFIX + name, value=text))
    session.flush()
    if fresh:
        audit.record(
            session,
            who,
            "brand.change",
            "brand",
            now,
            together([Sentence(LABELS[name]) for name in fresh], "、"),
        )
    return read(session)


def _stripped(values: Mapping[str, str | int]) -> list[tuple[str, str]]:
    stripped = [(name, str(value).strip()) for name, value in values.items()]
    return [(name, opening.spelled(text) if name in HOURS else text) for name, text in stripped]


def _hours_fault(before: Preferences, fresh: Mapping[str, str]) -> dict[str, str]:
    """Opening and closing are judged together, also where only one of them changes."""
    changed = [name for name in HOURS if name in fresh]
    if not changed or not all(fresh[name] for name in changed):
        return {}
    words = opening.fault(fresh.get("opens", before.opens), fresh.get("closes", before.closes))
    return {changed[-1]: words} if words else {}


def welcome_text(session: Session, guide_name: str, store_name: str) -> str:
    """The welcome in her name, or, while nobody told us that, in her store's; without a store the brand stands for it."""
    brand = read(session)
    place = store_name or brand.name
    somebody = "导购" if "{门店名}" in brand.welcome else f"{place}的导购"
    return placeholders.fill(brand.welcome, {"导购名": guide_name or somebody, "门店名": place})


def _months(text: str) -> frozenset[int] | None:
    """The months of "11,12"; None when it is no list of months."""
    parts = [one.strip() for one in text.replace("，", ",").replace("、", ",").split(",") if one.strip()]
    if not all(one.isdecimal() and 1 <= int(one) <= 12 for one in parts):
        return None
    return frozenset(map(int, parts))


def _fault(name: str, text: str) -> str:
    """Why this cannot be chosen; empty when it can."""
    if name not in LABELS:
        return Sentence("没有叫 {name} 的设置", name=name)
    label = Sentence(LABELS[name])
    if name in LIMITS:
        low, high = LIMITS[name]
        if not text.isdecimal() or not low <= int(text) <= high:
            return Sentence(
                "{label}要在 {low} 到 {high} 之间，现在是「{text}」",
                label=label,
                low=low,
                high=high,
                text=text[:20],
            )
    elif name in CHOICES:
        return (
            ""
            if text in CHOICES[name]
            else Sentence("{label}没有「{text}」这一项", label=label, text=text[:20])
        )
    elif name == "season_months":
        return "" if _months(text) is not None else Sentence("{label}写成 11,12 这样，1 到 12", label=label)
    elif not text:
        return Sentence("{label}不能空着", label=label)
    elif fault := text_fault(text) if name == "welcome" else line_fault(text):
        return fault
    elif name in LONGEST and len(text) > LONGEST[name]:
        return Sentence("{label}最多 {most} 个字，现在 {n} 个", label=label, most=LONGEST[name], n=len(text))
    elif name == "welcome" and (size := len(text.encode())) > WELCOME_BYTES:
        return Sentence(
            "欢迎语最多 {most} 字节（要给姓名和店名留地方），现在 {n} 字节", most=WELCOME_BYTES, n=size
        )
    elif name == "welcome":
        return placeholders.complaint(text, WELCOME_NAMES) or ""
    return ""


def _mix_fault(before: Preferences, fresh: Mapping[str, str]) -> dict[str, str]:
    """The three targets are parts of one whole."""
    whole = sum(int(fresh.get(name, getattr(before, name))) for name in TARGETS)
    changed = [name for name in TARGETS if name in fresh]
    if not changed or whole == 100:
        return {}
    return {changed[-1]: Sentence("三类加起来要是 100%，现在是 {n}%", n=whole)}
