"""Assignment rules as data: an order that cannot hold is refused in words; drafts, what holds, and what has held."""

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.errors import Refused
from models.friends import rule_sets
from models.friends.rule_sets import DEFAULT, RuleSet, RuleSetStatus
from tests.cast import NOW

ORDER = [
    {"rule": "code"},
    {"rule": "on_shift"},
    {"rule": "cap", "per_day": 20},
    {"rule": "least"},
    {"rule": "queue"},
]


def test_what_was_there_from_the_beginning_can_hold_and_holds_until_somebody_publishes(
    session, sqlite_people
):
    assert rule_sets.checked(DEFAULT) == list(DEFAULT)
    assert rule_sets.live(session, sqlite_people.northeast.id).version == 0


@pytest.mark.parametrize(
    ("rules", "place", "words"),
    [
        ([], "rules", "最后一条要是待领"),
        ([{"rule": "code"}], "rules", "最后一条要是待领"),
        ([{"rule": "queue"}, {"rule": "queue"}], "rules", "「谁来领」只能有一条"),
        (
            [{"rule": "least"}, {"rule": "code"}, {"rule": "queue"}],
            "rules",
            "「码是谁的」要排在「店里谁今天新好友最少」前面",
        ),
        ([{"rule": "least"}, {"rule": "turns"}, {"rule": "queue"}], "rules", "现在有 2 种"),
        ([{"rule": "on_shift"}, {"rule": "queue"}], "rules", "就还要一条怎么在店里挑人"),
        ([{"rule": "luck"}, {"rule": "queue"}], "rules.0", "不认识这条规则"),
        ([{"rule": "queue", "minutes": 0}], "rules.0", "要在 1 到 1440 之间"),
        ([{"rule": "queue", "minutes": True}], "rules.0", "要在 1 到 1440 之间"),
        ([{"rule": "queue", "hours": 1}], "rules.0", "没有「hours」"),
        (
            [{"rule": "cap", "branches": {"x": 3}}, {"rule": "least"}, {"rule": "queue"}],
            "rules.0",
            "要在 1 到 1000 之间",
        ),
        ([{"rule": "share", "guides": [1]}, {"rule": "queue"}], "rules.0", "单独写的最多"),
    ],
)
def test_an_order_that_cannot_hold_says_why(rules, place, words):
    with pytest.raises(Refused) as refused:
        rule_sets.checked(rules)
    assert list(refused.value.faults) == [place]
    assert words in refused.value.faults[place]


def test_a_draft_changes_nothing_until_it_is_published_and_then_the_next_scan(session, sqlite_people):
    east = sqlite_people.east.id
    draft = rule_sets.draft(session, None, ORDER, "周岚", NOW)
    again = rule_sets.draft(session, None, ORDER[:1] + ORDER[-1:], "周岚", NOW)
    assert (draft.id, len(again.rules), rule_sets.live(session, east).version) == (again.id, 2, 0)
    rule_sets.publish(session, draft, "周岚", NOW)
    assert rule_sets.live(session, east).version == draft.version == 1
    with pytest.raises(Refused, match="已经不是草稿"):
        rule_sets.publish(session, draft, "周岚", NOW)


def test_hq_tries_a_draft_in_one_branch_first_and_the_others_stay(session, sqlite_people):
    northeast, east = sqlite_people.northeast.id, sqlite_people.east.id
    draft = rule_sets.draft(session, None, ORDER, "周岚", NOW)
    rule_sets.publish(session, draft, "周岚", NOW, branch_id=northeast)
    assert (rule_sets.live(session, northeast).version, rule_sets.live(session, east).version) == (2, 0)
    assert draft.status == RuleSetStatus.DRAFT
    assert [one.name for one in rule_sets.with_own(session)] == ["东北分公司"]
    rule_sets.publish(session, draft, "周岚", NOW)
    assert (rule_sets.live(session, northeast).version, rule_sets.live(session, east).version) == (2, 1)
    assert rule_sets.follow_hq(session, northeast, "周岚", NOW)
    assert not rule_sets.follow_hq(session, northeast, "周岚", NOW)
    assert rule_sets.live(session, northeast).version == 1


def test_an_earlier_version_holds_again_as_a_new_one(session, sqlite_people):
    first = rule_sets.publish(session, rule_sets.draft(session, None, ORDER, "周岚", NOW), "周岚", NOW)
    second = rule_sets.publish(session, rule_sets.draft(session, None, ORDER[-1:], "周岚", NOW), "周岚", NOW)
    with pytest.raises(Refused, match="以前用过"):
        rule_sets.back_to(session, second, "周岚", NOW)
    again = rule_sets.back_to(session, first, "周岚", NOW)
    assert rule_sets.live(session, None).rules == tuple(first.rules)
    assert [one.version for one in rule_sets.history(session, None)] == [
        again.version,
        second.version,
        first.version,
    ]
    verbs = [row.verb for row in session.exec(select(Audit).order_by(Audit.id))]
    assert verbs == ["rule_set.publish", "rule_set.publish", "rule_set.back"]


def test_a_draft_is_thrown_away_once(session, sqlite_people):
    rule_sets.draft(session, sqlite_people.east.id, ORDER, "刘影", NOW)
    found = [rule_sets.discard(session, sqlite_people.east.id, "刘影", NOW) for _time in range(2)]
    assert (found, session.exec(select(RuleSet)).all()) == ([True, False], [])
