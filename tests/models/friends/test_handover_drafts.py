"""A draft appears however we learnt that she left, once, and holds every friend of hers."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts import LoginSession
from models.errors import Refused
from models.friends import FriendStatus, handover_drafts, handover_plan
from models.friends.handover import HandedGroup, Handover
from models.org import Guide
from tests import cast
from tests.cast import NOW, XU
from tests.models.friends import handed


@pytest.fixture
def wang(session, sqlite_people):
    return session.get_one(Guide, sqlite_people.wang.id)


@pytest.mark.parametrize("how", ["change_contact", "unsubscribe", "sync", "platform_60111", "by_hand"])
def test_whoever_left_with_friends_gets_a_draft_however_we_learnt_it(session, wang, how):
    assert handover_drafts.leavers(session, 9) == []
    cast.befriend(session, wang, XU)
    wang.leave(how, NOW)
    session.flush()
    assert handover_drafts.leavers(session, 9) == [wang]
    assert handover_drafts.draft(session, wang, NOW)
    assert handover_drafts.leavers(session, 9) == []
    assert handover_drafts.draft(session, wang, NOW) is None


def test_the_second_row_of_a_renamed_guide_is_nobody_who_left(session, wang):
    cast.befriend(session, wang, XU)
    wang.leave("renamed", NOW)
    session.flush()
    assert handover_drafts.leavers(session, 9) == []


def test_a_leaver_without_friends_or_groups_leaves_nothing_to_hand_over(session, wang):
    cast.befriend(session, wang, XU, status=FriendStatus.LOST)
    wang.leave("sync", NOW)
    session.flush()
    assert handover_drafts.leavers(session, 9) == []
    cast.customer_group(session, wang)
    assert handover_drafts.leavers(session, 9) == [wang]


def test_all_friends_stand_in_it_a_piece_at_a_time(session, sqlite_people, monkeypatch):
    monkeypatch.setattr(handover_drafts, "PIECE", 2)
    handover = handed.left(session, sqlite_people, 5)
    assert handed.six(session, handover).manager == 5
    assert [one.place for one in handed.rows(session, handover)] == [0, 1, 2, 3, 4]
    assert [line["words"] for line in handover.story] == ["王芳离职", "方案草稿，5 位好友"]


def test_her_groups_go_with_her(session, sqlite_people, wang):
    cast.customer_group(session, wang)
    handover = handed.left(session, sqlite_people, 1)
    [group] = session.exec(select(HandedGroup).where(HandedGroup.handover_id == handover.id)).all()
    assert group.guide_id == sqlite_people.zhao.id


def test_who_comes_back_before_anybody_was_told_needs_no_handover(session, sqlite_people, wang):
    handover = handed.left(session, sqlite_people)
    assert handover_drafts.end_for_those_back(session, NOW) == 0
    wang.come_back(NOW)
    session.flush()
    assert handover_drafts.end_for_those_back(session, NOW) == 1
    assert handover.status == "stopped" and "又回来了" in handover.story[-1]["words"]


def test_who_leaves_again_gets_a_new_draft(session, sqlite_people, wang):
    handed.left(session, sqlite_people)
    wang.come_back(NOW)
    handover_drafts.end_for_those_back(session, NOW)
    wang.leave("sync", NOW + timedelta(days=9))
    session.flush()
    assert handover_drafts.leavers(session, 9) == [wang]
    assert handover_drafts.draft(session, wang, NOW + timedelta(days=9))


def test_a_person_says_that_she_left_and_her_pages_close_L07(session, sqlite_people, wang):
    session.add(
        LoginSession(
            realm="guide",
            token_hash="t" * 64,
            csrf="c",
            guide_id=wang.id,
            created_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )
    )
    session.flush()
    assert handover_drafts.she_left(session, wang, "周岚", NOW)
    assert (wang.present, wang.left_how) == (False, "by_hand")
    assert session.exec(select(LoginSession)).all() == []
    assert not handover_drafts.she_left(session, wang, "周岚", NOW)


def test_on_the_job_a_person_chooses_all_customers_or_some(session, wang):
    xu, lin = (cast.befriend(session, wang, one) for one in (XU, cast.LIN))
    some = handover_drafts.begin_on_job(session, wang, "周岚", NOW, message="以后我来", friends=[xu.id])
    assert [one.friend_id for one in handed.rows(session, some)] == [xu.id]
    with pytest.raises(Refused, match="没办完"):
        handover_drafts.begin_on_job(session, wang, "周岚", NOW)
    assert lin.id not in [one.friend_id for one in handed.rows(session, some)]


def test_on_the_job_her_groups_stay_hers_unless_they_are_wanted(session, wang):
    cast.befriend(session, wang, XU)
    cast.customer_group(session, wang)
    begun = handover_drafts.begin_on_job(session, wang, "周岚", NOW)
    handover_drafts.write_down(session, begun.id, NOW)
    assert session.exec(select(HandedGroup)).all() == []
    handover_plan.stop(session, begun.id, "周岚", NOW)
    begun = handover_drafts.begin_on_job(session, wang, "周岚", NOW, groups=True)
    handover_drafts.write_down(session, begun.id, NOW)
    assert [one.handover_id for one in session.exec(select(HandedGroup))] == [begun.id]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"message": "字" * 201}, "最多 200 个字"),
        ({"message": "a\x07b"}, "看不见的字符"),
        ({"friends": []}, "一次选 1 到"),
        ({"friends": [99]}, "不是王芳的好友"),
    ],
)
def test_what_cannot_be_begun_is_refused_in_words(session, wang, given, words):
    with pytest.raises(Refused, match=words):
        handover_drafts.begin_on_job(session, wang, "周岚", NOW, **given)


def test_who_leaves_in_the_middle_of_a_change_on_the_job_has_one_handover(session, wang):
    cast.befriend(session, wang, XU)
    begun = handover_drafts.begin_on_job(session, wang, "周岚", NOW, message="以后我来")
    wang.leave("sync", NOW)
    session.flush()
    assert handover_drafts.draft(session, wang, NOW) is begun
    assert (begun.kind, begun.message) == ("left", "")
    assert session.exec(select(Handover)).all() == [begun]
