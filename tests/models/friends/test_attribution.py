"""Whoever serves a friend later: as a new friend she counts for the one who served her first."""

from datetime import timedelta

from sqlmodel import select

from models.friends import Friend, attribution
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
