"""Each rule that HQ can put into the order: whom it finds, whom it leaves, and what it says."""

from datetime import timedelta
from itertools import count

import pytest

from models.friends import Customer, Friend, assignment
from models.friends.rule_sets import Rules, checked
from models.org import Guide, shifts
from tests import cast
from tests.cast import NOW, ZONE

STORE_PICKS = [{"rule": "code"}, {"rule": "on_shift"}, {"rule": "least"}]
QUEUE = {"rule": "queue"}


@pytest.fixture
def pick(session, sqlite_people):
    """Somebody scans the code of 沈阳中街店, and the platform gives her to this guide."""

    codes = count()

    def decide(rules, owner=None, *, customer="", at=NOW, code=True):
        held = Rules(tuple(checked([*rules, QUEUE])), 7)
        known = (
            cast.ready_code(session, store=sqlite_people.zhongjie, state=f"st{next(codes)}") if code else None
        )
        owner = session.get_one(Guide, (owner or sqlite_people.zhou).id)
        friend = None
        if customer:
            row = session.get_one(Customer, customer)
            friend = Friend(customer_id=row.id, owner_id=owner.id, added_at=at, changed_at=at)
        return assignment.pick(session, known, owner, at, ZONE, friend=friend, rules=held)

    return decide


def said(picked):
    return {step["rule"]: str(step["answer"]) for step in picked.steps if step["answer"]}


def off(session, guide, *, hours=("", ""), at=NOW):
    opens, closes = hours
    day = at.astimezone(ZONE).date()
    shifts.change(session, guide, day, off=not opens, opens=opens, closes=closes, who="马骁", now=NOW)


def befriend(session, guide, times):
    for number in range(times):
        cast.befriend(session, guide, f"wm{guide.userid}{number}")


def test_only_those_on_shift_are_left_and_each_other_one_is_named(pick, session, sqlite_people):
    off(session, sqlite_people.wang)
    off(session, sqlite_people.zhao, hours=("14:00", "22:00"))
    picked = pick(STORE_PICKS)
    assert (picked.guide.name, picked.rule, said(picked)["on_shift"]) == ("高敏", "least", "3 位里留下 1 位")
    assert {guide_id: str(words) for guide_id, (_rule, words) in picked.refused.items()} == {
        sqlite_people.wang.id: "王芳今天休息",
        sqlite_people.zhao.id: "赵倩 14:00 才上班",
    }
    assert picked.version == 7


def test_the_platform_s_choice_stands_only_where_the_rules_below_leave_her(pick, session, sqlite_people):
    assert pick(STORE_PICKS, sqlite_people.wang).guide.name == "王芳"
    off(session, sqlite_people.wang)
    picked = pick(STORE_PICKS, sqlite_people.wang)
    assert (picked.guide.name, picked.rule) == ("赵倩", "least")
    assert "平台给了王芳，王芳今天休息" in said(picked)["code"]
    assert [step["outcome"] for step in picked.steps] == ["narrowed", "narrowed", "hit"]


def test_before_the_door_opens_a_friend_waits_in_the_store_s_queue_G07(pick, sqlite_people):
    picked = pick(STORE_PICKS, at=NOW - timedelta(hours=1))
    assert (picked.guide, picked.rule, picked.store.name) == (None, "queue", "沈阳中街店")
    assert said(picked)["on_shift"] == "3 位都不行：店里 10:00 开门"
    assert picked.reason == "沈阳中街店待领，15 分钟没人领转分公司待领"
    assert assignment.columns(picked)["unclaimed_at"] == NOW - timedelta(hours=1)


def test_who_has_as_many_as_one_may_is_passed_over_and_a_branch_may_allow_more_G07(
    pick, session, sqlite_people
):
    cap = {"rule": "cap", "per_day": 2}
    befriend(session, sqlite_people.zhao, 2)
    befriend(session, sqlite_people.gao, 2)
    rules = [{"rule": "code"}, cap, {"rule": "least"}]
    assert pick(rules).guide.name == "王芳"
    befriend(session, sqlite_people.wang, 3)
    full = pick(rules)
    assert (full.guide, said(full)["cap"]) == (None, "3 位都不行：王芳到了 2 位")
    more = [{"rule": "code"}, cap | {"branches": {str(sqlite_people.northeast.id): 3}}, {"rule": "least"}]
    assert pick(more).guide.name == "赵倩"


def test_turns_go_round_whatever_the_day_was_like(pick, session, sqlite_people):
    rules = [{"rule": "code"}, {"rule": "turns"}]
    for minutes, guide in enumerate((sqlite_people.gao, sqlite_people.wang, sqlite_people.zhao)):
        cast.befriend(
            session, guide, f"wmTurn{minutes}", at=NOW - timedelta(days=1) + timedelta(minutes=minutes)
        )
    assert pick(rules).guide.name == "高敏"
    cast.befriend(session, sqlite_people.gao, "wmTurn9")
    assert pick(rules).guide.name == "王芳"


def test_by_share_the_manager_gets_her_part_and_no_more(pick, session, sqlite_people):
    rules = [{"rule": "code"}, {"rule": "share", "manager": 50, "guides": {str(sqlite_people.zhao.id): 0}}]
    names = []
    for number in range(6):
        guide = pick(rules).guide
        names.append(guide.name)
        cast.befriend(session, guide, f"wmShare{number}")
    assert (names.count("王芳"), names.count("高敏"), names.count("赵倩")) == (4, 2, 0)


def test_the_member_system_s_guide_goes_first_and_what_is_not_known_is_said(pick, session, sqlite_people):
    rules = [{"rule": "own_guide"}, {"rule": "code"}, {"rule": "least"}]
    known = cast.befriend(session, sqlite_people.zhou, cast.XU)
    customer = session.get_one(Customer, known.customer_id)
    assert said(pick(rules, customer=customer.id))["own_guide"] == "会员系统没有告诉我们她的专属导购"
    customer.own_guide_id = sqlite_people.zhou.id
    picked = pick(rules, sqlite_people.wang, customer=customer.id)
    assert (picked.guide.name, picked.store.name) == ("周梅", "沈阳太原街店"), "也算别家店的"
    session.get_one(Guide, sqlite_people.zhou.id).leave("sync", NOW)
    assert "周梅，她已经不在岗" in said(pick(rules, customer=customer.id))["own_guide"]


def test_before_the_scan_a_store_is_near_and_one_of_it_is_chosen(session, sqlite_people):
    rules = Rules(tuple(checked([{"rule": "nearest"}, {"rule": "on_shift"}, {"rule": "least"}, QUEUE])), 1)
    off(session, sqlite_people.wang)
    picked = assignment.choose(session, None, sqlite_people.zhongjie, NOW, ZONE, rules=rules)
    assert (picked.guide.name, said(picked)["nearest"]) == ("赵倩", "定在沈阳中街店")
    nowhere = assignment.choose(session, None, None, NOW, ZONE, rules=rules)
    assert (nowhere.guide, nowhere.rule) == (None, "nobody")


def test_before_the_scan_whoever_serves_her_already_is_shown(session, sqlite_people):
    known = cast.befriend(session, sqlite_people.zhou, cast.XU)
    customer = session.get_one(Customer, known.customer_id)
    picked = assignment.choose(session, None, sqlite_people.zhongjie, NOW, ZONE, customer=customer)
    assert (picked.guide.name, picked.rule) == ("周梅", "before")


def test_without_any_rule_of_the_store_a_friend_is_never_lost(pick, session, sqlite_people):
    picked = pick([], code=False)
    assert (picked.guide, picked.rule, picked.store.name) == (None, "queue", "沈阳太原街店")
