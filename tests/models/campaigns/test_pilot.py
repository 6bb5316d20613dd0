"""A small part goes first: who, what the others wait for, and that nothing goes twice; the platform's book is judge."""

import pytest
from sqlmodel import select

from models import delivery_decisions
from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignAudience, CampaignStatus, lifecycle, pilot, run_rules
from models.campaigns.run_rules import Pilot, PilotBy, RunRules
from models.errors import Refused
from models.ledger.outbox import OutboxStatus
from scheduler import jobs
from scheduler.jobs import watch
from tests.cast import ZHOU

ADD = "externalcontact/add_msg_template"


@pytest.fixture
def trial(stage):
    """A campaign whose first part is one store, or what is asked for."""

    def launched(by=PilotBy.STORE, number=None, **more):
        made = stage.plan(schedule=False)
        place = number or (stage.people.taiyuanjie.id if by == PilotBy.STORE else 1)
        rules = RunRules(pilot=Pilot(by=by, number=place, **more))
        with stage.db.write() as session:
            campaign = session.get_one(Campaign, made)
            campaign.rules = run_rules.plain(rules)
            campaign.status = CampaignStatus.SCHEDULED
        jobs.launch(stage.runtime, stage.now)
        stage.work()
        return made

    return launched


def look_after(stage):
    return watch.look_after(stage.runtime, stage.now)


def test_one_store_goes_first_and_the_rest_is_frozen_but_waits_F13(stage, trial):
    number = trial()
    stage.advance(minutes=30)
    stage.work()
    assert [row.status for row in stage.rows("mass")].count(OutboxStatus.HELD) == 2
    assert len(stage.calls(ADD)) == 1 and stage.task(stage.people.zhou).pilot
    with stage.db.read() as session:
        it = pilot.numbers(session, session.get_one(Campaign, number))
        assert (it.guides, it.customers, it.rest_guides, it.rest_customers) == (1, 1, 2, 3)
        everybody = session.exec(select(CampaignAudience)).one()
        assert len(everybody.members) == 4, "frozen for all at the launch"
        said = session.exec(select(Audit.detail).where(Audit.verb == "campaign.pilot")).one()
    assert said == "先发给 1 位导购、1 位客户，其余 2 位导购等着"


def test_a_person_lets_the_rest_go_and_nothing_goes_twice(stage, trial):
    number = trial()
    assert stage.do(pilot.go_on, number) == "其余 2 位导购、3 位客户 也开始发"
    stage.work()
    assert len(stage.calls(ADD)) == 3
    with pytest.raises(Refused, match="其余的已经发了"):
        stage.do(pilot.go_on, number)
    stage.tick()
    assert len(stage.calls(ADD)) == 3


def test_neither_going_on_after_a_pause_nor_releasing_deliveries_lets_the_rest_go(stage, trial):
    number = trial()
    stage.do(lifecycle.pause, number)
    stage.do(lifecycle.resume, number)
    with stage.db.write() as session:
        delivery_decisions.release(session, stage.now, "周岚")
    stage.tick()
    assert len(stage.calls(ADD)) == 1


def test_a_good_pilot_goes_on_by_itself_when_its_time_has_come(stage, trial):
    number = trial(by_rule=True, minutes=60)
    stage.cards_out()
    stage.world.confirm(ZHOU, stage.task(stage.people.zhou).msgid)
    stage.advance(minutes=50)
    stage.collect()
    assert look_after(stage) == ""
    stage.work()
    assert len(stage.calls(ADD)) == 1, "not before its time"
    stage.advance(minutes=10)
    assert look_after(stage) == "看过试点 1"
    stage.work()
    assert len(stage.calls(ADD)) == 3 and stage.campaign(number).pilot_over_at == stage.now


def test_a_pilot_that_is_not_confirmed_stops_and_asks_and_a_person_lets_the_rest_go(stage, trial):
    number = trial(by_rule=True, minutes=60)
    stage.advance(minutes=61)
    look_after(stage)
    kept = stage.campaign(number)
    assert kept.status == CampaignStatus.PAUSED
    assert kept.status_words == "先发的 1 位导购里 1 位还没确认，其余 2 位导购没有发，等总部决定"
    stage.do(lifecycle.resume, number)
    stage.advance(hours=1)
    look_after(stage)
    assert stage.campaign(number).status == CampaignStatus.RUNNING, "it asks once"
    stage.do(pilot.go_on, number)
    stage.work()
    assert len(stage.calls(ADD)) == 3


def test_failures_of_the_first_part_are_named(stage, trial):
    stage.world.chaos({"api": ADD, "errcode": 60111, "times": 1})
    number = trial(by_rule=True, minutes=60)
    stage.world.chaos()
    stage.advance(minutes=61)
    look_after(stage)
    words = stage.campaign(number).status_words
    assert "1 位客户没送出（100.0%）" in words and "等总部决定" in words


@pytest.mark.parametrize(("percent", "first"), [(1, 1), (34, 2), (50, 2)])
def test_a_share_is_at_least_one_guide_and_always_the_same(stage, trial, percent, first):
    number = trial(PilotBy.PERCENT, percent)
    with stage.db.read() as session:
        campaign = session.get_one(Campaign, number)
        assert pilot.numbers(session, campaign).guides == first
        one = pilot._chosen(session, campaign, Pilot(number=percent))
        assert one == pilot._chosen(session, campaign, Pilot(number=percent)) and len(one) == first
    assert len(stage.calls(ADD)) == first


def test_where_nobody_of_the_first_part_can_send_hq_is_asked(stage, trial):
    with stage.db.write() as session:
        session.merge(stage.people.zhou).store_id = stage.people.zhongjie.id
    number = trial()
    kept = stage.campaign(number)
    assert kept.status == CampaignStatus.PAUSED and "没有可以发的导购，一个也没有发" in kept.status_words
    assert stage.calls(ADD) == []


def test_a_stop_takes_the_waiting_rest_back_too(stage, trial):
    number = trial()
    assert stage.do(lifecycle.cancel, number).startswith("周岚 停止。2 件还没发出的已撤下")
    with pytest.raises(Refused):
        stage.do(pilot.go_on, number)
    stage.advance(seconds=60)
    stage.work()
    assert len(stage.calls(ADD)) == 1
