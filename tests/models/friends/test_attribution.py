"""Whoever serves a friend later: as a new friend she counts for the one who served her first."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.errors import Refused
from models.friends import Friend, FriendStatus, attribution
from models.friends.attribution import AttributionChange
from tests import cast
from tests.cast import NOW


def give(session, friend, guide, **how):
    values = {"guide_id": guide.id if guide else None, "reason": "换人", "rule": "given"}
    attribution.changes(session, friend, values, "周岚", NOW, **how)
    session.flush()


def counted(session, guide):
    return len(session.exec(select(Friend.id).where(attribution.counted_for(guide.id))).all())


def test_a_change_does_not_rewrite_whose_new_friend_she_was(session, sqlite_people):
    wang, zhao, gao = sqlite_people.wang, sqlite_people.zhao, sqlite_people.gao
    friend = cast.befriend(session, wang, cast.XU, at=NOW - timedelta(days=9))
    friend.rule = "owner"
    for guide in (zhao, gao, zhao):
        give(session, friend, guide)
    assert [counted(session, one) for one in (wang, zhao, gao)] == [1, 0, 0]
    assert (friend.guide_id, friend.rule) == (zhao.id, "given")
    known = [
        (row.guide_id, row.first)
        for row in session.exec(select(AttributionChange).order_by(AttributionChange.id))
    ]
    assert known == [(wang.id, True), (zhao.id, False), (gao.id, False)]


def test_who_waited_counts_for_whoever_took_her(session, sqlite_people):
    friend = cast.befriend(session, sqlite_people.wang, cast.XU)
    friend.rule, friend.guide_id = "queue", None
    give(session, friend, sqlite_people.zhao)
    give(session, friend, sqlite_people.gao)
    assert [counted(session, one) for one in sqlite_people.guides] == [0, 1, 0, 0]


def test_who_came_back_is_a_new_friend_of_whoever_serves_her_now(session, sqlite_people):
    friend = cast.befriend(session, sqlite_people.wang, cast.XU)
    friend.rule = "owner"
    give(session, friend, sqlite_people.zhao)
    give(session, friend, sqlite_people.gao, came_back=True)
    assert [counted(session, one) for one in sqlite_people.guides] == [0, 0, 1, 0]


def test_the_same_again_is_no_change(session, sqlite_people):
    friend = cast.befriend(session, sqlite_people.wang, cast.XU)
    friend.rule = "owner"
    give(session, friend, sqlite_people.wang)
    assert session.exec(select(AttributionChange)).all() == []


@pytest.fixture
def friend(session, sqlite_people):
    """Of 王芳, by her code"""
    friend = cast.befriend(session, sqlite_people.wang, cast.XU, at=NOW - timedelta(days=9))
    step = {"rule": "code", "question": "码是谁的", "answer": "扫的是王芳的码", "outcome": "hit"}
    friend.rule, friend.steps = "code", [step]
    session.flush()
    return friend


def test_somebody_lets_another_guide_serve_her_and_says_why(session, sqlite_people, friend):
    wang, zhou = sqlite_people.wang, sqlite_people.zhou
    attribution.move(session, friend.id, zhou, " 搬家了 ", "周岚", NOW)
    assert (friend.guide_id, friend.store_id, friend.owner_id) == (zhou.id, zhou.store_id, wang.id)
    assert (friend.rule, friend.reason) == ("moved", "周岚换给了周梅：搬家了")
    assert [(one["rule"], one["outcome"]) for one in friend.steps] == [("code", "narrowed"), ("moved", "hit")]
    assert [counted(session, one) for one in (wang, zhou)] == [1, 0]
    assert [row.guide_id for row in attribution.earlier_ones(session, friend.id)] == [wang.id]
    line = session.exec(select(Audit).where(Audit.verb == "friend.moved")).one()
    assert (line.actor, line.detail) == ("周岚", friend.reason)
    attribution.move(session, friend.id, sqlite_people.gao, "又搬了", "周岚", NOW)
    assert [one["rule"] for one in friend.steps] == ["code", "moved"]


@pytest.mark.parametrize(
    ("change", "why", "words"),
    [
        ({"status": FriendStatus.LOST}, "搬家", "已经不是好友了"),
        ({"guide_id": None}, "搬家", "还在待领"),
        ({"to": "wang"}, "搬家", "王芳已经在服务"),
        ({"left": True}, "搬家", "赵倩已经不在岗"),
        ({}, "  ", "写上为什么换"),
        ({}, "长" * 81, "最多 80 个字"),
        ({}, "一行\n两行", "换行"),
    ],
)
def test_what_cannot_be_changed_is_refused_in_words(session, sqlite_people, friend, change, why, words):
    for name in ("status", "guide_id"):
        setattr(friend, name, change.get(name, getattr(friend, name)))
    guide = getattr(sqlite_people, change.get("to", "zhao"))
    if change.get("left"):
        guide.leave("sync", NOW)
    session.flush()
    with pytest.raises(Refused) as refused:
        attribution.move(session, friend.id, guide, why, "周岚", NOW)
    assert words in (refused.value.words + "".join(refused.value.faults.values()))
