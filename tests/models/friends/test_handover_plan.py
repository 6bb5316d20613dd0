"""Successors are chosen, a plan is confirmed once, and who refused is asked again by somebody else."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.errors import Refused
from models.friends import FriendStatus, handover_calls, handover_plan
from models.friends.entry_code_users import refresh_users
from models.friends.entry_codes import EntryCode
from models.friends.handover import SuccessorRule, TransferState, shares_of
from models.friends.handover_shares import release_leavers
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.cast import NOW
from tests.models.friends import handed

STORE, LEAST, SHARE, ONE = SuccessorRule


@pytest.fixture
def draft(session, sqlite_people):
    return handed.left(session, sqlite_people, 8)


def given(session, handover):
    """Friends by successor."""
    found = {}
    names = {share.id: guide.name for share, guide in shares_of(session, handover.id)}
    for one in handed.rows(session, handover):
        name = names.get(one.share_id, "")
        found[name] = found.get(name, 0) + 1
    return found


def test_the_store_shares_evenly_by_itself(session, draft):
    assert given(session, draft) == {"赵倩": 8}


def test_each_rule_shares_out_a_draft_anew(session, sqlite_people, draft):
    zhao, gao, zhou = (one.id for one in (sqlite_people.zhao, sqlite_people.gao, sqlite_people.zhou))
    for one in handed.customers(3):
        cast.befriend(session, session.get_one(Guide, gao), f"{one}x")
    choose = handover_plan.choose
    choose(session, draft.id, STORE, {zhao: 1, gao: 1, zhou: 1}, "周岚", NOW)
    assert given(session, draft) == {"赵倩": 3, "高敏": 3, "周梅": 2}
    choose(session, draft.id, LEAST, {zhao: 1, gao: 1}, "周岚", NOW)
    assert given(session, draft) == {"赵倩": 6, "高敏": 2}
    choose(session, draft.id, SHARE, {zhao: 3, gao: 1}, "周岚", NOW)
    assert given(session, draft) == {"赵倩": 6, "高敏": 2}
    choose(session, draft.id, ONE, {gao: 1}, "周岚", NOW)
    assert given(session, draft) == {"高敏": 8}
    choose(session, draft.id, STORE, {}, "周岚", NOW)
    assert given(session, draft) == {"赵倩": 8}


@pytest.mark.parametrize(
    ("rule", "who", "words"),
    [
        (ONE, {"zhao": 1, "gao": 1}, "只选一位"),
        (ONE, {}, "先选人"),
        (SHARE, {"zhao": 0}, "份数是 1 到 100"),
        (STORE, {"wang": 1}, "先选人"),
        (STORE, {"left": 1}, "已经不在岗"),
    ],
)
def test_successors_who_cannot_be_are_refused_in_words(session, sqlite_people, draft, rule, who, words):
    session.get_one(Guide, sqlite_people.zhou.id).leave("sync", NOW)
    ids = {name: getattr(sqlite_people, name).id for name in ("zhao", "gao", "wang")}
    ids["left"] = sqlite_people.zhou.id
    with pytest.raises(Refused, match=words):
        handover_plan.choose(session, draft.id, rule, {ids[one]: n for one, n in who.items()}, "周岚", NOW)


def test_nothing_is_asked_before_a_person_confirms_and_a_second_tap_changes_nothing(session, draft):
    handover_calls.put_transfers(session, draft.id, NOW)
    assert session.exec(select(Outbox)).all() == []
    assert handover_plan.confirm(session, draft.id, "高敏", NOW)
    assert not handover_plan.confirm(session, draft.id, "高敏", NOW + timedelta(seconds=1))
    assert (draft.confirmed_at, draft.confirmed_by) == (NOW, "高敏")
    said = session.exec(select(Audit).where(Audit.verb == "handover.confirm")).all()
    assert [one.actor for one in said] == ["高敏"]


def test_who_went_meanwhile_is_no_longer_a_friend_and_who_came_is_in_it(session, sqlite_people, draft):
    wang = session.get_one(Guide, sqlite_people.wang.id)
    gone, new = handed.rows(session, draft)[0], cast.befriend(session, wang, cast.XU)
    friend = session.get_one(type(new), gone.friend_id)
    friend.status = FriendStatus.LOST
    session.flush()
    handover_plan.confirm(session, draft.id, "高敏", NOW)
    numbers = handed.six(session, draft)
    assert (numbers.waiting, numbers.gone, numbers.all) == (8, 1, 9)


def test_without_a_successor_there_is_nothing_to_confirm(session, sqlite_people):
    session.get_one(Guide, sqlite_people.zhao.id).leave("sync", NOW)
    session.flush()
    handover = handed.left(session, sqlite_people, 3)
    assert handed.six(session, handover).successor == 3
    with pytest.raises(Refused, match="还没有人接手"):
        handover_plan.confirm(session, handover.id, "高敏", NOW)


def test_her_printed_code_adds_the_successor_from_then_on(session, sqlite_people):
    code = cast.ready_code(session, guide=session.get_one(Guide, sqlite_people.wang.id))
    handed.confirmed(session, sqlite_people, 1)
    kept = session.get_one(EntryCode, code.id)
    assert kept.userids == [cast.ZHAO]
    [row] = session.exec(select(Outbox).where(Outbox.channel == "contact_way")).all()
    assert row.payload["update"] is True


def test_her_code_stays_with_the_successor_of_another_store_and_is_hers_again_when_she_is_back(
    session, sqlite_people
):
    wang, zhao = (session.get_one(Guide, one.id) for one in (sqlite_people.wang, sqlite_people.zhao))
    code = cast.ready_code(session, guide=wang)
    handed.confirmed(session, sqlite_people, 1)
    here, there = sqlite_people.zhongjie.id, sqlite_people.taiyuanjie.id
    zhao.store_id = there
    session.flush()
    later = NOW + timedelta(days=1)
    assert refresh_users(session, here, later) == refresh_users(session, there, later) == []
    zhao.resting = True
    session.flush()
    assert refresh_users(session, there, later) == [code]
    assert session.get_one(EntryCode, code.id).userids == [cast.ZHOU]
    wang.come_back(later)
    session.flush()
    assert refresh_users(session, here, later + timedelta(hours=1)) == [code]
    assert session.get_one(EntryCode, code.id).userids == [cast.WANG]


def test_only_a_draft_on_the_job_can_be_given_up(session, draft):
    with pytest.raises(Refused, match="总要有人接"):
        handover_plan.stop(session, draft.id, "周岚", NOW)


def test_who_refused_is_asked_again_by_another_successor_G10(session, sqlite_people):
    handover = handed.confirmed(session, sqlite_people, 2)
    handed.asked(session, handover)
    first, second = handed.rows(session, handover)
    first.state, second.state = TransferState.REFUSED, TransferState.DONE
    session.flush()
    assert handover_calls.end_finished(session, handover.id, NOW)
    ids = [first.id, second.id]
    assert handover_plan.ask_again(session, handover.id, ids, sqlite_people.gao.id, "周岚", NOW) == 1
    assert (handover.status, first.state) == ("running", TransferState.GIVEN)
    handed.asked(session, handover, now=NOW + timedelta(days=2))
    assert (first.state, first.asked) == (TransferState.WAITING, 2)
    assert first.due_at == NOW + timedelta(days=3)
    assert handed.six(session, handover).all == 2


def test_a_successor_who_leaves_as_well_gives_back_whom_nobody_asked_F05(session, sqlite_people):
    handover = handed.confirmed(session, sqlite_people, 4)
    session.get_one(Guide, sqlite_people.zhao.id).leave("sync", NOW)
    session.flush()
    assert release_leavers(session, handover, NOW) == 4
    assert handed.six(session, handover).successor == 4
    assert "要另选人" in handover.story[-1]["words"]
    handover_plan.choose(session, handover.id, ONE, {sqlite_people.gao.id: 1}, "周岚", NOW)
    assert handed.six(session, handover).waiting == 4
