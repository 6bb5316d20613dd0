"""Tests that only PostgreSQL is asked."""

import pytest
from sqlalchemy import text

from models.db import Database

on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def sees_deadlocks_soon(database: Database) -> None:
    """The server looks for them after a second; tests do not wait so long."""
    with database.write() as session:
        session.execute(text(f"ALTER DATABASE {database.engine.url.database} SET deadlock_timeout = '20ms'"))
    database.engine.dispose()
