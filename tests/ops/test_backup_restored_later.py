"""After a restore nothing leaves that was due or could be told before it, whatever makes it, until a person says so (D08).

One day is played on the built-in WeCom with a backup after each of its steps; each of them is restored at the day's end,
and the timetable runs for another day. The platform's own book is the judge.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import delete, select

from models import delivery_decisions
from models.campaigns import (
    Campaign,
    CampaignAudience,
    CampaignStatus,
    Task,
    TaskAudience,
    announcements,
    cards,
    lifecycle,
)
from models.encryption import fingerprint
from models.friends import entry_codes
from models.groups.robots import Robot
from models.ledger.outbox import FROM_BACKUP, Outbox, OutboxStatus
from models.org import find_guide
from ops import backup
from scheduler import JOBS
from scheduler.queue import recovery
from tests import cast
from tests.campaign_stage import Stage
from tests.cast import LIN, WANG, ZHOU
from tests.wecom_world import WEBHOOK

EFFECTS = (
    "message/send",
    "message/update_template_card",
    "externalcontact/add_msg_template",
    "externalcontact/cancel_groupmsg_send",
    "externalcontact/remind_groupmsg_send",
    "externalcontact/send_welcome_msg",
    "externalcontact/add_contact_way",
    "webhook/send",
)
HOUR = 3600
STEPS = (
    "planned", "called_without_answer", "found_out", "cards_sent", "second_campaign", "third_waits",
    "confirmed", "reminder_asked", "reminded", "paused_half_way", "gone_on", "new_friend",
)  # fmt: skip


@pytest.fixture
def stage(campaign_stage: Stage) -> Stage:
    with campaign_stage.db.write() as session:
        inside = cast.internal_group(session)
        cast.customer_group(session, campaign_stage.people.zhou, now=campaign_stage.now - timedelta(days=9))
        key = campaign_stage.runtime.encryption.encrypt(WEBHOOK)
        hashed, tail = fingerprint(WEBHOOK), WEBHOOK[-4:]
        session.add(
            Robot(group_id=inside.id, name="播报", encrypted_key=key, key_hash=hashed, key_tail=tail, created_at=cast.NOW)
        )  # fmt: skip
    return campaign_stage


class Day:
    """The day as it goes, step by step; `backups` holds one of after each step."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.folder = stage, folder
        self.backups: dict[str, Path] = {}

    def play(self, *steps: str) -> None:
        for step in steps:
            getattr(self, step)()
            self.backups[step] = self.folder / step
            backup.backup(self.stage.db.url, self.backups[step])

    def planned(self) -> None:
        stage, soon = self.stage, self.stage.now + timedelta(minutes=5)
        for guide in stage.people.guides:
            with stage.db.write() as session:
                entry_codes.make_for_guide(session, find_guide(session, guide.userid), stage.now)
        self.first = stage.plan(launch_at=soon)
        self.notice = stage.plan(name="盘点", channel="notice", card_title="盘点", launch_at=soon)
        with stage.db.write() as session:
            groups = list(session.exec(select(announcements.Group.id)))
            announcements.plan(
                session, title="今晚有雪", text="今晚有雪", groups=groups, launch_at=soon, now=stage.now, who="周岚"
            )  # fmt: skip

    def called_without_answer(self) -> None:
        self.stage.world.chaos({"api": "externalcontact/add_msg_template", "reset": "after"})
        self.stage.advance(minutes=5)
        self.look()

    def found_out(self) -> None:
        self.stage.world.chaos()
        for _ in range(5):
            self.stage.advance(seconds=40)
            recovery.ask(self.stage.runtime, self.stage.now)

    def cards_sent(self) -> None:
        self.look(seconds=5)

    def second_campaign(self) -> None:
        """It is urgent, and gets a card of its own at once."""
        self.second = self.stage.plan(name="返场", card_title="返场", urgent=True)
        self.look(seconds=5)

    def third_waits(self) -> None:
        """It is not, and waits for the afternoon."""
        self.third = self.stage.plan(name="再返场", card_title="再返场")
        self.look(seconds=5)
        assert self.stage.arrived("card", WANG)[-1]["what"]["card"]["main_title"]["title"] == "返场"
        self.stage.advance(hours=4)
        self.look(seconds=5)

    def confirmed(self) -> None:
        for guide, userid in ((self.stage.people.wang, WANG), (self.stage.people.zhou, ZHOU)):
            self.stage.world.confirm(userid, self.stage.task(guide, self.first).msgid)
        with self.stage.db.write() as session:
            task = session.merge(self.stage.task(self.stage.people.zhao, self.first))
            cards.say_done(session, task, self.stage.now)
        self.look(seconds=300)

    def reminder_asked(self) -> None:
        for number in (self.first, self.second):
            self.stage.do(lifecycle.remind, number)

    def reminded(self) -> None:
        self.look(seconds=5)

    def paused_half_way(self) -> None:
        """Launched, and stopped before the queue took its calls."""
        self.half = self.stage.plan(name="夜场", card_title="夜场")
        self.launch()
        self.stage.do(lifecycle.pause, self.half)

    def gone_on(self) -> None:
        self.stage.do(lifecycle.resume, self.half)
        self.look(seconds=5)

    def new_friend(self) -> None:
        with self.stage.db.read() as session:
            payload = entry_codes.of_guide(session, self.stage.people.zhou.id or 0).payload
        self.stage.world.scan(LIN, payload, wait=True)

    def over(self) -> None:
        for seconds in (5, 9 * 3600, 60):
            self.look(seconds=seconds)

    def launch(self) -> None:
        next(plan for plan in JOBS if plan.name == "launch").run(self.stage.runtime, self.stage.now)

    def look(self, seconds: int = 0) -> None:
        """The timetable once, at the end of a long while also its nights, and what it caused."""
        self.stage.advance(seconds=seconds)
        self.stage.work()
        for plan in JOBS:
            if not plan.daily or seconds > HOUR:
                plan.run(self.stage.runtime, self.stage.now)
        self.stage.work()
        self.stage.cards_out()

    def restore(self, name: str) -> None:
        self.stage.db.close()
        backup.restore(self.stage.db.url, self.backups[name], self.stage.now)


def effects(stage: Stage) -> list[str]:
    """Every call that changed something on the platform, oldest first."""
    calls = (row for row in stage.world.ledger("call") if row["who"] in EFFECTS)
    return [f"{row['who']} {row['what']['request']}" for row in calls]


@pytest.fixture
def day(stage: Stage, tmp_path: Path) -> Day:
    return Day(stage, tmp_path)


def test_nothing_that_could_be_told_before_a_restore_leaves_after_it_whatever_makes_it_D08(day: Day):
    day.play(*STEPS)
    before = effects(day.stage)
    assert any("再返场" in call for call in before) and any("等你发到" in call for call in before)
    for name in day.backups:
        day.restore(name)
        for seconds in (5, 55, 600):
            day.look(seconds)
        assert effects(day.stage) == before, f"restored to: {name}"


def test_what_was_due_at_the_end_of_a_campaign_before_a_restore_waits_as_well_D08(day: Day):
    day.play(*STEPS, "over")
    before = effects(day.stage)
    assert {call.partition(" ")[0] for call in before} == set(EFFECTS), "the day held some of everything"
    for name in day.backups:
        day.restore(name)
        day.look(2 * HOUR)
        assert effects(day.stage) == before, f"restored to: {name}"


def test_what_follows_from_a_persons_yes_after_a_restore_needs_no_second_one_D08(day: Day):
    """Her task is held, released, lands, and its card follows by itself."""
    stage = day.stage
    number = stage.plan()
    day.launch()
    backup.backup(stage.db.url, day.folder / "night")
    day.backups["night"] = day.folder / "night"
    stage.advance(seconds=60)
    day.restore("night")
    stage.do(lifecycle.resume, number)
    day.look(5)
    assert effects(stage) == [] and {row.status for row in stage.rows()} == {OutboxStatus.HELD}
    assert delivery_decisions.release_all(stage.db, "周岚", stage.now) == len(stage.rows())
    day.look(5)
    assert stage.task(stage.people.wang).card_sent_at and not stage.rows(status=OutboxStatus.HELD)


def test_a_launch_that_was_under_way_goes_on_held_after_a_restore_D08(day: Day):
    """Its other half has surely been told since the backup: HQ's 「继续」 writes it, and only a second yes sends it."""
    stage = day.stage
    number = stage.plan()
    day.launch()
    with stage.db.write() as session:
        session.get_one(Campaign, number).planned_at = None
        session.exec(delete(CampaignAudience))
        for task in session.exec(select(Task).where(Task.guide_id == stage.people.wang.id)):
            session.exec(delete(TaskAudience).where(TaskAudience.task_id == task.id))
            session.exec(delete(Outbox).where(Outbox.task_id == task.id))
            session.delete(task)
    stage.advance(minutes=5)
    backup.hold_everything(stage.db, stage.now)
    stage.do(lifecycle.resume, number)
    day.look(5)
    wang = stage.rows("mass", guide_id=stage.people.wang.id)
    assert [(row.status, row.reason) for row in wang] == [(OutboxStatus.HELD, FROM_BACKUP)]
    assert effects(stage) == []


def test_a_campaign_that_had_not_begun_leaves_by_hqs_yes_alone_D08(day: Day):
    stage = day.stage
    number = stage.plan(launch_at=stage.now + timedelta(minutes=5))
    stage.advance(minutes=9)
    backup.hold_everything(stage.db, stage.now)
    stage.advance(minutes=1)
    stage.do(lifecycle.resume, number)
    day.look()
    assert stage.task(stage.people.wang, number).card_sent_at


def test_hq_drops_at_once_what_people_have_already_D08(day: Day):
    stage = day.stage
    stage.plan()
    day.launch()
    backup.hold_everything(stage.db, stage.now)
    with stage.db.write() as session:
        session.exec(select(Campaign)).one().status = CampaignStatus.RUNNING
    held = len(stage.rows("mass"))
    assert delivery_decisions.drop_all(stage.db, "周岚", stage.now) == held
    assert {row.status for row in stage.rows()} == {OutboxStatus.CANCELLED}
    assert stage.task(stage.people.wang).skipped == "周岚 撤下"
    assert delivery_decisions.drop_all(stage.db, "周岚", stage.now) == 0
