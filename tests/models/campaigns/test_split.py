"""Two texts in one campaign: fixed by customer, two messages per guide, an honest word on the difference; the platform's
book is judge."""

import json

import pytest
from pyroaring import FrozenBitMap
from sqlmodel import select

from models.campaigns import Campaign, CampaignAudience, split
from models.campaigns.split import Arm, Comparison
from models.db.sets import union
from models.errors import Refused
from tests.cast import WANG

ADD = "externalcontact/add_msg_template"
MANY = FrozenBitMap(range(1, 20_001))


def campaign(number=7, percent=30):
    return Campaign(
        id=number, name="x", second_text="另一种", second_percent=percent, launch_at=None, ends_at=None, created_at=None
    )  # fmt: skip


@pytest.mark.parametrize("percent", [1, 30, 50, 99])
def test_so_many_of_a_hundred_get_the_second_text(percent):
    got = len(split.second_of(campaign(percent=percent), MANY))
    assert abs(got - 200 * percent) < 300


def test_who_gets_which_depends_on_the_customer_alone_and_differs_between_campaigns():
    one = split.second_of(campaign(), MANY)
    assert one == split.second_of(campaign(), MANY)
    half = FrozenBitMap(range(1, 10_001))
    assert split.second_of(campaign(), half) == one & half, "whoever's share she is in"
    assert split.second_of(campaign(8), MANY) != one


def test_the_calls_of_a_share_hold_everybody_once():
    members = FrozenBitMap(range(1, 25_001))
    payloads = split.calls(campaign(), members)
    assert [one["part"] for one in payloads] == list(range(len(payloads)))
    pieces = [split.addressed(campaign(), members, one) for one in payloads]
    assert sum(map(len, pieces)) == 25_000 and union(pieces) == members
    assert all(len(one) <= 10_000 for one in pieces)


def test_with_one_text_everything_is_as_it_was():
    plain = campaign()
    plain.second_text = ""
    assert split.calls(plain, MANY) == [{"part": 0}, {"part": 1}]


def texts(stage):
    """(sender, text) → customers, by the platform's book."""
    bodies = [json.loads(one["what"]["request"]) for one in stage.calls(ADD)]
    return {(one["sender"], one["text"]["content"]): set(one["external_userid"]) for one in bodies}


def test_every_customer_gets_one_of_the_two_and_no_guide_sends_one_twice(stage):
    number = stage.launch(text="第一种", second_text="{导购名}的第二种")
    sent = texts(stage)
    everybody = [one for customers in sent.values() for one in customers]
    assert len(everybody) == len(set(everybody)) == 4
    assert {text for _, text in sent} <= {
        "第一种",
        "王芳的第二种",
        "赵倩的第二种",
        "周梅的第二种",
        "高敏的第二种",
    }
    with stage.db.read() as session:
        whole = session.exec(select(CampaignAudience)).one()
        assert whole.second == split.second_of(session.get_one(Campaign, number), whole.members)
    hers = stage.task(stage.people.wang)
    assert len(hers.msgids) == len([key for key in sent if key[0] == WANG])


def test_a_task_is_confirmed_when_both_messages_are_and_both_sides_are_counted(stage):
    number = stage.launch(text="第一种", second_text="第二种")
    for guide in (stage.people.wang, stage.people.zhao, stage.people.zhou):
        task = stage.task(guide)
        for msgid in task.msgids:
            stage.world.confirm(guide.userid, msgid)
    stage.advance(minutes=30)
    stage.collect()
    with stage.db.read() as session:
        it = split.comparison(session, session.get_one(Campaign, number))
        whole = session.exec(select(CampaignAudience)).one()
    assert it.first.customers + it.second.customers == 4
    assert it.first.reached + it.second.reached == len(whole.reached) > 0


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (Arm(100, 50), Arm(100, 55), "可能只是碰巧"),
        (Arm(10_000, 5000), Arm(10_000, 5500), "第二种收到的比例高 3.6 到 6.4 个百分点，多半不是碰巧"),
        (Arm(10_000, 5500), Arm(10_000, 5000), "第一种收到的比例高"),
        (Arm(3, 3), Arm(3, 2), "可能只是碰巧"),
        (Arm(100, 0), Arm(100, 0), "还没有人收到"),
    ],
)
def test_whether_a_difference_may_be_chance_is_said(first, second, words):
    assert words in Comparison(first, second).words


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"second_text": "一样", "text": "一样"}, "second_text"),
        ({"second_text": "x", "channel": "notice"}, "second_text"),
        ({"second_text": "字" * 1400}, "second_text"),
        ({"second_text": "{客户名}"}, "second_text"),
        ({"second_text": "x", "second_percent": 0}, "second_percent"),
        ({"second_text": "x", "second_percent": 100}, "second_percent"),
    ],
    ids=["the same", "another channel", "too long", "no such name", "nobody", "everybody"],
)
def test_what_cannot_be_is_refused_when_it_is_saved_F16(stage, changes, field):
    with pytest.raises(Refused) as refused:
        stage.plan(schedule=False, **changes)
    assert field in refused.value.faults


def test_a_campaign_without_a_second_text_has_no_comparison(stage):
    number = stage.launch()
    with stage.db.read() as session:
        assert split.comparison(session, session.get_one(Campaign, number)) is None
