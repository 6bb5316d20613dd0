"""A friend's story: her welcome, and what campaigns did for her."""

from datetime import timedelta
from typing import Any

import pytest
from pyroaring import FrozenBitMap

from models.campaigns import Task, TaskAudience
from models.friends import Friend
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.test_friends import befriend
from tests.pages.shop import change


def welcome(console: Console, friend: int, **values: Any) -> None:
    with console.db.write() as session:
        row = Outbox(
            **{
                "key": f"welcome:{friend}",
                "channel": "welcome",
                "lane": "welcome",
                "status": "sent",
                "due_at": NOON,
                "friend_id": friend,
                "created_at": NOON,
                "deadline": NOON + timedelta(seconds=20),
                "done_at": NOON + timedelta(seconds=0.8),
                "target": "x",
                "why": "加好友",
                "payload": {"text": "您好，我是沈阳太原街店的王芳"},
            }
            | values
        )
        session.add(row)
        session.flush()
        session.get_one(Friend, friend).welcome_id = row.id


def test_the_ring_counts_from_the_callback_s_arrival(console: Console) -> None:
    friend = befriend(console, "许静宜")
    welcome(console, friend)
    text = page(console, f"/console/friends/{friend}")
    assert "用了 0.80 秒，平台只等 20 秒" in text
    assert "「您好，我是沈阳太原街店的王芳」" in text


def test_a_missed_welcome_shows_its_reason_and_no_seconds(console: Console) -> None:
    friend = befriend(console, "许静宜")
    welcome(console, friend, status="not_sent", reason="平台先发了那一条")
    text = page(console, f"/console/friends/{friend}")
    assert "平台先发了那一条" in text
    assert "没有按时送到" in text


def test_without_a_credential_there_was_no_welcome(console: Console) -> None:
    assert "平台没有给凭证" in page(console, f"/console/friends/{befriend(console, '许静宜')}")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("reached", "收到「初雪雪地靴 · northeast」，王芳确认发出"),
        ("not_friend", "已不是好友"),
        ("limited", "本月群发已收满"),
        ("refused", "平台建任务时就没有收"),
    ],
)
def test_the_story_tells_what_a_campaign_did_for_her(console: Console, kind: str, words: str) -> None:
    friend = befriend(console, "许静宜")
    task = console.ids["task_northeast"]
    change(console.db, Task, task, confirmed_at=NOON)
    with console.db.write() as session:
        from sqlmodel import select

        share = session.exec(select(TaskAudience).where(TaskAudience.task_id == task)).one()
        share.members = FrozenBitMap([session.get_one(Friend, friend).customer_id])
        setattr(share, kind, share.members)
    text = page(console, f"/console/friends/{friend}")
    assert "进入「初雪雪地靴 · northeast」人群" in text
    assert words in text


def test_the_story_tells_of_each_of_her_guides_last_60_campaigns(console: Console) -> None:
    friend = befriend(console, "许静宜")
    with console.db.write() as session:
        guide = session.get_one(Guide, console.ids["wangfang"])
        her = FrozenBitMap([session.get_one(Friend, friend).customer_id])
        for number in reversed(range(61)):
            then = NOON - timedelta(days=number)
            past = cast.campaign(session, name=f"第 {number} 个活动", now=then)
            share = cast.task(session, past, guide, now=then, confirmed_at=then)
            session.add(TaskAudience(task_id=share.id, members=her, reached=her))
    text = page(console, f"/console/friends/{friend}")
    told = [number for number in range(61) if f"收到「第 {number} 个活动」，王芳确认发出" in text]
    assert told == [*range(60)]
    assert "扫「" in text  # how it began is not pushed out


def test_the_story_of_somebody_else_s_campaign_is_not_hers(console: Console) -> None:
    assert "人群" not in page(console, f"/console/friends/{befriend(console, '许静宜')}")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("customer", "许静宜删除了王芳"),
        ("guide", "王芳删除了许静宜"),
        ("transfer", "转接给了同事，不再在王芳的账号里"),
    ],
)
def test_a_lost_friend_says_who_ended_it(console: Console, how: str, words: str) -> None:
    friend = befriend(console, "许静宜", status="lost", lost_how=how, lost_at=NOON)
    assert words in page(console, f"/console/friends/{friend}")
