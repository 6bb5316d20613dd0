"""Sharing out: a draft anew as a whole, a running plan only for whom nobody is there."""

from sqlmodel import select

from models.friends import Friend, FriendStatus, handover_shares
from models.friends.handover import HandedGroup, TransferState, shares_of
from models.org import Guide
from tests import cast
from tests.cast import NOW
from tests.models.friends import handed


def test_a_running_plan_moves_only_whom_nobody_takes(session, sqlite_people):
    handover = handed.confirmed(session, sqlite_people, 4)
    rows = handed.rows(session, handover)
    rows[0].state, rows[0].share_id = TransferState.LIMITED, None
    before = {one.id: one.share_id for one in rows[1:]}
    handover_shares.keep_shares(session, handover, {sqlite_people.gao.id: 1})
    handover_shares.share_out(session, handover)
    session.expire_all()
    rows = handed.rows(session, handover)
    assert {one.id: one.share_id for one in rows[1:]} == before
    assert (rows[0].state, rows[0].share_id is not None) == (TransferState.GIVEN, True)


def test_groups_go_round_the_successors_and_those_that_moved_stay(session, sqlite_people):
    wang = session.get_one(Guide, sqlite_people.wang.id)
    for number in range(3):
        cast.customer_group(session, wang, f"wr{number}")
    handover = handed.left(session, sqlite_people, 1)
    first, *_ = session.exec(select(HandedGroup).order_by(HandedGroup.id)).all()
    first.done_at = NOW
    handover_shares.keep_shares(session, handover, {sqlite_people.gao.id: 1, sqlite_people.zhou.id: 1})
    handover_shares.share_out(session, handover)
    owners = [one.guide_id for one in session.exec(select(HandedGroup).order_by(HandedGroup.id))]
    assert owners == [sqlite_people.zhao.id, sqlite_people.gao.id, sqlite_people.zhou.id]


def test_who_is_no_longer_chosen_has_no_share_of_a_draft(session, sqlite_people):
    handover = handed.left(session, sqlite_people, 2)
    handover_shares.keep_shares(session, handover, {sqlite_people.gao.id: 3})
    assert [(guide.name, share.weight) for share, guide in shares_of(session, handover.id)] == [("高敏", 3)]
    assert handed.six(session, handover).successor == 2


def test_only_those_whom_nobody_was_asked_about_are_forgotten(session, sqlite_people):
    handover = handed.confirmed(session, sqlite_people, 3)
    for friend in session.exec(select(Friend)):
        friend.status = FriendStatus.LOST
    first = handed.rows(session, handover)[0]
    first.state = TransferState.WAITING
    session.flush()
    assert handover_shares.forget_lost(session, handover, NOW) == 2
    assert handed.six(session, handover).gone == 2
