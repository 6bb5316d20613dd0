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
def stage(database, pool, tmp_path):
    made = Stage(database, pool, tmp_path)
    yield made
    made.close()
