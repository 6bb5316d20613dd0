"""A house with one running campaign, for the pages that 王芳 opens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.house import House
from tests.stories.plans import ready_task, schedule_poster


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("guide")
    (folder / "onetap.sqlite3").write_bytes(sqlite_template.read_bytes())
    with House(f"sqlite:///{folder / 'onetap.sqlite3'}", folder / "data") as running:
        running.open_shop()
        running.run_job("friends")
        schedule_poster(running)
        ready_task(running, "wangfang")
        yield running
