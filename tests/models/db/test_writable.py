"""A full disk and a read-only folder are found without a lock, and forgotten once they are mended."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.db import Database
from models.db.writable import Unwritable
from tests.disks import full_disk, open_folder, read_only


def test_a_disk_that_takes_nothing_more_is_found_and_heals_by_itself_D04(sqlite_database: Database):
    assert sqlite_database.unwritable() is None
    with full_disk():
        assert sqlite_database.unwritable() is Unwritable.FULL
    assert sqlite_database.unwritable() is None


def test_a_folder_that_may_only_be_read_is_found_D05(sqlite_template: Path):
    with open_folder() as folder:
        shutil.copyfile(sqlite_template, folder / "shop.sqlite3")
        with closing(Database(f"sqlite:///{folder / 'shop.sqlite3'}")) as db:
            with read_only(folder):
                assert db.unwritable() is Unwritable.READ_ONLY
            assert db.unwritable() is None
            (folder / "shop.sqlite3").chmod(0o444)


def test_looking_waits_for_nobody_who_writes(sqlite_database: Database):
    with sqlite_database.write():
        assert sqlite_database.unwritable() is None


def test_what_the_last_writer_met_counts_until_somebody_can_write(database: Database):
    refusing = "PRAGMA query_only = 1" if database.is_sqlite else "SET TRANSACTION READ ONLY"
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text(refusing))
        session.execute(text("UPDATE preference SET value = value"))
    assert database.unwritable() is Unwritable.READ_ONLY
    if database.is_sqlite:
        database.engine.dispose()
    with database.write() as session:
        session.execute(text("UPDATE preference SET value = value"))
    assert database.unwritable() is None


def test_a_rule_of_the_database_says_nothing_about_the_disk(database: Database):
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text("INSERT INTO preference DEFAULT VALUES"))
    assert database.unwritable() is None
