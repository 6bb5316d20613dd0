"""What pages show: the most pressing first, numbers per successor that add up, names of who refused."""

from datetime import timedelta

from sqlalchemy import true

from models.friends import handover_lines
from models.friends.handover import HandoverStatus, TransferState, together_of
from models.friends.handover_lines import HandoverStanding
from models.org import Guide
from tests import cast
from tests.cast import CUSTOMER_CHAT, NOW
from tests.models.friends import handed


def test_a_handover_says_what_it_waits_for(session, sqlite_people):
    handover = handed.left(session, sqlite_people, 2)

    def standing():
        session.flush()
        return handover_lines.line(session, handover).standing

    assert standing() == HandoverStanding.MANAGER
    handover.planned_at = None
    assert standing() == HandoverStanding.WRITING
    handover.planned_at = handover.confirmed_at = NOW
    handover.status = HandoverStatus.RUNNING
    assert standing() == HandoverStanding.RUNNING
    handed.rows(session, handover)[0].share_id = None
    assert standing() == HandoverStanding.NOBODY
    for one in handed.rows(session, handover):
        one.state = TransferState.DONE
    handover.status = HandoverStatus.DONE
    assert standing() == HandoverStanding.DONE
    handover.status = HandoverStatus.STOPPED
    assert standing() == HandoverStanding.STOPPED


def test_the_list_ends_thirty_days_after_the_end(session, sqlite_people):
    handover = handed.left(session, sqlite_people, 1)
    assert [one.handover.id for one in handover_lines.lines(session, true(), NOW)] == [handover.id]
    handover.status, handover.finished_at = HandoverStatus.DONE, NOW
    session.flush()
    assert len(handover_lines.lines(session, true(), NOW + timedelta(days=29))) == 1
    assert handover_lines.lines(session, true(), NOW + timedelta(days=31)) == []


def test_numbers_of_successors_add_up_and_name_their_day(session, sqlite_people):
    people = [session.get_one(Guide, one.id) for one in (sqlite_people.zhao, sqlite_people.gao)]
    handover = handed.confirmed(session, sqlite_people, 5, successors=people)
    handed.asked(session, handover)
    handed.rows(session, handover)[0].state = TransferState.REFUSED
    session.flush()
    lines = handover_lines.share_lines(session, handover)
    numbers = together_of({line.share.id: line.numbers for line in lines})
    assert numbers == handed.six(session, handover) and numbers.all == 5
    assert {line.due_at for line in lines} == {NOW + timedelta(hours=24)}
    [(row, customer)] = handover_lines.customers(session, handover, [TransferState.REFUSED], 9)
    assert (row.state, customer.external_userid) == (TransferState.REFUSED, handed.customers(1)[0])


def test_a_manager_finds_drafts_of_her_store_and_its_groups(session, sqlite_people):
    cast.customer_group(session, session.get_one(Guide, sqlite_people.wang.id))
    handover = handed.left(session, sqlite_people, 1)
    found = handover_lines.for_manager(session, sqlite_people.zhongjie.id)
    assert [one.handover.id for one in found] == [handover.id]
    assert handover_lines.for_manager(session, sqlite_people.taiyuanjie.id) == []
    [group] = handover_lines.group_lines(session, handover)
    assert (group.group.chat_id, group.owner.name) == (CUSTOMER_CHAT, "赵倩")
    assert handover_lines.of_guide(session, sqlite_people.wang.id) is handover
