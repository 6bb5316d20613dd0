"""One house per story, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.house import House


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    with House(database_url, tmp_path / "data") as running:
        running.open_shop()
        yield running
