"""When a guide is on shift: her store's hours, and the days on which she is off or has hours of her own."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from models import preferences
from models.accounts.audit import Audit
from models.errors import Refused
from models.org import opening, shifts
from models.org.shifts import Shift
from tests.cast import NOW, ZONE

THURSDAY = date(2026, 11, 19)
"""The day of NOW, which is 10:08"""


@pytest.fixture
def plan(sqlite_database):
    def change(guide, days=0, *, off=False, hours=("", ""), note=""):
        with sqlite_database.write() as session:
            day = THURSDAY + timedelta(days=days)
            opens, closes = hours
            shifts.change(
                session, guide, day, off=off, opens=opens, closes=closes, note=note, who="马骁", now=NOW
            )

    return change


def begins(database, guide, at=NOW):
    with database.read() as session:
        return f"{shifts.on_shift_from(session, guide, at, ZONE).astimezone(ZONE):%m-%d %H:%M}"


def test_she_is_on_shift_while_her_store_is_open_else_while_the_brand_is(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        preferences.change(session, "周岚", NOW, opens="10:30", closes="20:00")
        opening.change(session, session.merge(sqlite_people.zhongjie), "9:00", "21:00", "周岚", NOW)
        assert shifts.on_shift(session, sqlite_people.wang, NOW, ZONE)
        assert not shifts.on_shift(session, sqlite_people.zhou, NOW, ZONE)
    assert begins(sqlite_database, sqlite_people.zhou) == "11-19 10:30"


def test_nobody_chose_any_hours_is_ten_to_ten(sqlite_database, sqlite_people):
    early = NOW - timedelta(hours=1)
    assert begins(sqlite_database, sqlite_people.wang, early) == "11-19 10:00"
    assert begins(sqlite_database, sqlite_people.wang, NOW + timedelta(hours=12)) == "11-20 10:00"


def test_days_off_are_passed_over(plan, sqlite_database, sqlite_people):
    for days in range(3):
        plan(sqlite_people.wang, days, off=True)
    assert begins(sqlite_database, sqlite_people.wang) == "11-22 10:00"
    assert begins(sqlite_database, sqlite_people.wang, NOW + timedelta(days=4)) == "11-23 10:08"
    assert begins(sqlite_database, sqlite_people.zhao) == "11-19 10:08"


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (timedelta(), "11-19 14:00"),
        (timedelta(hours=4), "11-19 14:08"),
        (timedelta(hours=13), "11-19 23:08"),
        (timedelta(hours=14), "11-20 10:00"),
    ],
)
def test_hours_of_her_own_go_before_those_of_the_store(plan, sqlite_database, sqlite_people, at, found):
    plan(sqlite_people.wang, hours=("14:00", "24:00"))
    assert begins(sqlite_database, sqlite_people.wang, NOW + at) == found


def test_before_the_day_of_her_own_hours_she_waits_for_them_and_not_for_the_door(
    plan, sqlite_database, sqlite_people
):
    plan(sqlite_people.wang, 1, hours=("8:00", "12:00"))
    with sqlite_database.read() as session:
        both = [sqlite_people.wang, sqlite_people.zhao]
        found = shifts.next_shifts(session, both, NOW + timedelta(hours=12), ZONE)
    assert [f"{one.at.astimezone(ZONE):%d %H:%M} {one.own}" for one in found.values()] == [
        "20 08:00 True",
        "20 10:00 False",
    ]


def test_a_hundred_guides_cost_as_many_queries_as_one(plan, sqlite_database, sqlite_people):
    plan(sqlite_people.wang, off=True)
    asked = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    counts = []
    for some in (sqlite_people.guides[:1], sqlite_people.guides * 25):
        asked.clear()
        with sqlite_database.read() as session:
            shifts.next_shifts(session, some, NOW, ZONE)
        counts.append(len([one for one in asked if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 3


def test_as_her_store_again_takes_the_exception_away(plan, sqlite_database, sqlite_people):
    plan(sqlite_people.wang, off=True, note="调休")
    plan(sqlite_people.wang, off=True, note="调休")
    plan(sqlite_people.wang)
    plan(sqlite_people.wang)
    with sqlite_database.read() as session:
        assert session.exec(select(Shift)).all() == []
        said = [row.detail for row in session.exec(select(Audit).where(Audit.verb == "guide.shift"))]
    assert said == ["王芳，2026-11-19：休息", "王芳，2026-11-19：和门店一样"]


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"off": True, "hours": ("10:00", "12:00")}, "closes"),
        ({"hours": ("22:00", "10:00")}, "closes"),
        ({"hours": ("", "10:00")}, "opens"),
        ({"off": True, "note": "长" * 41}, "note"),
    ],
)
def test_what_cannot_be_a_day_is_refused_by_field(plan, sqlite_people, how, field):
    with pytest.raises(Refused) as refused:
        plan(sqlite_people.wang, **how)
    assert list(refused.value.faults) == [field]


def test_days_that_are_long_over_are_forgotten(plan, sqlite_database, sqlite_people):
    for days in (-400, -1, 0):
        plan(sqlite_people.wang, days, off=True)
    with sqlite_database.write() as session:
        assert shifts.prune(session, THURSDAY - timedelta(days=300), 500) == 1
        assert len(session.exec(select(Shift)).all()) == 2
