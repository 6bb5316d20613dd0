"""What the platform says of each customer, whichever way it comes, and in any order."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.friends import Friend, FriendStatus, LostHow, friendship, handover_calls, handover_results
from models.friends.handover import HandedGroup
from models.groups import Group
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.cast import NOW, WANG, ZHAO
from tests.models.friends import handed

DAY_LATER = NOW + timedelta(hours=24, minutes=1)
HERS = handed.customers(6)


@pytest.fixture
def running(session, sqlite_people):
    return handed.confirmed(session, sqlite_people, 6)


def states(session, handover):
    return [one.state.value for one in handed.rows(session, handover)]


def hear(session, handover, told, now=DAY_LATER):
    named = {HERS[place]: (status, now) for place, status in told.items()}
    share = handed.share(session, handover)
    return handover_results.heard(session, share.id, named, now, cast.ZONE)


def test_each_customer_has_an_answer_of_her_own_B11(session, running):
    codes = {HERS[0]: 0, HERS[1]: 40129, HERS[2]: 40131, HERS[3]: 40128, HERS[4]: 40099, HERS[5]: -1}
    handed.asked(session, running, codes)
    assert states(session, running) == ["waiting", "waiting", "not_friend", "limited", "limited", "given"]
    numbers = handed.six(session, running)
    assert (numbers.waiting, numbers.gone, numbers.successor, numbers.all) == (3, 1, 2, 6)


def test_a_customer_whom_the_answer_does_not_name_may_have_been_asked(session, running):
    handed.asked(session, running, {HERS[0]: 0})
    assert set(states(session, running)) == {"waiting"}


def test_after_a_day_the_friendships_are_the_successors(session, running):
    handed.asked(session, running)
    assert hear(session, running, {0: 1, 1: 3, 2: 4, 3: 2, 4: 1}) == 4
    assert states(session, running) == ["done", "refused", "limited", "waiting", "done", "waiting"]
    new, old = friendship.find(session, ZHAO, HERS[0]), friendship.find(session, WANG, HERS[0])
    assert (new.status, new.rule, new.reason) == (FriendStatus.FRIEND, "handover", "王芳交接来的")
    assert (old.status, old.lost_how) == (FriendStatus.LOST, LostHow.TRANSFER)
    assert friendship.find(session, WANG, HERS[1]).status == FriendStatus.FRIEND, "who refused stays"
    assert handed.six(session, running).all == 6
    assert hear(session, running, {0: 1, 1: 3, 3: 2}) == 0, "the same news changes nothing"


@pytest.mark.parametrize("events_first", [True, False])
def test_events_and_polling_say_the_same_in_any_order(session, running, events_first):
    def events():
        friendship.lost(session, WANG, HERS[0], LostHow.TRANSFER, DAY_LATER, DAY_LATER)
        friendship.added(session, ZHAO, HERS[0], DAY_LATER, DAY_LATER, cast.ZONE)

    handed.asked(session, running)
    for step in (events, lambda: hear(session, running, {0: 1}))[:: 1 if events_first else -1]:
        step()
    new = friendship.find(session, ZHAO, HERS[0])
    assert (new.status, new.times_added) == (FriendStatus.FRIEND, 1)
    assert states(session, running)[0] == "done"


@pytest.mark.parametrize(
    ("why", "state"), [("customer_refused", "refused"), ("customer_limit_exceed", "limited")]
)
def test_the_event_of_a_failed_transfer_is_heard_before_polling_G10(session, running, why, state):
    handed.asked(session, running)
    assert handover_results.failed(session, "ZhaoQian", HERS[0], why, NOW)
    assert states(session, running)[0] == state
    assert not handover_results.failed(session, ZHAO, "wmSTRANGE", why, NOW)


def test_a_new_friend_who_waits_for_it_lets_the_platform_be_asked_at_once(session, running):
    handed.asked(session, running)
    share = handed.share(session, running)
    assert handover_results.news(session, "ZhaoQian", HERS[0], NOW)
    assert share.look_at == NOW + handover_results.NEWS and states(session, running)[0] == "waiting"
    assert not handover_results.news(session, ZHAO, "wmSTRANGE", NOW)


def test_a_call_that_left_no_trace_is_made_again_and_not_for_ever(session, running):
    now = NOW
    for _ in range(handover_results.MOST_ASKED):
        handed.asked(session, running, now=now)
        now += timedelta(hours=25)
        hear(session, running, {}, now)
    assert set(states(session, running)) == {"limited"}


def test_a_refused_call_waits_with_its_words_and_its_customers_stay(session, running):
    handover_calls.put_transfers(session, running.id, NOW)
    [row] = handed.calls(session)
    handover_results.refused(session, row, "这位员工还没有激活或实名", NOW)
    share = handed.share(session, running)
    assert (share.blocked, share.retry_at) == ("这位员工还没有激活或实名", NOW + timedelta(hours=1))
    assert handed.six(session, running).waiting == 6
    assert handover_calls.put_transfers(session, running.id, NOW) == 0
    assert "接不了" in running.story[-1]["words"]


def test_it_asks_often_where_a_day_is_over_and_seldom_before(session, running):
    handed.asked(session, running)
    share = handed.share(session, running)
    assert share.look_at == NOW + handover_results.SOON
    hear(session, running, dict.fromkeys(range(6), 2), NOW + timedelta(minutes=10))
    assert share.look_at == NOW + timedelta(minutes=70)
    hear(session, running, dict.fromkeys(range(6), 2), DAY_LATER)
    assert share.look_at == DAY_LATER + handover_results.SOON
    hear(session, running, dict.fromkeys(range(6), 1), DAY_LATER)
    assert share.look_at is None


def test_groups_change_their_owner_at_once_because_no_event_says_so_F05(session, sqlite_people):
    wang = session.get_one(Guide, sqlite_people.wang.id)
    cast.customer_group(session, wang, "wrONE")
    cast.customer_group(session, wang, "wrTWO")
    handover = handed.confirmed(session, sqlite_people, 1)
    handover_calls.put_groups(session, handover.id, NOW, cast.ZONE)
    [row] = session.exec(select(Outbox).where(Outbox.channel == "group_owner_left")).all()
    handover_results.groups_moved(session, row, {"wrTWO": "这个群已经解散"}, NOW)
    owners = {one.chat_id: one.owner_id for one in session.exec(select(Group))}
    assert owners == {"wrONE": sqlite_people.zhao.id, "wrTWO": sqlite_people.wang.id}
    words = {one.words for one in session.exec(select(HandedGroup))}
    assert words == {"", "这个群已经解散"}


def test_a_friendship_that_ended_before_it_was_asked_is_nobody_s(session, running):
    friend = session.get_one(Friend, handed.rows(session, running)[0].friend_id)
    assert friend.status == FriendStatus.FRIEND
    handed.asked(session, running, {HERS[0]: 84061})
    assert states(session, running)[0] == "not_friend"
