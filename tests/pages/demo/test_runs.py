"""A run is kept."""

from datetime import timedelta

import pytest

from models.campaigns import Task
from models.db import Database
from pages.demo import runs
from tests import cast
from tests.pages.demo.app import NOW


def test_a_run_is_kept_over_a_restart(sqlite_database: Database):
    with sqlite_database.write() as session:
        first = runs.begin(session, 41, NOW)
        first.switches = {"copies": True}
        runs.keep(session, first)
    with sqlite_database.write() as session:
        again = runs.read(session)
        assert again == first
        assert runs.begin(session, 99, NOW).number == 2


@pytest.mark.parametrize(
    ("name", "hers", "status", "counts"),
    [
        (runs.NAME, False, "scheduled", True),
        ("冬至上新", True, "running", True),
        ("明天的活动", False, "scheduled", False),
        ("只发给南京", False, "running", False),
        (runs.NAME, False, "draft", False),
    ],
)
def test_what_hq_plans_for_tomorrow_or_for_others_does_not_hold_up_the_story(
    sqlite_database: Database, sqlite_people: cast.Cast, name: str, hers: bool, status: str, counts: bool
):
    with sqlite_database.write() as session:
        cast.campaign(session, name=runs.NAME, status="running")  # of a run before
        run = runs.begin(session, 41, NOW)
        launch = {"launch_at": NOW + timedelta(days=1)} if status == "scheduled" else {}
        planned = cast.campaign(session, name=name, status=status, **launch)
        if hers:
            session.add(
                Task(code="hers", campaign_id=planned.id, guide_id=sqlite_people.wang.id, created_at=NOW)
            )
            session.flush()
        assert runs.campaign_of(session, run) == (planned if counts else None)
