"""The stage of the campaigns' stories."""

import pytest

from tests.campaigns.stage import Stage


@pytest.fixture
def stage(sqlite_database, pool, tmp_path):
    """On SQLite alone, for tests whose subject is not the database."""
    made = Stage(sqlite_database, pool, tmp_path)
    yield made
    made.close()


@pytest.fixture
def stage_on_both(database, pool, tmp_path):
    """On SQLite and on PostgreSQL."""
    made = Stage(database, pool, tmp_path)
    yield made
    made.close()
