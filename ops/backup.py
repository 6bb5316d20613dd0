"""Backup and restore: one file holds everything, and what a restore finds due waits for a person's yes."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models import migrate, restored
from models.db import Database, take_turns
from ops import postgresql
from ops.database_file import AT_REST, OURS_ALONE, UnusableFile, damaged, flaw, is_broken, opened
from ops.database_lock import sqlite_path

TURN = "finish a restore"


def backup(url: str, target: Path) -> int:
    """Write the database to `target` while the program runs; returns its size in bytes.

    What stood there before stays until the new one is whole and could be restored.
    """
    source = sqlite_path(url)
    if source and target.resolve() == source.resolve():
        raise UnusableFile(f"{target} 就是数据库自己，备份要写到另一个文件")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _beside(target) as part:
        if source:
            _copy_sqlite(source, part)
        else:
            postgresql.dump(url, part)
        _put_in_place(part, target)
    return target.stat().st_size


def restore(url: str, source: Path, now: datetime) -> int:
    """Put a backup in place of the database; everything due is held. Returns how many deliveries wait for a yes."""
    if not source.is_file():
        raise UnusableFile(f"没有 {source} 这个备份文件")
    target = sqlite_path(url)
    if target:
        return _replace_sqlite(source, target.resolve(), now)
    postgresql.replace(url, source)
    return _hold(url, source, now)


def finish_interrupted(database: Database, now: datetime) -> None:
    """A restore into PostgreSQL was killed after the backup was in and before everything was held: it is held now.

    Every program of the distributed mode looks when it starts; one of them does it, the others wait until it is done.
    """
    if database.is_sqlite or not postgresql.is_unfinished(database):
        return
    with database.write() as session:
        take_turns(session, TURN)
        if postgresql.stands_unfinished(session):
            hold_all(session, now)


def hold_everything(database: Database, now: datetime) -> int:
    """What the backup brought waits for a person, in a transaction of its own; how many deliveries do."""
    with database.write() as session:
        return hold_all(session, now)


def hold_all(session: Session, now: datetime) -> int:
    """The same, and no start has to finish the restore any more."""
    postgresql.finished(session)
    return restored.hold(session, now)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A file of ours alone beside the target, which nobody else writes meanwhile; gone in the end."""
    part = target.with_name(target.name + ".part")
    number = os.open(part, os.O_RDWR | os.O_CREAT, OURS_ALONE)
    try:
        _take(number, target)
        try:
            os.fchmod(number, OURS_ALONE)
            os.ftruncate(number, 0)
            _forget_log(part)
            yield part
        finally:
            part.unlink(missing_ok=True)
    finally:
        os.close(number)


def _take(number: int, target: Path) -> None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UnusableFile(f"另一个备份或恢复正在写 {target}，等它结束再来") from None


def _put_in_place(part: Path, target: Path) -> None:
    """At once, and so that a power cut afterwards finds it there."""
    for path in (part, part.parent):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    os.replace(part, target)


def _copy_sqlite(source: Path, part: Path) -> None:
    if not source.exists():
        raise UnusableFile(f"还没有数据库 {source}")
    try:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(part)) as writing:
            with reading, writing:
                reading.backup(writing)
            # otherwise whoever reads the backup needs to write beside it
            writing.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if is_broken(error):
            raise damaged(f"{source} 坏了（{error}），没有备份，原来的备份没有动") from None
        raise UnusableFile(f"备份没有做成，原来的备份没有动：{error}") from None
    if words := _why_not_restorable(part):
        raise damaged(f"{source} {words}，没有备份，原来的备份没有动")


def _replace_sqlite(source: Path, target: Path, now: datetime) -> int:
    """Made ready beside the database and put in its place at once: whatever stops it before leaves the old one whole."""
    if source.resolve() == target:
        raise UnusableFile(f"{source} 就是现在的数据库")
    if words := _why_not_restorable(source):
        raise UnusableFile(f"{source} {words}，不是完整的 SQLite 备份，没有动现在的数据库")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _beside(target) as part:
        shutil.copyfile(source, part)
        held = _hold(f"sqlite:///{part}", source, now)
        with closing(sqlite3.connect(part)) as connection:
            # what is held stands in the file itself, or this fails
            connection.execute("PRAGMA journal_mode=DELETE")
        if target.exists():
            owner = target.stat()
            os.chown(part, owner.st_uid, owner.st_gid)
            _fold_log_in(target)
        _forget_log(target)
        _put_in_place(part, target)
    return held


def _fold_log_in(target: Path) -> None:
    """What stands only in the old database's log goes into its file: SQLite would play a log that is left into the new one.

    From here on the old one needs nothing beside it. One that is damaged stays with its log, under another name.
    """
    kept = target.with_name(target.name + ".damaged")
    _link(target, kept)  # before anybody opens it: SQLite throws away a log that it cannot read
    try:
        with closing(sqlite3.connect(target)) as old:
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        if not is_broken(error):
            _forget(kept)
            raise UnusableFile(f"现在的数据库 {target} 还有别的程序在用（{error}），没有恢复") from None
        print(f"原来的数据库坏了，另存在 {kept}", flush=True)
    else:
        _forget(kept)


def _link(database: Path, other: Path) -> None:
    """The same file and log under another name as well."""
    _forget(other)
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            os.link(f"{database}{suffix}", f"{other}{suffix}")


def _forget(database: Path) -> None:
    _forget_log(database)
    database.unlink(missing_ok=True)


def _forget_log(database: Path) -> None:
    """SQLite would play what stands beside the old file into the new one."""
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)


def _why_not_restorable(path: Path) -> str:
    """Empty for a whole database of ours."""
    try:
        if words := flaw(path, at_rest=True):
            return words
        with opened(path, AT_REST) as one:
            revision = one.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        return f"读不出 Onetap 的表（{error}）"
    return "" if revision else "里面没有 Onetap 的表"


def _hold(url: str, source: Path, now: datetime) -> int:
    """A backup of an older version is brought to this one first."""
    database = Database(url)
    try:
        migrate.upgrade(database)
        return hold_everything(database, now)
    except CommandError:
        raise UnusableFile(f"{source} 是更新版本的 Onetap 做的备份，先升级程序再恢复") from None
    except SQLAlchemyError as error:
        told = str(getattr(error, "orig", error)).splitlines()[0]
        raise UnusableFile(f"{source} 里面的表和这个版本对不上（{told}）") from None
    finally:
        database.close()
