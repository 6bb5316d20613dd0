"""A backup, a disaster, a restore: everything is back, nothing leaves before a person says so, and nothing leaves twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from models.campaigns import CampaignStatus, cards
from models.ledger.outbox import Outbox, OutboxStatus
from ops import wiring
from ops.database_lock import sqlite_path
from tests.cast import LIN, XU
from tests.stories.house import House
from tests.stories.plans import campaign, ready_task, remind, schedule_text, task_of


@pytest.fixture
def night_house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A house of its own, because it burns down."""
    with House(sqlite_url, tmp_path / "data") as running:
        running.open_shop()
        running.run_job("friends")
        yield running


def reminders(house: House) -> list[Outbox]:
    return house.row(lambda session: list(session.exec(select(Outbox).where(Outbox.channel == "notice"))))


def book(house: House) -> list[tuple[str, str]]:
    """Everything that people received."""
    kinds = "welcome,card,notice,mass,group_mass,robot"
    return [(row["kind"], row["who"]) for row in house.world.ledger(kinds)]


def burn_down_and_restore(house: House, backup: Path) -> str:
    """The disk is gone; what the command says when the backup is put in its place."""
    path = sqlite_path(house.settings.database_url)
    house.close()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    refused = house.command("restore", str(backup), "--no-input")
    assert refused.exit_code == 2 and not path.exists(), "without a yes nothing is replaced"
    done = house.command("restore", str(backup), "--yes")
    assert done.exit_code == 0, done.output
    house.open()
    return done.output


def test_after_a_disaster_nobody_gets_anything_twice_D08_N03(night_house: House, tmp_path: Path):
    """What was due in the backup has left since; whoever came since is found by comparing."""
    house, backup = night_house, tmp_path / "night.backup"
    number = schedule_text(house, "灾前活动")
    for userid in ("wangfang", "zhaoqian", "zhoumei"):
        house.until(lambda userid=userid: task_of(house, userid, number).card_sent_at)
    house.world.confirm("wangfang", ready_task(house, "wangfang", number).msgid)
    assert {row["who"] for row in house.world.ledger("mass")} == {XU, LIN}
    with house.parts.db.write() as session:  # who says that she sent it is reminded in words
        for userid in ("zhaoqian", "zhoumei"):
            cards.say_done(session, session.merge(task_of(house, userid, number)), wiring.clock())
    house.world.chaos({"api": "message/send", "errcode": -1})
    remind(house, number)
    house.until(
        lambda: (
            (rows := reminders(house))
            and all(row.attempts and row.status == OutboxStatus.QUEUED for row in rows)
        )
    )
    assert house.command("backup", str(backup)).exit_code == 0

    house.world.chaos()
    house.until(lambda: all(row.status == OutboxStatus.SENT for row in reminders(house)))
    house.befriend("wmSINCE", "zhoumei", "后来")
    house.until(lambda: house.world.ledger("welcome", who="wmSINCE"))
    before = book(house)

    assert "2 条投递先扣着" in burn_down_and_restore(house, backup)
    assert {row.status for row in reminders(house)} == {OutboxStatus.HELD} and campaign(
        house, number
    ).status == CampaignStatus.PAUSED
    held = house.until_page(f"/console/deliveries/{reminders(house)[0].id}", "从备份恢复后先停着")
    assert "先继续活动" in held and "/release" not in held
    assert house.friend("wmSINCE") is None
    house.run_job("friends")
    assert house.until(lambda: house.friend("wmSINCE"))
    assert book(house) == before, "nothing left by itself"

    house.office().press(f"/console/campaigns/{number}/resume", at=f"/console/campaigns/{number}")
    assert campaign(house, number).status == CampaignStatus.RUNNING and {
        row.status for row in reminders(house)
    } == {OutboxStatus.HELD}
    assert "已放行" in house.office().press("/console/deliveries/release", at="/console/deliveries")
    house.until(lambda: all(row.status == OutboxStatus.SENT for row in reminders(house)))
    assert book(house) == before, "the platform knows these very bytes and drops the second copy"
    assert "放行" in house.office().page("/console/audit")
