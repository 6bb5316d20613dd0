"""How far tasks are: each step is counted, and each task stands in front of one step at most."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import true
from sqlmodel import select

from models.campaigns import Task, progress
from models.campaigns.progress import STEPS, Progress
from models.org import Guide
from tests import cast
from tests.cast import NOW

LAST = dict(
    zip(("waiting", *STEPS), ("", "card_sent_at", "opened_at", "reported_at", "confirmed_at"), strict=True)
)


@pytest.fixture
def tasks(sqlite_database):
    """One task for each last step that a guide can have taken; her name is the step."""
    with sqlite_database.write() as session:
        campaign = cast.campaign(session)
        columns = [column for column in LAST.values() if column]
        for place, step in enumerate(LAST):
            guide = cast.add(session, cast.guide(step, None))
            taken = dict.fromkeys(columns[:place], NOW)
            cast.task(session, campaign, guide, customer_count=10, reached=place, **taken)
        return campaign.id


def names(session, condition) -> set[str]:
    return set(session.exec(select(Guide.name).join(Task).where(condition)))


def test_whoever_took_a_step_is_counted_in_all_before_it(sqlite_database, tasks):
    with sqlite_database.read() as session:
        [found] = progress.progress_of(session, [tasks, 999], true()).values()
    steps = {"targeted": 5, "carded": 4, "opened": 3, "said": 2, "confirmed": 1, "straight": 0}
    assert asdict(found) == {**steps, "reached": 10, "customers": 50, "limited": 0, "not_friend": 0}
    assert found + Progress(targeted=1, reached=2) == Progress(
        **{**asdict(found), "targeted": 6, "reached": 12}
    )


def test_a_task_has_stopped_before_one_step_and_a_confirmed_one_before_none(sqlite_database, tasks):
    with sqlite_database.read() as session:
        stopped = {step: names(session, progress.standing(f"not_{step}")) for step in STEPS}
        said = names(session, progress.standing("said"))
    assert stopped == {"carded": {"waiting"}, "opened": {"carded"}, "said": {"opened"}, "confirmed": {"said"}}
    assert said == {"said", "confirmed"}


def test_the_platform_s_word_counts_though_she_never_opened_her_card(sqlite_database):
    with sqlite_database.write() as session:
        guide = cast.add(session, cast.guide("quick", None))
        task = cast.task(session, cast.campaign(session), guide, card_sent_at=NOW)
        assert names(session, progress.standing("not_opened")) == {"quick"}
        task.confirm(NOW + timedelta(minutes=1))
        session.flush()
        assert {step for step in STEPS if names(session, progress.stopped_before(step))} == set()
        assert {step for step in STEPS if names(session, progress.went_past(step))} == {"opened"}
