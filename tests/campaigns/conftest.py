"""The stage, and posters drawn once for all stories."""

import pytest

from posters.pool import PosterPool
from tests.campaigns.stage import Stage


@pytest.fixture(scope="session")
def pool():
    made = PosterPool(workers=1)
    yield made
    made.close()


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
