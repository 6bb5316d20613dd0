"""What time does to campaigns: they start, together when many are due."""

from datetime import timedelta

from sqlmodel import select

from models.campaigns import Campaign, CampaignStatus, Task
from models.campaigns.announcements import Announcement
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler import jobs
from scheduler.jobs import campaigns
from tests import cast


def test_campaigns_and_announcements_start_when_their_time_has_come(stage):
    with stage.db.write() as session:
        cast.befriend(session, stage.cast.wang, cast.XU)
        cast.campaign(
            session,
            status=CampaignStatus.SCHEDULED,
            launch_at=stage.now - timedelta(seconds=1),
            ends_at=stage.now + timedelta(hours=6),
        )
        group = cast.internal_group(session)
        session.add(
            Announcement(
                title="打烊",
                text="今晚九点打烊",
                groups=[group.id],
                launch_at=stage.now,
                created_at=stage.now,
            )
        )
    assert jobs.launch(stage.runtime, stage.now) == "开始活动 1，发出公告 1"
    with stage.db.read() as session:
        assert session.exec(select(Campaign.status)).one() == "running"
    assert jobs.launch(stage.runtime, stage.now) == ""


def test_many_plans_of_the_same_second_all_start_and_none_is_too_fast_for_the_platform_E08(sqlite_stage):
    """The robot of one group may speak 20 times a minute; what is over waits for its turn, with words."""
    stage = sqlite_stage
    stage.clock.stop()
    group = stage.robot()
    with stage.db.write() as session:
        for number in range(25):
            session.add(
                Announcement(
                    title=f"第 {number} 条",
                    text=f"第 {number} 条",
                    groups=[group],
                    launch_at=stage.now,
                    created_at=stage.now,
                )
            )
    assert jobs.launch(stage.runtime, stage.now) == "发出公告 25"
    assert jobs.launch(stage.runtime, stage.now) == ""
    rows = [stage.deliver(row.id) for row in stage.rows(channel="robot")]
    late = [row for row in rows if row.status == OutboxStatus.QUEUED]
    assert (len(rows), len(late)) == (25, 5)
    assert all("每分钟最多 20 条" in row.reason for row in late)
    stage.clock.move(seconds=62)
    stage.world.advance(62)
    assert {stage.deliver(row.id).status for row in late} == {OutboxStatus.SENT}
    said = [row["what"]["text"]["content"] for row in stage.world.ledger("robot")]
    assert len(said) == len(set(said)) == 25


def test_a_manager_has_one_guide_reminded_once_and_nobody_else(sqlite_stage):
    stage = sqlite_stage
    with stage.db.write() as session:
        running = cast.campaign(session, now=stage.now)
        running.ends_at = stage.now + timedelta(hours=3)
        wanted = cast.task(session, running, stage.cast.wang, card_sent_at=stage.now, remind_at=stage.now)
        cast.task(session, running, stage.cast.zhao, card_sent_at=stage.now)
        stopped = cast.campaign(session, name="停了", status=CampaignStatus.CANCELLED)
        late = cast.task(session, stopped, stage.cast.wang, card_sent_at=stage.now, remind_at=stage.now)
        numbers = wanted.id, late.id
    campaigns.send_reminders(stage.runtime, stage.now)
    assert campaigns.send_reminders(stage.runtime, stage.now) == ""
    with stage.db.read() as session:
        keys = session.exec(select(Outbox.key).where(Outbox.key.startswith("remind:"))).all()
        assert len(keys) == 1 and keys[0].startswith(f"remind:{wanted.id}:")
        assert [session.get_one(Task, number).remind_at for number in numbers] == [None, None]
