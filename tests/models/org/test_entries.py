"""A member's entry holds the newest word on each matter."""

from datetime import timedelta

import pytest

from models.org import entries
from models.org.entries import Member
from tests import cast
from tests.cast import NOW, WANG


@pytest.fixture
def session(sqlite_database):
    with sqlite_database.write() as session:
        cast.play(session)
        yield session


def test_an_entry_begins_with_what_the_guides_row_knows(session):
    found = entries.all_of(session, [WANG.upper(), "lu", WANG])
    assert sorted(found) == ["lu", WANG]
    assert (found[WANG].present, found[WANG].heard_at("present")) == (True, NOW - timedelta(days=200))
    assert (found["lu"].present, found["lu"].heard) == (None, {})
    assert entries.of(session, "LU") is found["lu"]


def test_what_a_word_leaves_out_stays(session):
    entry = entries.of(session, "lu")
    entries.hear(entry, Member("lu", "陆瑶", (1, 2), main_department=2, leads=(False, True)), NOW)
    assert entries.hear(entry, Member("lu", active=None), NOW + timedelta(hours=1)) == set()
    assert entries.hear(entry, Member("lu", leads=(True,), active=None), NOW + timedelta(hours=1)) == {
        "leads"
    }
    assert (entry.name, entry.departments, entry.main_department, entry.leads) == ("陆瑶", [1, 2], 2, [1])


def test_a_comparison_writes_only_what_differs(session):
    member = Member("lu", "陆瑶", (1,))
    entries.compare(session, [member], NOW)
    before = dict(entries.of(session, "lu").heard)
    assert set(before) == {"name", "departments", "present"}
    entries.compare(session, [Member("lu", "陆瑶", (2,))], NOW + timedelta(days=1))
    changed = {matter for matter, at in entries.of(session, "lu").heard.items() if at != before[matter]}
    assert changed == {"departments"}
