"""A handover over two days: drafted by itself, confirmed by a person, polled to its end."""

import pytest
from sqlalchemy import true
from sqlmodel import select

from models.friends import FriendStatus, friendship, handover_lines, handover_plan
from models.friends.handover import Handover, TransferredFriend
from models.ledger.outbox import OutboxStatus
from models.org import Guide
from models.preferences import Preference
from scheduler.jobs import handover
from tests import cast
from tests.cast import LIN, WANG, XU, ZHAO

DAY = 24 * 3600


@pytest.fixture
def left(sqlite_stage):
    return without_wang(sqlite_stage)


@pytest.fixture
def left_on_both(stage):
    return without_wang(stage)


def without_wang(stage):
    """王芳 has left: her friends wait, and nothing else has happened. Nobody sleeps here, so that managers are told."""
    stage.world.leave(WANG)
    with stage.db.write() as session:
        session.add_all(Preference(key=f"brand.quiet_{one}", value="0") for one in ("from", "to"))
        wang = session.get_one(Guide, stage.cast.wang.id)
        for one in (XU, LIN):
            cast.befriend(session, wang, one)
        wang.leave("change_contact", stage.now)
    return stage


def only(stage) -> Handover:
    with stage.db.read() as session:
        return session.exec(select(Handover)).one()


def confirm(stage) -> None:
    with stage.db.write() as session:
        handover_plan.confirm(session, only(stage).id, "高敏", stage.now)


def send(stage) -> None:
    for row in stage.rows(status=OutboxStatus.QUEUED):
        stage.deliver(row.id)


def day_passes(stage) -> None:
    stage.world.advance(DAY + 60)
    stage.clock.move(seconds=DAY + 60)


def test_a_draft_appears_and_the_manager_is_told_once_a_day(left):
    words = handover.draft(left.runtime, left.now)
    assert words == "离职交接草稿 1，列出好友 2，告诉店长 1"
    assert handover.draft(left.runtime, left.now) == ""
    [notice] = left.rows(channel="notice")
    assert notice.guide_id == left.cast.gao.id
    assert f"/g/handovers/{only(left).id}" in notice.payload["text"]
    left.clock.move(hours=25)
    assert handover.draft(left.runtime, left.now) == "告诉店长 1"


def test_nothing_leaves_before_a_person_confirms(left):
    handover.draft(left.runtime, left.now)
    assert handover.go_on(left.runtime, left.now) == ""
    assert left.rows(channel="transfer_left") == []


def test_a_confirmed_handover_goes_on_for_a_day_and_ends(left_on_both):
    left = left_on_both
    handover.draft(left.runtime, left.now)
    confirm(left)
    assert handover.go_on(left.runtime, left.now) == "请客户换人 2"
    send(left)
    left.world.refuse(LIN, WANG)
    assert handover.look(left.runtime, left.now) == "", "not due"
    day_passes(left)
    assert handover.look(left.runtime, left.now) == "交接有结果 2"
    assert handover.go_on(left.runtime, left.now) == "办完交接 1"
    with left.db.read() as session:
        assert friendship.find(session, ZHAO, XU).status == FriendStatus.FRIEND
        assert friendship.find(session, WANG, LIN).status == FriendStatus.FRIEND
        [line] = handover_lines.lines(session, true(), left.now)
        [share] = handover_lines.share_lines(session, line.handover)
    assert (line.numbers.done, line.numbers.refused, line.numbers.all, share.numbers) == (
        1,
        1,
        2,
        line.numbers,
    )
    said = [line["words"] for line in only(left).story]
    assert said[-3:] == ["1 位接好", "1 位不同意赵倩", "办完了，接好 1 位"]


def test_results_that_cannot_be_read_are_asked_for_again(left):
    handover.draft(left.runtime, left.now)
    confirm(left)
    handover.go_on(left.runtime, left.now)
    send(left)
    day_passes(left)
    left.world.chaos({"api": "externalcontact/resigned/transfer_result", "errcode": -1})
    assert handover.look(left.runtime, left.now) == "没读到、稍后再问 1"
    assert handover.look(left.runtime, left.now) == ""
    left.world.chaos()
    left.clock.move(minutes=11)
    assert handover.look(left.runtime, left.now) == "交接有结果 2"


def test_who_ended_it_meanwhile_is_not_asked_F05(left):
    handover.draft(left.runtime, left.now)
    confirm(left)
    with left.db.write() as session:
        friendship.find(session, WANG, XU).status = FriendStatus.LOST
    assert handover.go_on(left.runtime, left.now) == "请客户换人 1"
    with left.db.read() as session:
        found = sorted(one.state.value for one in session.exec(select(TransferredFriend)))
    assert found == ["given", "not_friend"]
