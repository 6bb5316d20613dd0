"""等总部确认 (B13): a comparison waits for a yes; HQ sees who is missing, says yes once, and only to what was shown."""

import re
from typing import Any

import pytest
from sqlmodel import select

from models import job_runs
from models.accounts.audit import Audit
from models.org import removal_guard
from models.org.removal_guard import PendingRemoval
from tests.pages.conftest import NOON, Console

WORDS = "在岗 3 位里一下少了 3 位，先没有照做"


def guard(console: Console, plan: str, missing: list[str], whose: str = "", words: str = WORDS) -> None:
    with console.db.write() as session:
        removal_guard.keep(session, plan, whose, words, missing, NOON)


@pytest.fixture
def pending(console: Console) -> Console:
    """Last night the directory listed nobody."""
    guard(console, "directory", ["wangfang", "zhoumei", "sunjiayi"])
    return console


def page(console: Console, path: str, who: str = "zhou") -> str:
    return console.signed_in(who).get(path, follow_redirects=True).get_data(as_text=True)


def mark(console: Console, plan: str = "directory") -> str:
    found = re.search(r'name="mark" value="(\w+)"', page(console, f"/console/pending-removals/{plan}"))
    assert found
    return found[1]


def say_yes(console: Console, plan: str = "directory", **form: Any):
    return console.post(
        console.signed_in("zhou"), f"/console/pending-removals/{plan}", {"mark": mark(console, plan)} | form
    )


def waiting(console: Console) -> list[PendingRemoval]:
    with console.db.read() as session:
        return removal_guard.waiting(session)


def asked(console: Console) -> set[str]:
    with console.db.read() as session:
        return set(job_runs.asked(session))


def test_what_waits_is_shown_where_hq_looks_and_nobody_else_sees_it_B13(pending: Console) -> None:
    assert "通讯录里一下少了 3 位导购" in page(pending, "/console/")
    timetable_page = page(pending, "/console/timetable")
    assert WORDS in timetable_page
    assert "/console/pending-removals/directory" in timetable_page
    for who in ("chen", "ma"):
        assert "一下少了" not in page(pending, "/console/", who)
        assert pending.signed_in(who).get("/console/pending-removals/directory").status_code == 403


def test_the_question_names_the_people_the_number_and_what_follows_B13(pending: Console) -> None:
    text = page(pending, "/console/pending-removals/directory")
    assert "3 位导购都按离职处理？" in text
    assert all(name in text for name in ("王芳", "周梅", "孙佳怡"))
    assert "会停下" in text
    assert "会留下" in text


def test_one_tap_and_the_comparison_is_asked_for_in_her_name_B13(pending: Console) -> None:
    assert say_yes(pending).location == "/console/timetable?done=confirmed"
    assert [one.by for one in waiting(pending)] == ["周岚"]
    assert asked(pending) == {"directory"}
    with pending.db.read() as session:
        written = session.exec(select(Audit).where(Audit.verb == "removal_guard.confirm")).one()
    assert (written.actor, written.noun, written.detail) == ("周岚", "plan:directory", WORDS)
    assert "周岚已确认，马上照做" in page(pending, "/console/timetable")
    assert "通讯录里一下少了" not in page(pending, "/console/")


def test_a_second_tap_changes_nothing_B13(pending: Console) -> None:
    shown, client = mark(pending), pending.signed_in("zhou")
    for _tap in range(2):
        assert pending.post(client, "/console/pending-removals/directory", {"mark": shown}).location.endswith(
            "done=confirmed"
        )
    with pending.db.read() as session:
        assert len(session.exec(select(Audit).where(Audit.verb == "removal_guard.confirm")).all()) == 1


def test_a_yes_to_an_older_list_is_refused_and_the_new_one_is_shown_B13(pending: Console) -> None:
    shown = mark(pending)
    guard(pending, "directory", ["wangfang", "zhoumei"], words="在岗 3 位里一下少了 2 位")
    answer = say_yes(pending, mark=shown)
    assert answer.status_code == 409
    assert "等确认的名单刚才变了" in answer.get_data(as_text=True)
    assert "2 位导购都按离职处理？" in answer.get_data(as_text=True)
    assert (asked(pending), waiting(pending)[0].by) == (set(), "")


def test_when_everybody_is_back_there_is_nothing_to_say_yes_to_B13(pending: Console) -> None:
    shown = mark(pending)
    guard(pending, "directory", [])
    answer = pending.post(pending.signed_in("zhou"), "/console/pending-removals/directory", {"mark": shown})
    assert answer.location == "/console/timetable?done=moot"
    assert "现在没有等确认的" in page(pending, "/console/pending-removals/directory")
    assert asked(pending) == set()


def test_friends_are_told_by_their_guide_and_by_name_B13(console: Console) -> None:
    guard(console, "friends", ["wm-northeast"], str(console.ids["wangfang"]), "8 位好友里一下少了 5 位")
    many = ["wm-east", *(f"wm{number}" for number in range(29))]
    guard(console, "friends", many, str(console.ids["sunjiayi"]), "40 位好友里一下少了 30 位")
    text = page(console, "/console/pending-removals/friends")
    assert "31 位好友都记为已不是好友？" in text
    assert "王芳：林若溪northeast" in text
    assert "孙佳怡：林若溪east 等 30 位" in text
    assert "名单里一下少了 31 位好友" in page(console, "/console/")
    assert "2 位导购的名单，一共少了 31 位" in page(console, "/console/timetable")
    say_yes(console, "friends")
    assert {one.by for one in waiting(console)} == {"周岚"}


def test_there_are_two_such_comparisons(pending: Console) -> None:
    client = pending.signed_in("zhou")
    assert client.get("/console/pending-removals/groups").status_code == 404
    assert client.get("/console/pending-removals/friends").location == "/console/timetable?done=moot"
