"""A house with one running campaign, for the pages that 王芳 opens; and single tasks of hers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.campaigns import Campaign, Task
from tests.pages.conftest import NOON, Console
from tests.pages.guide.own_phone import Give
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


@pytest.fixture
def give(console: Console) -> Give:
    """One more task for 王芳, of a campaign of its own; its code."""

    def one(code: str, channel: str, **task: object) -> str:
        with console.db.write() as session:
            ends_at = NOON + timedelta(hours=1)
            plan = Campaign(
                name=code, channel=channel, status="running", launch_at=NOON, ends_at=ends_at, created_at=NOON
            )
            session.add(plan)
            session.flush()
            guide, campaign = console.ids["wangfang"], plan.id or 0
            session.add(
                Task(code=code, campaign_id=campaign, guide_id=guide, created_at=NOON, ready_at=NOON, **task)
            )  # type: ignore[arg-type]
        return code

    return one
