"""Bringing a database to the newest revision, and asking where it stands."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from models.db import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def config(database: Database) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["database"] = database
    return made


def upgrade(database: Database) -> None:
    """Run every migration that this database has not seen; harmless when there is none."""
    command.upgrade(config(database), "head")


def newest() -> str:
    """The revision that this code wants."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def current(database: Database) -> str:
    """The revision that the database has; empty when it has none."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision() or ""
