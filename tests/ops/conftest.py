"""What operators' tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.db import Database
from tests.conftest import fresh_database


@pytest.fixture
def postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with fresh_database(request, "postgres", tmp_path) as url:
        opened = Database(url)
        yield opened
        opened.close()
