"""【测试】: real messages to HQ's people and named guides, outside every figure, taken back within a day; the platform's
book is judge."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import Campaign, Task, drafts, rehearsals
from models.campaigns.rehearsals import MARK, Rehearsal
from models.db import count
from models.errors import Refused
from models.ledger.outbox import Outbox, OutboxStatus
from tests import cast
from tests.cast import GAO, WANG

SEND, RECALL = "message/send", "message/recall"


@pytest.fixture
def plan(stage):
    return stage.plan(schedule=False)


@pytest.fixture
def me(stage):
    """何青 of HQ, whose account says how the app reaches her; in the built-in WeCom she is a member like any other."""
    with stage.db.write() as session:
        return cast.account(session, "何青", userid=GAO, now=stage.now).id


def rehearse(stage, number, **to):
    with stage.db.write() as session:
        made = rehearsals.send(session, session.get_one(Campaign, number), who="何青", now=stage.now, **to)
        ids = [one.id for one in made]
    all_out(stage)
    return ids


def all_out(stage):
    """Its messages leave one after the other."""
    with stage.db.read() as session:
        pieces = count(session, Outbox)
    for _ in range(pieces):
        stage.work()
        stage.advance(seconds=rehearsals.APART.seconds)


def bodies(stage, api=SEND):
    return [json.loads(one["what"]["request"]) for one in stage.calls(api)]


def test_hq_gets_what_a_customer_would_get_and_nobody_else_anything(stage, plan, me):
    rehearse(stage, plan, accounts=[me])
    sent = bodies(stage)
    assert len(sent) >= 2 and {one["touser"] for one in sent} == {GAO}
    texts = [one["text"]["content"] for one in sent if one["msgtype"] == "text"]
    assert texts and all(text.startswith(MARK) for text in texts)
    with stage.db.read() as session:
        assert count(session, Task) == 0 and stage.campaign(plan).status == "draft"
        assert session.exec(select(Outbox.campaign_id)).all().count(None) == len(sent), (
            "no figure counts them"
        )


def test_a_named_guide_gets_a_marked_card_and_nothing_to_send(stage, plan):
    (number,) = rehearse(stage, plan, guides=[stage.people.wang.id])
    (sent,) = bodies(stage)
    card = sent["template_card"]
    assert sent["touser"] == WANG and card["main_title"]["title"].startswith(MARK)
    assert card["button_list"][0]["url"].endswith(f"/g/rehearsals/{kept(stage, number).code}")
    assert stage.calls("externalcontact/add_msg_template") == []


def test_its_messages_arrive_in_their_order_and_the_page_asks_again_until_all_have(stage, plan, me):
    with stage.db.write() as session:
        rehearsals.send(session, session.get_one(Campaign, plan), who="何青", now=stage.now, accounts=[me])
    stage.work()
    (first,) = bodies(stage)
    assert "下面就是" in first["text"]["content"], "the poster is drawn last, and nothing overtakes"
    with stage.db.read() as session:
        (one,) = rehearsals.of(session, session.get_one(Campaign, plan), stage.now)
        assert one.under_way and one.arrived == 1
    all_out(stage)
    with stage.db.read() as session:
        (one,) = rehearsals.of(session, session.get_one(Campaign, plan), stage.now)
    assert not one.under_way


def kept(stage, number):
    with stage.db.read() as session:
        return session.get_one(Rehearsal, number)


def withdraw(stage, number):
    with stage.db.write() as session:
        return rehearsals.withdraw(session, session.get_one(Rehearsal, number), "何青", stage.now)


def test_it_is_taken_back_from_the_phone_once_and_only_within_a_day(stage, plan, me):
    (number,) = rehearse(stage, plan, accounts=[me])
    sent = len(bodies(stage))
    assert withdraw(stage, number) == f"撤回给何青的测试，{sent} 条"
    stage.work()
    assert len(stage.calls(RECALL)) == sent and withdraw(stage, number) == ""
    assert taken_back(stage, plan) == "已撤回"
    (late,) = rehearse(stage, plan, guides=[stage.people.wang.id])
    stage.advance(hours=24)
    with pytest.raises(Refused, match="已过 24 小时"):
        withdraw(stage, late)


def taken_back(stage, plan) -> str:
    """How the taking back of the newest one stands, as its page says it."""
    with stage.db.read() as session:
        return rehearsals.of(session, session.get_one(Campaign, plan), stage.now)[0].withdrawn


def test_what_the_platform_refuses_to_take_back_is_not_called_taken_back(stage, plan, me):
    (number,) = rehearse(stage, plan, guides=[stage.people.wang.id])
    stage.world.chaos({"api": RECALL, "errcode": 301021, "times": 9})
    withdraw(stage, number)
    assert taken_back(stage, plan) == "正在撤回"
    stage.work()
    assert taken_back(stage, plan).startswith("1 条没撤回，还在手机上：")


def test_what_was_withdrawn_before_it_left_never_leaves(stage, plan, me):
    with stage.db.write() as session:
        (one,) = rehearsals.send(
            session, session.get_one(Campaign, plan), who="何青", now=stage.now, accounts=[me]
        )
        session.flush()
        rehearsals.withdraw(session, one, "何青", stage.now)
    stage.work()
    assert bodies(stage) == []
    with stage.db.read() as session:
        assert set(session.exec(select(Outbox.status))) == {OutboxStatus.CANCELLED}


def test_two_of_the_same_both_arrive(stage, plan):
    for _ in range(2):
        rehearse(stage, plan, guides=[stage.people.wang.id])
    assert len(bodies(stage)) == 2 and len({str(one) for one in bodies(stage)}) == 2


def test_who_has_no_userid_is_told_what_to_do(stage, plan):
    with stage.db.write() as session:
        nobody = cast.account(session, "周岚", now=stage.now).id
    with pytest.raises(Refused, match="周岚的账号没有写企业微信账号"):
        rehearse(stage, plan, accounts=[nobody])


def test_nobody_too_many_and_too_late_are_refused(stage, plan):
    with pytest.raises(Refused, match="请选先发给谁"):
        rehearse(stage, plan)
    with pytest.raises(Refused, match="最多先发给 10 位"):
        rehearse(stage, plan, guides=list(range(1, 12)))
    with pytest.raises(Refused, match="没有这位导购"):
        rehearse(stage, plan, guides=[4711])
    running = stage.launch()
    with pytest.raises(Refused, match="只能在开始以前"):
        rehearse(stage, running, guides=[stage.people.wang.id])


def test_it_is_known_who_has_seen_the_campaign_as_it_stands(stage, plan, me):
    rehearse(stage, plan, accounts=[me])
    with stage.db.write() as session:
        campaign = session.get_one(Campaign, plan)
        assert rehearsals.seen_by(session, campaign, me)
        campaign.text = "换了一句"
        session.flush()
        assert not rehearsals.seen_by(session, campaign, me)


def test_with_a_draft_that_goes_away_go_its_rehearsals_from_the_phone_too(stage, plan, me):
    rehearse(stage, plan, accounts=[me])
    sent = len(bodies(stage))
    with stage.db.write() as session:
        drafts.discard(session, session.get_one(Campaign, plan), "何青", stage.now)
    stage.work()
    assert len(stage.calls(RECALL)) == sent
    with stage.db.read() as session:
        assert count(session, Rehearsal) == 0


def test_how_it_stands_is_said_for_the_page(stage, plan):
    rehearse(stage, plan, guides=[stage.people.wang.id])
    with stage.db.read() as session:
        (one,) = rehearsals.of(session, session.get_one(Campaign, plan), stage.now)
        assert (one.receiver, one.messages, one.arrived, one.recallable) == ("王芳", 1, 1, True)
        (later,) = rehearsals.of(session, session.get_one(Campaign, plan), stage.now + timedelta(days=1))
        assert not later.recallable


def test_who_has_left_gets_none_and_of_whom_it_did_not_reach_in_time_the_page_says_so(stage, plan):
    with stage.db.write() as session:
        wang = session.merge(stage.people.wang)
        made = rehearsals.send(
            session, session.get_one(Campaign, plan), who="何青", now=stage.now, guides=[wang.id]
        )
        assert len(made) == 1
        wang.leave("sync", stage.now)
    stage.work()
    assert stage.arrived("card", WANG) == []
    with stage.db.write() as session:
        (told,) = rehearsals.of(session, session.get_one(Campaign, plan), stage.now)
        assert (told.messages, told.arrived) == (1, 0) and "已离职" in told.reason
        with pytest.raises(Refused, match="不在岗"):
            rehearsals.send(
                session, session.get_one(Campaign, plan), who="何青", now=stage.now, guides=[wang.id]
            )
