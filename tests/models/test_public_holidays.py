"""The days of the calendar: holidays, working weekends, what HQ added, and a year that nobody has announced."""

from datetime import UTC, date, datetime

import pytest

from models import public_holidays
from models.errors import Refused
from tests.cast import NOW, ZONE


def test_the_calendar_shows_month_s_end_new_year_and_a_working_sunday_as_they_are_E05(sqlite_database):
    with sqlite_database.read() as session:
        days = public_holidays.notes(session, date(2025, 12, 31), date(2026, 1, 4))
        leap = public_holidays.notes(session, date(2024, 2, 10), date(2024, 3, 1))
        english = public_holidays.notes(session, date(2026, 1, 1), date(2026, 1, 1), "en")
    assert [(day.day, note.name, note.rest) for day, note in sorted(days.items())] == [
        (1, "元旦", True),
        (2, "", True),
        (4, "", False),
    ]
    assert date(2024, 2, 29) not in leap and leap[date(2024, 2, 18)].rest is False
    assert english[date(2026, 1, 1)].name == "New Year's Day"


@pytest.mark.parametrize(
    ("at", "unknown"),
    [
        (datetime(2026, 10, 31, 15, tzinfo=UTC), None),
        (datetime(2026, 10, 31, 16, tzinfo=UTC), 2027),
        (datetime(2027, 3, 1, tzinfo=UTC), 2027),
    ],
)
def test_a_year_that_the_library_does_not_know_warns_from_november_on(sqlite_database, at, unknown):
    with sqlite_database.read() as session:
        assert public_holidays.unknown_year(session, at, ZONE) == unknown


def test_people_work_on_some_weekends_and_not_on_some_weekdays_unless_hq_says_otherwise_E05(sqlite_database):
    days = [date(2026, 1, day) for day in (2, 3, 4, 5)]
    with sqlite_database.write() as session:
        assert [day for day in days if day in public_holidays.workdays(session)] == days[2:]
        for day, rest in ((2, False), (3, None), (5, True)):
            public_holidays.add(session, date(2026, 1, day), "盘点", rest, who="周岚", now=NOW)
        assert [day for day in days if day in public_holidays.workdays(session)] == [days[0], days[2]]


def test_what_hq_added_stands_above_the_library_and_ends_the_warning(sqlite_database):
    new_year = date(2027, 1, 1)
    with sqlite_database.write() as session:
        public_holidays.add(session, new_year, "店庆", None, who="周岚", now=NOW)
        named = public_holidays.notes(session, new_year, new_year)[new_year]
        assert (named.name, named.rest) == ("店庆", True), "a name alone does not make it a day of work"
        row = public_holidays.add(session, new_year, "加班", False, who="周岚", now=NOW)
        note = public_holidays.notes(session, new_year, new_year)[new_year]
        assert (note.name, note.rest) == ("加班", False)
        assert public_holidays.unknown_year(session, NOW, ZONE) is None
        public_holidays.remove(session, row.id, who="周岚", now=NOW)
        assert public_holidays.notes(session, new_year, new_year)[new_year].name == "元旦"
        for name, words in (("", "叫什么"), ("这个名字实在是太长太长了吧", "最多 12 个"), ("两\n行", "行")):
            with pytest.raises(Refused, match=words):
                public_holidays.add(session, new_year, name, None, who="周岚", now=NOW)
        with pytest.raises(Refused, match="不在了"):
            public_holidays.remove(session, row.id, who="周岚", now=NOW)
