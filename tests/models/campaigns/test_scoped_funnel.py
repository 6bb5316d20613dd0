"""A campaign as somebody may see it: HQ all of it by branch, a branch or a store only its own guides."""

import pytest
from sqlmodel import col

from models.campaigns import Campaign, Task, scoped_funnel
from models.campaigns.progress import stopped_before
from models.campaigns.scoped_funnel import View, task_lines
from models.ledger.channels import NOTICE
from tests import cast
from tests.cast import NOW


@pytest.fixture
def boots(database, people) -> Campaign:
    """王芳 confirmed, 赵倩 says so, 高敏 opened, 周梅 has no card; 87 customers each."""
    with database.write() as session:
        campaign = cast.campaign(session, name="雪地靴")
        for guide, done in (
            (
                people.wang,
                {
                    "card_sent_at": NOW,
                    "opened_at": NOW,
                    "reported_at": NOW,
                    "confirmed_at": NOW,
                    "reached": 80,
                },
            ),
            (people.zhao, {"card_sent_at": NOW, "opened_at": NOW, "reported_at": NOW}),
            (people.gao, {"card_sent_at": NOW, "opened_at": NOW}),
            (people.zhou, {}),
        ):
            cast.task(session, campaign, guide, branch_id=people.northeast.id, **done)
        return campaign


@pytest.fixture
def view(database, boots):
    def of(*tasks, everything=False, campaign=boots) -> View:
        with database.read() as session:
            return scoped_funnel.view_of(
                session, campaign, *(tasks or [col(Task.id) > 0]), everything=everything
            )

    return of


def stopped(view: View) -> dict[str, int]:
    return {one.step: one.count for one in view.lost}


def test_hq_and_whoever_sees_all_of_its_tasks_read_the_same_numbers(view):
    whole, counted = view(everything=True), view()
    assert (whole.guide_steps, whole.progress.customers, whole.progress.reached) == (
        counted.guide_steps,
        348,
        80,
    )
    assert stopped(whole) == stopped(counted) == {"carded": 1, "opened": 0, "said": 1, "confirmed": 1}
    assert whole.guide_steps == (4, 3, 3, 2, 1)


def test_a_store_sees_its_own_guides_and_nobody_elses(view, people):
    seen = view(col(Task.store_id) == people.taiyuanjie.id)
    assert (seen.guide_steps, seen.progress.customers, seen.reasons) == ((1, 0, 0, 0, 0), 87, ())
    assert [row.name for row in seen.rows] == ["沈阳太原街店"]


def test_hq_reads_by_branch_and_a_branch_by_store_with_most_to_do_first(view):
    assert [(row.name, row.unconfirmed) for row in view(everything=True).rows] == [("东北分公司", 3)]
    assert [(row.name, row.unconfirmed) for row in view().rows] == [("沈阳中街店", 2), ("沈阳太原街店", 1)]


def test_a_notice_ends_with_her_word_because_the_platform_has_nothing_to_confirm(view, database, boots):
    with database.write() as session:
        notice = session.get_one(Campaign, boots.id)
        notice.channel = NOTICE
    for everything in (True, False):
        seen = view(everything=everything, campaign=notice)
        assert (seen.guide_steps, "confirmed" in stopped(seen)) == ((4, 3, 3, 2), False)


def test_what_needs_work_stands_on_top_of_the_list(database, boots):
    with database.read() as session:
        lines = task_lines(session, boots.id, limit=3, offset=0)
        rest = task_lines(session, boots.id, limit=3, offset=3)
    assert (len(lines), len(rest)) == (3, 1)
    assert {line.guide for line in lines[:2]} == {"高敏", "周梅"}
    assert [line.guide for line in [*lines[2:], *rest]] == ["赵倩", "王芳"]


@pytest.mark.parametrize(("step", "who"), [("carded", "周梅"), ("said", "高敏"), ("confirmed", "赵倩")])
def test_each_gap_of_the_funnel_opens_the_list_of_its_guides(database, boots, step, who):
    with database.read() as session:
        assert [
            line.guide for line in task_lines(session, boots.id, stopped_before(step), limit=9, offset=0)
        ] == [who]


def test_the_newest_moment_of_a_task_is_the_last_thing_that_happened(boots):
    assert (
        scoped_funnel.newest(Task(code="x", campaign_id=1, guide_id=1, created_at=NOW, reported_at=NOW))
        == NOW
    )
    assert scoped_funnel.newest(Task(code="x", campaign_id=1, guide_id=1, created_at=NOW)) is None
