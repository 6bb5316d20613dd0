"""The tables in the database: made whole or not at all, and the same as the models."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command

from models import migrate
from models.db import Database
from tests import conftest

ROOT = Path(__file__).parent.parent.parent
# Brings a database to the newest revision, and dies by kill -9 before its fifteenth table.
DIES_IN_THE_MIDDLE = """
import os, signal, sys
from alembic import op
from models import migrate
from models.db import Database
made, make = [], op.create_table
def create_table(*given, **options):
    made.append(given)
    if len(made) == 15:
        os.kill(os.getpid(), signal.SIGKILL)
    return make(*given, **options)
op.create_table = create_table
migrate.upgrade(Database(sys.argv[1]))
"""


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request, tmp_path):
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.sqlite3"
        return
    server, name = request.getfixturevalue("postgres_url"), f"empty_{next(conftest.numbers)}"
    conftest.on_server(server, f"CREATE DATABASE {name}")
    yield conftest.sibling(server, name)
    conftest.on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_c10_killed_in_the_middle_of_a_migration_the_next_start_finds_nothing_half_made(empty_url):
    killed = subprocess.run([sys.executable, "-c", DIES_IN_THE_MIDDLE, empty_url], cwd=ROOT, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    database = Database(empty_url)
    assert migrate.current(database) == ""
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest()
    database.close()


def test_the_migrations_make_what_the_models_say(database):
    command.check(migrate.config(database))
