"""What operators' tests share: the invented retailer, small, and a PostgreSQL database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.db import Database
from ops import sample_data
from tests.conftest import fresh_database


@pytest.fixture(scope="session")
def company() -> sample_data.Retailer:
    return sample_data.invent(guides_per_store=2, customers_per_guide=3)


@pytest.fixture
def postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with fresh_database(request, "postgres", tmp_path) as url:
        opened = Database(url)
        yield opened
        opened.close()
