"""Backup and restore: one file holds everything, and what a restore finds due waits for a person's yes."""

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, or_, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from models.accounts.audit import COMMAND_LINE, record
from models.campaigns import Campaign, CampaignStatus
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.db import Database
from models.ledger import outbox, restore_mark
from models.ledger.outbox import OutboxStatus
from ops.database_lock import sqlite_path
from settings import BadConfiguration

LOOKS, LOOK_SECONDS = 10, 0.2
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
"""
"""Connections of somebody to the same database; PostgreSQL's own housekeeping is nobody's."""


CAMPAIGN_WORDS = "从备份恢复，核对后再继续；可能已经发过的，继续以后还在「投递」里等放行"


def backup(url: str, target: Path) -> int:
    """Write the database to `target` while the program runs; returns its size in bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    source = sqlite_path(url)
    if source:
        _copy_sqlite(source, part)
    else:
        _run(["pg_dump", "--format=custom", "--no-owner", f"--file={part}", _plain(url)])
    os.replace(part, target)
    return target.stat().st_size


def restore(url: str, source: Path, now: datetime) -> int:
    """Put a backup in place of the database; everything due is held. Returns how many deliveries wait for a yes."""
    if not source.is_file():
        raise BadConfiguration(f"没有 {source} 这个备份文件")
    target = sqlite_path(url)
    if target:
        return _replace_sqlite(source, target.resolve(), now)
    _refuse_company(url)
    replace = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction"]
    _run([*replace, f"--dbname={_plain(url)}", str(source)], "什么都没有改；可以恢复到一个空库")
    return _hold(url, now)


def hold_everything(database: Database, now: datetime) -> int:
    """What was due when the backup was made may have left since: all of it waits for a person, open calls are unknown.

    Also what a paused campaign held: it may have gone on since. What is written from here on knows the moment.
    """
    with database.write() as session:
        restore_mark.restored(session, now)
        open_calls = update(outbox.Outbox).where(col(outbox.Outbox.status) == OutboxStatus.CALLING)
        session.execute(
            open_calls.values(
                status=OutboxStatus.UNKNOWN, done_at=now, lease_until=None, reason="备份时正在调用，结果不明"
            )
        )
        waiting = update(outbox.Outbox).where(
            col(outbox.Outbox.status).in_([OutboxStatus.QUEUED, OutboxStatus.HELD])
        )
        session.execute(waiting.values(status=OutboxStatus.HELD, reason=outbox.FROM_BACKUP))
        campaigns = update(Campaign).where(
            col(Campaign.status).in_(
                [CampaignStatus.SCHEDULED, CampaignStatus.RUNNING, CampaignStatus.PAUSED]
            )
        )
        session.execute(
            campaigns.values(status=CampaignStatus.PAUSED, status_words=CAMPAIGN_WORDS, reminding=False)
        )
        posting = update(Announcement).where(
            col(Announcement.status) == AnnouncementStatus.SCHEDULED,
            or_(col(Announcement.launch_at) <= now, col(Announcement.launched_at).is_not(None)),
        )
        session.execute(
            posting.values(
                status=AnnouncementStatus.WAITING,
                status_words="从备份恢复，可能已经发过。核对后按「现在补发」或「停止」",
            )
        )
        held = outbox.counts(session).get(OutboxStatus.HELD, 0)
        record(
            session, COMMAND_LINE, "database.restore", "database", now, f"从备份恢复，{held:,} 条投递先扣着"
        )
    return held


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BadConfiguration(f"还没有数据库 {source}")
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    with reading, writing:
        reading.backup(writing)
    writing.execute(
        "PRAGMA journal_mode=DELETE"
    )  # otherwise whoever reads the backup needs to write beside it
    reading.close()
    writing.close()


def _replace_sqlite(source: Path, target: Path, now: datetime) -> int:
    """Made ready beside the database and put in its place at once: whatever stops it before leaves the old one whole."""
    _check_sqlite(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _forget_log(part)
        shutil.copyfile(source, part)
        held = _hold(f"sqlite:///{part}", now)
        with closing(sqlite3.connect(part)) as connection:
            connection.execute(
                "PRAGMA journal_mode=DELETE"
            )  # what is held stands in the file itself, or this fails
        if target.exists():
            owner = target.stat()
            os.chown(part, owner.st_uid, owner.st_gid)
            shutil.copymode(target, part)
        _forget_log(target)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return held


def _hold(url: str, now: datetime) -> int:
    database = Database(url)
    try:
        return hold_everything(database, now)
    finally:
        database.close()


def _forget_log(database: Path) -> None:
    """SQLite would play what stands beside the old file into the new one."""
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)


def _check_sqlite(path: Path) -> None:
    """Immutable: an older backup asks for files beside it, and its folder may be one that nobody can write to."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        good = whole and connection.execute("SELECT 1 FROM alembic_version").fetchone() is not None
    except sqlite3.DatabaseError:
        good = False
    finally:
        connection.close()
    if not good:
        raise BadConfiguration(f"{path} 不是完整的 SQLite 备份，没有动现在的数据库")


def _refuse_company(url: str) -> None:
    """A worker at work would take what the restore brings before it is held. Who just left may be seen for a moment."""
    database = Database(url)
    try:
        for _ in range(LOOKS):
            with database.read() as session:
                others = session.connection().exec_driver_sql(OTHERS).scalar_one()
            if not others:
                return
            time.sleep(LOOK_SECONDS)
    except OperationalError as error:
        raise BadConfiguration(f"连不上数据库：{str(error.orig).splitlines()[0]}") from None
    finally:
        database.close()
    raise BadConfiguration(
        f"还有 {others} 个连接在用这个数据库。先停掉 web、worker、scheduler 和别的程序再恢复"
    )


def _plain(url: str) -> str:
    """The URL as PostgreSQL's own tools read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(command: list[str], cure: str = "") -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BadConfiguration(f"这台机器没有 {command[0]}，请装 PostgreSQL 客户端") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [str(done.returncode)]
        told = next((line for line in said if "ERROR:" in line), said[-1])  # what follows quotes the command
        raise BadConfiguration("。".join(part for part in (f"{command[0]}: {told}", cure) if part))
