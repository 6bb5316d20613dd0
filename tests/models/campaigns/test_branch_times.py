"""Branches begin one after the other inside one campaign: frozen together, let go each at its time; the platform's book is
judge."""

import pytest
from sqlmodel import select

from models import delivery_decisions
from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignAudience, CampaignStatus, lifecycle, pilot, planning, run_rules
from models.campaigns.funnel import funnel
from models.campaigns.run_rules import Pilot, PilotBy, RunRules
from models.db import count
from models.errors import Refused
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Branch
from scheduler import jobs
from scheduler.jobs import watch
from tests import cast

ADD = "externalcontact/add_msg_template"


@pytest.fixture
def west(stage):
    """周梅's store belongs to another branch than the others'."""
    with stage.db.write() as session:
        branch = cast.add(session, Branch(code="west", name="西部分公司"))
        session.merge(stage.people.taiyuanjie).branch_id = branch.id
        return branch.id


@pytest.fixture
def launched(stage, west):
    def launch(minutes=60, **more):
        made = stage.plan(schedule=False)
        with stage.db.write() as session:
            campaign = session.get_one(Campaign, made)
            rules = RunRules(branch_delays={west: minutes}, **more)
            assert run_rules.complaints(session, campaign, rules) == {}
            campaign.rules = run_rules.plain(rules)
            campaign.status = CampaignStatus.SCHEDULED
        jobs.launch(stage.runtime, stage.now)
        stage.work()
        return made

    return launch


def look_after(stage):
    said = watch.look_after(stage.runtime, stage.now)
    stage.work()
    return said


def test_a_branch_begins_at_its_own_time_with_the_names_that_were_frozen_at_the_start(stage, launched):
    number = launched(60)
    assert len(stage.calls(ADD)) == 2
    with stage.db.read() as session:
        assert len(session.exec(select(CampaignAudience)).one().members) == 4, "frozen for all at the launch"
    stage.advance(minutes=59)
    assert look_after(stage) == "" and len(stage.calls(ADD)) == 2
    stage.advance(minutes=1)
    assert look_after(stage) == "分公司开始 1" and len(stage.calls(ADD)) == 3
    assert look_after(stage) == "" and stage.campaign(number).status == CampaignStatus.RUNNING
    with stage.db.read() as session:
        said = session.exec(select(Audit.detail).where(Audit.verb == "campaign.branch")).one()
    assert said == "西部分公司 开始，1 件"


def test_a_pause_holds_it_past_its_time_and_going_on_lets_only_those_go_whose_time_has_come(stage, launched):
    number = launched(60)
    stage.do(lifecycle.pause, number)
    stage.do(lifecycle.resume, number)
    stage.work()
    assert len(stage.calls(ADD)) == 2, "going on is not its time"
    stage.do(lifecycle.pause, number)
    stage.advance(minutes=61)
    assert look_after(stage) == ""
    stage.do(lifecycle.resume, number)
    assert look_after(stage) == "分公司开始 1" and len(stage.calls(ADD)) == 3


def test_the_rest_after_a_pilot_still_waits_for_its_branch(stage, launched):
    store = stage.people.zhongjie.id
    number = launched(60, pilot=Pilot(by=PilotBy.STORE, number=store))
    assert len(stage.calls(ADD)) == 2
    stage.do(pilot.go_on, number)
    stage.work()
    assert len(stage.calls(ADD)) == 2
    stage.advance(minutes=60)
    look_after(stage)
    assert len(stage.calls(ADD)) == 3


def test_a_stop_takes_back_what_waits_for_its_branch(stage, launched):
    number = launched(60)
    assert stage.do(lifecycle.cancel, number).startswith("周岚 停止。1 件还没发出的已撤下")
    stage.advance(minutes=60)
    look_after(stage)
    assert len(stage.calls(ADD)) == 2
    assert OutboxStatus.HELD not in [row.status for row in stage.rows("mass")]


@pytest.mark.parametrize(
    ("channel", "minutes", "words"),
    [("mass", 0, "以后"), ("mass", 24 * 60, "截止以前"), ("notice", 60, "只有群发助手")],
    ids=["at the start", "after the end", "no call per guide"],
)
def test_what_cannot_be_is_refused_when_it_is_saved_F16(stage, west, channel, minutes, words):
    made = stage.plan(schedule=False, channel=channel)
    rules = RunRules(branch_delays={west: minutes})
    with stage.db.write() as session, pytest.raises(Refused, match=words):
        campaign = session.get_one(Campaign, made)
        planning.change_rules(session, campaign, rules, who="周岚", account_id=None, now=stage.now)


def test_a_branch_outside_the_scope_is_refused(stage, west):
    made = stage.plan(schedule=False, scope={"stores": [stage.people.zhongjie.id]})
    with stage.db.read() as session:
        found = run_rules.complaints(
            session, session.get_one(Campaign, made), RunRules(branch_delays={west: 60})
        )
    assert found == {f"branch_delays.{west}": "这次没有发给这个分公司"}


def test_a_branch_that_waits_for_its_time_is_no_question_of_a_restore(stage, launched):
    """Nobody is asked to let it go, and whoever lets everything else go or drops it leaves it alone."""
    number = launched(60)
    with stage.db.read() as session:
        assert count(session, Outbox, delivery_decisions.held_by_restore()) == 0
        why = funnel(session, number).lost[0].details
    assert any("这个分公司晚些开始" in one for one in why) and not any("暂停" in one for one in why)
    assert delivery_decisions.release_all(stage.db, "周岚", stage.now) == 0
    assert delivery_decisions.drop_all(stage.db, "周岚", stage.now) == 0
    stage.advance(minutes=60)
    assert look_after(stage) == "分公司开始 1" and len(stage.calls(ADD)) == 3
