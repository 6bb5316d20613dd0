"""The removal guard's memory: what was held, a yes to just that, and that a yes counts once (B13)."""

import pytest

from models import job_runs
from models.errors import Refused
from models.org import removal_guard
from tests.cast import NOW


@pytest.fixture
def held(database):
    """Three guides are missing from the directory, two friends from one list."""
    with database.write() as session:
        removal_guard.keep(session, "directory", "", "少了 3 位", ["wang", "zhao", "gao"], NOW)
        removal_guard.keep(session, "friends", "7", "少了 2 位", ["wmA", "wmB"], NOW)
    return database


def confirm(database, plan="directory", mark="", who="周岚"):
    with database.write() as session:
        return removal_guard.confirm(
            session, plan, mark or removal_guard.mark_of(removal_guard.waiting(session, plan)), who, NOW
        )


def begin(database, plan="directory", whose=("",)):
    with database.write() as session:
        return removal_guard.begin(session, plan, whose)


def test_what_waits_is_told_by_comparison(held):
    with held.read() as session:
        assert [one.plan for one in removal_guard.waiting(session)] == ["directory", "friends"]
        found = removal_guard.waiting(session, "directory")[0]
    assert (found.number, found.some, found.words, found.by) == (3, ("gao", "wang", "zhao"), "少了 3 位", "")


def test_a_yes_allows_just_these_people_in_any_order(held):
    assert confirm(held)
    yes = begin(held)[""]
    assert yes.allows(["zhao", "gao", "wang"])
    assert not yes.allows(["zhao", "gao"])
    assert not yes.allows(["zhao", "gao", "wang", "zhou"])


def test_nothing_is_allowed_before_somebody_said_yes(held):
    assert begin(held) == {}
    with held.read() as session:
        assert not removal_guard.waiting(session, "directory")[0].allows(["wang", "zhao", "gao"])


def test_a_yes_counts_for_one_run(held):
    confirm(held)
    assert begin(held)[""].by == "周岚"
    assert begin(held) == {}
    assert confirm(held, who="吴桐")
    assert begin(held)[""].by == "吴桐"


def test_the_first_yes_counts_and_asks_for_the_run(held):
    assert (confirm(held), confirm(held, who="吴桐")) == (True, False)
    with held.read() as session:
        assert removal_guard.waiting(session, "directory")[0].by == "周岚"
        assert set(job_runs.asked(session)) == {"directory"}


def test_a_yes_to_what_is_not_held_any_more_is_refused(held):
    with held.read() as session:
        seen = removal_guard.mark_of(removal_guard.waiting(session, "directory"))
    with held.write() as session:
        removal_guard.keep(session, "directory", "", "少了 4 位", ["wang", "zhao", "gao", "zhou"], NOW)
    with pytest.raises(Refused, match="名单刚才变了"):
        confirm(held, mark=seen)
    with pytest.raises(Refused):
        confirm(held, plan="groups", mark=seen)
    with held.read() as session:
        assert job_runs.asked(session) == {}


def test_other_people_missing_take_an_unused_yes_back(held):
    confirm(held)
    with held.write() as session:
        removal_guard.keep(session, "directory", "", "少了 3 位", ["wang", "zhao", "gao"], NOW)
        assert removal_guard.waiting(session, "directory")[0].by == "周岚"
        removal_guard.keep(session, "directory", "", "少了 3 位", ["wang", "zhao", "zhou"], NOW)
        assert removal_guard.waiting(session, "directory")[0].by == ""


def test_nobody_missing_means_that_nothing_waits(held):
    with held.write() as session:
        removal_guard.keep(session, "directory", "", "", (), NOW)
        assert [one.plan for one in removal_guard.waiting(session)] == ["friends"]


def test_a_list_that_is_not_compared_any_more_is_forgotten(held):
    begin(held, "friends", whose=("8",))
    with held.read() as session:
        assert removal_guard.waiting(session, "friends") == []
