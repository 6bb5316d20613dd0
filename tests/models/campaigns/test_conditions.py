"""Conditions of an audience leave somebody out for a reason in words, and what they cannot be is said at save time."""

import pytest

from models.campaigns import conditions, planning
from models.campaigns.fields import CampaignFields
from models.errors import Refused
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU
from tests.models.campaigns.selecting import BEFORE, DAY, earlier, launched, plan, preview

NEW, SCANNED = "wmNew", "wmScanned"


@pytest.fixture
def db(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        for name in (XU, LIN, CHEN):
            cast.befriend(session, sqlite_people.wang, name, at=BEFORE)
        cast.befriend(session, sqlite_people.wang, NEW, at=NOW - 3 * DAY)
        code = cast.ready_code(session, guide=sqlite_people.wang)
        cast.befriend(session, sqlite_people.wang, SCANNED, at=BEFORE).code_id = code.id
        earlier(session, XU, days=20, name="上新")
        past = earlier(session, XU, LIN, days=25, reached=False, name="店庆")
        assert (code.id, past.id) == (1, 2)
    return sqlite_database


@pytest.mark.parametrize(
    ("asked", "words", "out"),
    [
        ({"at_least_days": 7}, "好友不满 7 天", {NEW}),
        ({"at_most_days": 7}, "好友超过 7 天", {XU, LIN, CHEN, SCANNED}),
        ({"codes": [1]}, "不是扫选中的码来的", {XU, LIN, CHEN, NEW}),
        ({"campaign_id": 1, "part": "reached"}, "没有收到「上新」", {LIN, CHEN, NEW, SCANNED}),
        ({"campaign_id": 2}, "不在「店庆」没收到的人里", {CHEN, NEW, SCANNED}),
        ({"untouched_days": 22}, "22 天内联系过", {XU}),
        ({"untouched_days": 10}, "", set()),
    ],
)
def test_whoever_does_not_meet_a_condition_is_left_out_in_its_words(db, asked, words, out):
    with db.write() as session:
        made = plan(session, conditions=asked)
    before = preview(db, made)
    assert before[1] == ({words: out} if words else {}) and before == launched(db, made)


def test_whoever_has_been_the_friend_of_one_of_her_guides_long_enough_is_meant(db, sqlite_people):
    with db.write() as session:
        cast.befriend(session, sqlite_people.zhou, NEW, at=BEFORE)
        made = plan(session, conditions={"at_least_days": 7})
    assert preview(db, made)[1] == {}


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"colour": "red"}, "conditions", "没有叫 colour 的条件"),
        ({"at_least_days": "many"}, "conditions.at_least_days", "成为好友至少几天填的不对"),
        ({"at_least_days": 0}, "conditions.at_least_days", "在 1 到 3650 之间"),
        ({"at_least_days": 9, "at_most_days": 8}, "conditions.at_most_days", "不会有人"),
        ({"codes": [7]}, "conditions.codes", "没有编号是 7 的码"),
        ({"campaign_id": 99}, "conditions.campaign_id", "没有这个活动"),
        ({"part": "all"}, "conditions.part", "哪一部分填的不对"),
    ],
)
def test_a_condition_that_cannot_be_is_refused_at_save_time(db, asked, field, words):
    fields = CampaignFields(name="初雪", text="雪", launch_at=NOW, ends_at=NOW + DAY, conditions=asked)
    with pytest.raises(Refused) as refused, db.write() as session:
        planning.create(session, fields, who="周岚", account_id=None, now=NOW - DAY)
    assert words in refused.value.faults[field]


def test_conditions_are_about_customers(db):
    with db.read() as session:
        found = conditions.complaints(session, {"at_least_days": 7}, "groups")
    assert found == {"conditions": "人群条件只用于发给客户的活动"}


def test_a_campaign_keeps_only_what_asks_something():
    assert conditions.Conditions().chosen == {}
    assert conditions.Conditions(campaign_id=3, at_least_days=7).chosen == {
        "at_least_days": 7,
        "campaign_id": 3,
        "part": "missed",
    }
