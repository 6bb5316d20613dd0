"""The entry codes of the invented retailer besides its guides': a till, a fitting room, channels that cost something."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from models.friends import Friend, entry_code_plans
from models.friends.entry_code_plans import CodePlan
from models.friends.entry_codes import EntryCode, EntryCodeKind, LeadsTo
from models.org import Store
from ops.sample_data import ZONE

PLACES = (("收银台", LeadsTo.NEAR, 120), ("试衣间", LeadsTo.USERS, 60))
"""Where in each of the first stores, where a scan leads, and how many friends it should bring in 7 days"""
CHANNELS = (
    ("包裹卡 2026 秋冬", 32_700, 90, 42),
    ("短视频「初雪试穿」", 72_240, 120, 21),
    ("短信「降温提醒」", 46_800, 150, 11),
)
"""Name, cost in cents, target, days until its end"""
HUNG = timedelta(days=61)
"""So long ago HQ's own codes were printed"""
CAME_BY = ((0, 1), (2, 3, 4, 5), (6, 7, 8), (9,))
"""Which tenths of the friends since then came by the menu, and by each channel"""


def put(session: Session, stores: list[Store], who: str, now: datetime) -> None:
    today: date = now.astimezone(ZONE).date()
    plans = [
        CodePlan(EntryCodeKind.STORE, leads_to, place=place, store=store, target=target)
        for store in stores
        for place, leads_to, target in PLACES
    ]
    plans.append(CodePlan(EntryCodeKind.BRANCH, LeadsTo.NEAR, name="公众号菜单"))
    plans += [
        CodePlan(
            EntryCodeKind.SOURCE,
            LeadsTo.NEAR,
            name=name,
            cost_cents=cost,
            target=target,
            valid_until=today + timedelta(days=days),
        )
        for name, cost, target, days in CHANNELS
    ]
    made = [entry_code_plans.create(session, plan, who, now, ZONE) for plan in plans]
    for code, tenths in zip(made[-len(CAME_BY) :], CAME_BY, strict=True):
        code.created_at = now - HUNG
        _bring(session, code, tenths)


def _bring(session: Session, code: EntryCode, tenths: Sequence[int]) -> None:
    """Friends who were there before the demo began came by one of the codes that hung already."""
    since = col(Friend.added_at) > code.created_at, (col(Friend.id) % 10).in_(tenths)
    session.execute(update(Friend).where(*since).values(code_id=code.id, state=code.state))
