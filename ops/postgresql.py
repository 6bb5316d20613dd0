"""PostgreSQL's own tools, as backup and restore use them: no password in an argument, nothing half done."""

import os
import subprocess
import time
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from models.db import Database
from ops.database_file import UnusableFile
from settings import BadConfiguration

LOOKS, LOOK_SECONDS = 10, 0.2
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
"""
"""Connections of somebody to the same database; PostgreSQL's own housekeeping is nobody's."""
UNFINISHED = "restore_unfinished"
"""A table that stands there from before a restore until everything is held: whoever starts meanwhile knows."""


def dump(url: str, file: Path) -> None:
    """Write it all to this file, which is then whole and could be restored; else UnusableFile."""
    _run(["pg_dump", "--format=custom", "--no-owner", f"--file={file}", *_where(url)], url)
    _check(file)


def replace(url: str, source: Path) -> None:
    """Put a backup in the database's place, all of it or nothing; `finished` is still to be said."""
    _refuse_company(url)
    _check(source)
    _say(url, f"CREATE TABLE IF NOT EXISTS {UNFINISHED} ()")
    command = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", *_where(url)]
    try:
        _run([*command, str(source)], url, "什么都没有改；可以恢复到一个空库")
    except BadConfiguration:
        _say(url, f"DROP TABLE IF EXISTS {UNFINISHED}")
        raise


def is_unfinished(database: Database) -> bool:
    """Was a restore killed before everything was held?"""
    with database.read() as session:
        return stands_unfinished(session)


def stands_unfinished(session: Session) -> bool:
    """The same, as it is now: `to_regclass` would remember within a transaction what it found before a wait."""
    there = (
        f"SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '{UNFINISHED}'"
    )
    return bool(session.connection().exec_driver_sql(there).scalar_one())


def finished(session: Session) -> None:
    """Everything is held. In another kind of database the mark never stood."""
    session.connection().exec_driver_sql(f"DROP TABLE IF EXISTS {UNFINISHED}")


def _check(file: Path) -> None:
    """Read it through to its end, as a restore would, and see that it is one of ours."""
    _run(["pg_restore", f"--file={os.devnull}", str(file)], cure=f"{file} 不是完整的备份")
    if " TABLE DATA public alembic_version " not in _run(["pg_restore", "--list", str(file)]):
        raise UnusableFile(f"{file} 里面没有 Onetap 的表")


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


def _say(url: str, statement: str) -> None:
    database = Database(url)
    try:
        with database.write() as session:
            session.connection().exec_driver_sql(statement)
    finally:
        database.close()


def _where(url: str) -> list[str]:
    """The database as an argument, which everybody on the machine can read: without its password."""
    full = make_url(url).difference_update_query(["password"])
    bare = URL.create("postgresql", full.username, None, full.host, full.port, full.database, full.query)
    return [f"--dbname={bare.render_as_string()}"]


def _secret(url: str) -> dict[str, str]:
    """Its password as an environment variable, which is ours alone."""
    parts = make_url(url) if url else None
    password = (parts.password or parts.query.get("password")) if parts else None
    return {"PGPASSWORD": str(password)} if password else {}


def _run(command: list[str], url: str = "", cure: str = "") -> str:
    """What it says; UnusableFile with its first complaint when it fails."""
    surroundings = {**os.environ, **_secret(url)}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)
    except FileNotFoundError:
        raise BadConfiguration(f"这台机器没有 {command[0]}，请装 PostgreSQL 客户端") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [str(done.returncode)]
        told = next((line for line in said if "ERROR:" in line), said[-1])  # what follows quotes the command
        raise UnusableFile("。".join(part for part in (f"{command[0]}: {told}", cure) if part))
    return done.stdout
