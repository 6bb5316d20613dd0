"""A restore brings everything back, and nothing that was due leaves before a person says yes (D08)."""

import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from models import delivery_decisions
from models.campaigns import Campaign, CampaignStatus, announcement_launch, announcements
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.db import Database
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from ops import backup
from settings import BadConfiguration
from tests import cast
from tests.conftest import fresh_database

NOW = cast.NOW


def fill(database: Database) -> None:
    with database.write() as session:
        for number, status in enumerate((OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT)):
            outbox.put(session, "notice", f"key-{number}", now=NOW, status=status, target="王芳")
        session.add(
            Campaign(
                name="初雪",
                status="scheduled",
                launch_at=NOW,
                ends_at=NOW + timedelta(hours=8),
                created_at=NOW,
            )
        )


def statuses(database: Database) -> list[str]:
    with database.read() as session:
        return [row.status for row in session.exec(select(Outbox).order_by(Outbox.id))]


def test_what_was_due_is_held_and_what_was_under_way_is_unknown(database: Database, tmp_path: Path):
    fill(database)
    assert backup.backup(database.url, tmp_path / "night.backup") > 0
    with database.write() as session:
        for row in session.exec(select(Outbox)):
            session.delete(row)
    database.close()
    assert backup.restore(database.url, tmp_path / "night.backup", NOW) == 1
    again = Database(database.url)
    assert statuses(again) == [OutboxStatus.HELD, OutboxStatus.UNKNOWN, OutboxStatus.SENT]
    with again.read() as session:
        assert session.exec(select(Campaign)).one().status == CampaignStatus.PAUSED
    with again.write() as session:
        assert delivery_decisions.release(session, NOW, "周岚") == 1
    assert statuses(again)[0] == OutboxStatus.QUEUED
    again.close()


@pytest.fixture
def planned(database: Database) -> list[Announcement]:
    """One for 10:00, one whose launch was under way when the backup was made, one for the evening."""
    times = ((5, None), (-90, -90), (600, None))
    with database.write() as session:
        inside = cast.internal_group(session)
        return [
            cast.add(
                session,
                Announcement(
                    title="初雪",
                    text="今晚有雪",
                    groups=[inside.id],
                    launch_at=NOW + timedelta(minutes=due),
                    created_at=NOW,
                    launched_at=NOW + timedelta(minutes=begun) if begun else None,
                ),
            )
            for due, begun in times
        ]


def test_an_announcement_that_may_have_left_since_the_backup_waits_for_hq_D08(
    database: Database, planned: list[Announcement], tmp_path: Path
):
    """Restored twenty minutes later, it would still leave by itself."""
    backup.backup(database.url, tmp_path / "night.backup")
    database.close()
    later = NOW + timedelta(minutes=20)
    backup.restore(database.url, tmp_path / "night.backup", later)
    assert announcement_launch.launch_due(database, later) == []
    with database.read() as session:
        found = [session.get_one(Announcement, one.id) for one in planned]
        assert [one.status for one in found] == [
            AnnouncementStatus.WAITING,
            AnnouncementStatus.WAITING,
            AnnouncementStatus.SCHEDULED,
        ]
        assert "从备份恢复" in found[0].status_words and not found[2].status_words


def test_hq_lets_a_launch_that_was_under_way_go_on_with_the_groups_that_are_left(
    database: Database, planned: list[Announcement]
):
    number = planned[1].id
    with database.write() as session:
        begun = session.get_one(Announcement, number)
        done, left = begun.groups[0], cast.internal_group(session, "二店内部群").id
        begun.groups = [done, left]
        session.add(announcements.AnnouncementGroup(announcement_id=number, group_id=done))
    later = NOW + timedelta(minutes=20)
    backup.hold_everything(database, later)
    with database.write() as session:
        announcements.resume(session, session.get_one(Announcement, number), "周岚", later)
    assert announcement_launch.launch_due(database, later) == [number]
    with database.read() as session:
        assert session.get_one(Announcement, number).status == AnnouncementStatus.LAUNCHED
        shares = session.exec(select(announcements.AnnouncementGroup.group_id).order_by("id"))
        assert list(shares) == [done, left]


def test_a_reminder_that_hq_asked_for_before_the_backup_is_not_sent_when_the_campaign_goes_on(
    database: Database,
):
    fill(database)
    with database.write() as session:
        session.exec(select(Campaign)).one().reminding = True
    backup.hold_everything(database, NOW)
    with database.read() as session:
        assert not session.exec(select(Campaign)).one().reminding


def test_a_backup_is_made_while_somebody_writes_N03_D02(sqlite_database: Database, tmp_path: Path):
    fill(sqlite_database)
    with sqlite_database.write() as session:
        session.add(Campaign(name="写到一半", launch_at=NOW, ends_at=NOW, created_at=NOW))
        session.flush()
        backup.backup(sqlite_database.url, tmp_path / "night.backup")
    restored = Database(f"sqlite:///{tmp_path / 'night.backup'}")
    with restored.read() as session:
        assert [one.name for one in session.exec(select(Campaign))] == ["初雪"]
    restored.close()


def test_a_backup_is_one_file_that_needs_nothing_beside_it_N03(sqlite_database: Database, tmp_path: Path):
    """A folder that may only be read is enough."""
    fill(sqlite_database)
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    with closing(sqlite3.connect(tmp_path / "night.backup")) as looked_into:
        assert looked_into.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert looked_into.execute("SELECT count(*) FROM outbox").fetchone() == (3,)


def test_an_older_backup_is_good_where_nothing_can_be_written_beside_it(
    sqlite_database: Database, tmp_path: Path
):
    """It still asks for such files; a folder in their place stops even root from making them."""
    fill(sqlite_database)
    sqlite_database.close()
    shutil.copyfile(tmp_path / "onetap.sqlite3", tmp_path / "old.backup")
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"old.backup{suffix}").mkdir()
    assert backup.restore(sqlite_database.url, tmp_path / "old.backup", NOW) == 1
    assert statuses(sqlite_database) == [OutboxStatus.HELD, OutboxStatus.UNKNOWN, OutboxStatus.SENT]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_damaged_backup_leaves_the_database_as_it_is(
    sqlite_database: Database, tmp_path: Path, content: bytes
):
    fill(sqlite_database)
    (tmp_path / "bad.backup").write_bytes(content)
    with pytest.raises(BadConfiguration, match="备份"):
        backup.restore(sqlite_database.url, tmp_path / "bad.backup", NOW)
    assert statuses(sqlite_database) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]


@pytest.fixture
def postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with fresh_database(request, "postgres", tmp_path) as url:
        opened = Database(url)
        yield opened
        opened.close()


def test_a_table_that_somebody_else_built_upon_leaves_a_postgresql_database_as_it_is(
    postgres: Database, tmp_path: Path
):
    """Half of a restore would be worse than none: rows doubled, and nothing held."""
    fill(postgres)
    backup.backup(postgres.url, tmp_path / "night.backup")
    with postgres.write() as session:
        session.connection().exec_driver_sql("CREATE VIEW for_reports AS SELECT * FROM outbox")
    postgres.close()
    with pytest.raises(BadConfiguration, match="什么都没有改；可以恢复到一个空库") as refused:
        backup.restore(postgres.url, tmp_path / "night.backup", NOW)
    assert "outbox" in str(refused.value) and "\n" not in str(refused.value)
    assert statuses(postgres) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]


def test_nothing_is_restored_into_a_postgresql_database_that_somebody_works_on(
    postgres: Database, tmp_path: Path
):
    """A worker would take what is due before it is held."""
    fill(postgres)
    backup.backup(postgres.url, tmp_path / "night.backup")
    with pytest.raises(BadConfiguration, match="还有 1 个连接"):
        backup.restore(postgres.url, tmp_path / "night.backup", NOW)
    assert statuses(postgres) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]
    postgres.close()
    assert backup.restore(postgres.url, tmp_path / "night.backup", NOW) == 1


def test_a_restore_into_a_postgresql_database_that_is_away_is_said_in_one_line(tmp_path: Path):
    (tmp_path / "night.backup").write_bytes(b"PGDMP")
    with pytest.raises(BadConfiguration, match="连不上数据库"):
        backup.restore("postgresql+psycopg://onetap@127.0.0.1:9/onetap", tmp_path / "night.backup", NOW)


def test_a_disk_that_is_full_half_way_leaves_the_database_as_it_is(sqlite_database: Database, tmp_path: Path):
    fill(sqlite_database)
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    sqlite_database.close()
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, was[1]))
    try:
        with pytest.raises(OSError):
            backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert statuses(sqlite_database) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]
    assert not (tmp_path / "onetap.sqlite3.part").exists()


def test_a_restore_that_ends_before_everything_is_held_changes_nothing(
    sqlite_database: Database, tmp_path: Path
):
    fill(sqlite_database)
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    with closing(sqlite3.connect(tmp_path / "night.backup")) as strange:
        strange.execute("DROP TABLE campaign")
    sqlite_database.close()
    with pytest.raises(OperationalError):
        backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW)
    with sqlite_database.read() as session:
        assert session.exec(select(Campaign)).one().status == "scheduled"


def test_a_restored_database_stays_with_whoever_may_use_it(sqlite_database: Database, tmp_path: Path):
    """Restored by root, it is still the program's."""
    file = tmp_path / "onetap.sqlite3"
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    sqlite_database.close()
    file.chmod(0o640)
    before = file.stat()
    backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW)
    after = file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
