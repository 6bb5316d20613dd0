"""The embedded database's file: what is said of a damaged one, and who may read it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from models.db import Database
from ops import database_file
from ops.database_file import UnusableFile, flaw
from tests.ops.backups import fill, spoil


@pytest.fixture
def file(sqlite_database: Database, tmp_path: Path) -> Path:
    fill(sqlite_database)
    sqlite_database.close()
    with closing(sqlite3.connect(tmp_path / "onetap.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return tmp_path / "onetap.sqlite3"


def test_a_whole_one_a_new_one_and_none_have_no_flaw(file: Path, tmp_path: Path):
    (tmp_path / "new.sqlite3").touch()
    for one in (file, tmp_path / "new.sqlite3", tmp_path / "none.sqlite3"):
        assert (flaw(one), flaw(one, at_rest=True), flaw(one, quick=True)) == ("", "", "")


def test_pages_that_say_nonsense_are_found(file: Path):
    spoil(file)
    assert "里面坏了" in flaw(file) and "里面坏了" in flaw(file, quick=True)
    with pytest.raises(UnusableFile, match="onetap.sqlite3 里面坏了.*另存一份.*restore"):
        database_file.refuse_damaged(file)


def test_what_is_no_database_is_called_so(file: Path):
    file.write_bytes(b"%PDF-1.7" * 1000)
    assert flaw(file) == "不是 SQLite 数据库"


def test_an_index_that_disagrees_with_its_table_is_found_by_the_long_look(file: Path):
    file.write_bytes(file.read_bytes().replace(b"key-1", b"key-9", 1))
    assert "index" in flaw(file) and not flaw(file, quick=True)


def test_one_that_is_locked_is_not_called_damaged(file: Path):
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            flaw(file)


def test_what_others_could_read_is_closed_with_its_log(file: Path):
    log = Path(f"{file}-wal")
    log.touch()
    for one in (file, log):
        one.chmod(0o644)
        assert database_file.open_to_others(one)
    database_file.keep_private(file)
    assert not any(database_file.open_to_others(one) for one in (file, log))
