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
    removal_guard_percent: int = 20
    """A sync that would lose more than this share of guides or friends waits for a person."""


LIMITS = {
    "fresh_seconds": (30, 3600),
    "keep_bodies_days": (1, 3650),
    "keep_ledger_days": (30, 3650),
    "removal_guard_percent": (1, 100),
}
LONGEST = {"name": 32, "robot_name": 16}
LABELS = {
    "name": "品牌名",
    "welcome": "欢迎语",
    "robot_name": "机器人的名字",
    "fresh_seconds": "回调时间差（秒）",
    "keep_bodies_days": "回调原文保留天数",
    "keep_ledger_days": "投递记录保留天数",
    "removal_guard_percent": "对账刹车（%）",
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
    refuse_faults({name: fault for name, text in fresh.items() if (fault := _fault(name, text))})
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
    return [(name, str(value).strip()) for name, value in values.items()]


def welcome_text(session: Session, guide_name: str, store_name: str) -> str:
    """The welcome in her name, or, while nobody told us that, in her store's; without a store the brand stands for it."""
    brand = read(session)
    place = store_name or brand.name
    somebody = "导购" if "{门店名}" in brand.welcome else f"{place}的导购"
    return placeholders.fill(brand.welcome, {"导购名": guide_name or somebody, "门店名": place})


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
