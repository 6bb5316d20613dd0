"""The timetable looks after what runs: one look pauses what fails too often, and leaves the others alone."""

from datetime import timedelta

from sqlalchemy import event
from sqlmodel import select

from models.campaigns import Campaign, CampaignStatus
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler.jobs import watch
from tests import cast


def calls(session, number, status, many, now):
    for n in range(many):
        session.add(
            Outbox(
                key=f"{number}:{status}:{n}",
                channel="mass",
                lane="bulk",
                status=status,
                due_at=now,
                created_at=now,
                campaign_id=number,
                done_at=now,
                reason="平台不让发",
            )  # fmt: skip
        )


def test_one_look_stops_what_fails_and_leaves_the_others_alone(campaign_stage):
    stage, now = campaign_stage, campaign_stage.now
    with stage.db.write() as session:
        bad, good, launching = (
            cast.campaign(session, name=name, planned_at=at).id
            for name, at in (("坏的", now), ("好的", now), ("还在建任务", None))
        )
        for number in (bad, good, launching):
            calls(session, number, OutboxStatus.QUEUED, 1, now)
            calls(session, number, OutboxStatus.SENT, 10, now)
        for number in (bad, launching):
            calls(session, number, OutboxStatus.NOT_SENT, 10, now)
    assert watch.look_after(stage.runtime, now + timedelta(seconds=5)) == "自动暂停 1"
    with stage.db.read() as session:
        states = {one.name: one.status for one in session.exec(select(Campaign))}
    assert states == {
        "坏的": CampaignStatus.PAUSED,
        "好的": CampaignStatus.RUNNING,
        "还在建任务": CampaignStatus.RUNNING,
    }
    assert watch.look_after(stage.runtime, now + timedelta(seconds=10)) == ""


def test_a_look_that_finds_nothing_opens_no_writing_transaction(campaign_stage):
    stage, now = campaign_stage, campaign_stage.now
    with stage.db.write() as session:
        number = cast.campaign(session, planned_at=now).id
        calls(session, number, OutboxStatus.QUEUED, 1, now)
        calls(session, number, OutboxStatus.SENT, 20, now)
    said: list[str] = []
    event.listen(stage.db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    watch.look_after(stage.runtime, now + timedelta(seconds=5))
    assert said and "BEGIN IMMEDIATE" not in said
    with stage.db.write() as session:
        calls(session, number, OutboxStatus.NOT_SENT, 10, now)
    said.clear()
    watch.look_after(stage.runtime, now + timedelta(seconds=10))
    assert said.count("BEGIN IMMEDIATE") == 1
