"""A restore brings everything back, and nothing that was due leaves before a person says yes (D08)."""

import os
import resource
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlmodel import select

from models import delivery_decisions, migrate
from models.campaigns import Campaign, CampaignStatus, announcement_launch
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.db import Database, take_turns
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from ops import backup, postgresql
from settings import BadConfiguration
from tests import cast
from tests.ops.backups import NOW, fill, spoil, statuses
from tests.waiting import until


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
    with pytest.raises(BadConfiguration, match="对不上.*campaign"):
        backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW)
    with sqlite_database.read() as session:
        assert session.exec(select(Campaign)).one().status == "scheduled"


def test_a_restored_database_is_its_owners_alone(sqlite_database: Database, tmp_path: Path):
    """Restored by root, it is still the program's."""
    file = tmp_path / "onetap.sqlite3"
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    sqlite_database.close()
    file.chmod(0o644)
    before = file.stat()
    backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW)
    after = file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o777) == (before.st_uid, before.st_gid, 0o600)


def test_a_backup_is_its_owners_alone(database: Database, tmp_path: Path):
    (tmp_path / "night.backup").touch(0o666)
    (tmp_path / "night.backup").chmod(0o666)
    backup.backup(database.url, tmp_path / "night.backup")
    assert (tmp_path / "night.backup").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("spoilt", ["pages", "head", "cut"])
def test_a_damaged_database_does_not_replace_yesterdays_backup(
    sqlite_database: Database, tmp_path: Path, spoilt: str
):
    fill(sqlite_database)
    target, file = tmp_path / "night.backup", tmp_path / "onetap.sqlite3"
    backup.backup(sqlite_database.url, target)
    sqlite_database.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    yesterday = target.read_bytes()
    if spoilt == "cut":
        os.truncate(file, file.stat().st_size // 2)
    else:
        spoil(file, *((0.5,) if spoilt == "pages" else (0.0, 64)))
    with pytest.raises(BadConfiguration, match="原来的备份没有动") as refused:
        backup.backup(sqlite_database.url, target)
    assert "\n" not in str(refused.value) and "restore" in str(refused.value)
    assert target.read_bytes() == yesterday and not (tmp_path / "night.backup.part").exists()


def test_a_disk_that_is_full_half_way_leaves_yesterdays_backup(sqlite_database: Database, tmp_path: Path):
    target = tmp_path / "night.backup"
    fill(sqlite_database)
    backup.backup(sqlite_database.url, target)
    yesterday, was = target.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, was[1]))
    try:
        with pytest.raises(BadConfiguration, match="原来的备份没有动"):
            backup.backup(sqlite_database.url, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
    assert target.read_bytes() == yesterday and not (tmp_path / "night.backup.part").exists()


def test_a_backup_onto_the_database_itself_is_refused(sqlite_database: Database, tmp_path: Path):
    fill(sqlite_database)
    (tmp_path / "link").symlink_to("onetap.sqlite3")
    for name in ("onetap.sqlite3", "link"):
        with pytest.raises(BadConfiguration, match="就是数据库自己"):
            backup.backup(sqlite_database.url, tmp_path / name)
        with pytest.raises(BadConfiguration, match="就是现在的数据库"):
            backup.restore(sqlite_database.url, tmp_path / name, NOW)
    assert statuses(sqlite_database) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]


def test_two_backups_at_once_do_not_write_into_each_other(sqlite_database: Database, tmp_path: Path):
    fill(sqlite_database)
    target = tmp_path / "night.backup"
    with backup._beside(target), pytest.raises(BadConfiguration, match="另一个备份或恢复正在写"):
        backup.backup(sqlite_database.url, target)
    assert backup.backup(sqlite_database.url, target) > 0


def test_a_lock_inside_of_a_backup_is_not_blamed_on_another_backup(tmp_path: Path):
    with pytest.raises(BlockingIOError), backup._beside(tmp_path / "night.backup"):
        raise BlockingIOError
    assert not list(tmp_path.iterdir())


def test_a_backup_of_a_newer_version_is_refused_in_one_line(sqlite_database: Database, tmp_path: Path):
    fill(sqlite_database)
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    with closing(sqlite3.connect(tmp_path / "night.backup")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    with pytest.raises(BadConfiguration, match="先升级程序"):
        backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW)
    assert statuses(sqlite_database) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]


def test_a_backup_of_an_older_version_is_brought_to_this_one(sqlite_database: Database, tmp_path: Path):
    fill(sqlite_database)
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    older = Database(f"sqlite:///{tmp_path / 'night.backup'}")
    command.downgrade(migrate.config(older), "-3")
    with older.write() as session:
        session.connection().exec_driver_sql("PRAGMA journal_mode")
    older.close()
    with closing(sqlite3.connect(tmp_path / "night.backup")) as one:
        one.execute("PRAGMA journal_mode=DELETE")
    sqlite_database.close()
    assert backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW) == 1
    assert migrate.current(sqlite_database) == migrate.newest()


def test_a_damaged_database_is_kept_under_another_name_when_a_backup_takes_its_place(
    sqlite_database: Database, tmp_path: Path
):
    fill(sqlite_database)
    file = tmp_path / "onetap.sqlite3"
    backup.backup(sqlite_database.url, tmp_path / "night.backup")
    sqlite_database.close()
    spoil(file, 0.0, 64)
    (tmp_path / "onetap.sqlite3-wal").write_bytes(b"its log")
    assert backup.restore(sqlite_database.url, tmp_path / "night.backup", NOW) == 1
    assert statuses(sqlite_database) == [OutboxStatus.HELD, OutboxStatus.UNKNOWN, OutboxStatus.SENT]
    assert (tmp_path / "onetap.sqlite3.damaged").read_bytes().startswith(b"\xa5")
    assert (tmp_path / "onetap.sqlite3.damaged-wal").read_bytes() == b"its log"


def test_a_restore_into_postgresql_that_was_killed_before_all_was_held_is_finished_by_the_next_start(
    postgres: Database, tmp_path: Path
):
    """The backup is in, what was due stands there as if it were due: a worker would take it."""
    fill(postgres)
    backup.backup(postgres.url, tmp_path / "night.backup")
    postgres.close()
    postgresql.replace(postgres.url, tmp_path / "night.backup")
    assert statuses(postgres) == [OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT]
    backup.finish_interrupted(postgres, NOW)
    assert statuses(postgres) == [OutboxStatus.HELD, OutboxStatus.UNKNOWN, OutboxStatus.SENT]
    with postgres.write() as session:
        assert delivery_decisions.release(session, NOW, "周岚") == 1
    backup.finish_interrupted(postgres, NOW)
    assert statuses(postgres)[0] == OutboxStatus.QUEUED, "once"


def test_of_two_programs_that_finish_a_restore_one_holds_and_what_is_due_after_it_leaves(
    postgres: Database, tmp_path: Path
):
    """The second saw the restore unfinished, waits for its turn, and finds it done."""
    fill(postgres)
    backup.backup(postgres.url, tmp_path / "night.backup")
    postgres.close()
    postgresql.replace(postgres.url, tmp_path / "night.backup")
    with ThreadPoolExecutor() as threads:
        with postgres.write() as session:
            take_turns(session, backup.TURN)
            backup.hold_all(session, NOW)
            second = threads.submit(backup.finish_interrupted, postgres, NOW)
            until(lambda: waits_for_a_lock(postgres))
            outbox.put(session, "notice", "later", now=NOW + timedelta(minutes=1))
        second.result()
    with postgres.read() as session:
        assert session.exec(select(Outbox.status).where(Outbox.key == "later")).one() == OutboxStatus.QUEUED


def waits_for_a_lock(database: Database) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity"
    with database.read() as session:
        named = f"{waiting} WHERE datname = current_database())"
        return bool(session.connection().exec_driver_sql(named).scalar_one())
