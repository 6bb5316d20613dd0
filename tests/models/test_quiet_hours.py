"""What falls into the night waits until morning, in the clock of the shops."""

from datetime import UTC, datetime

import pytest

from models import preferences, quiet_hours
from tests.cast import NOW, ZONE


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (at(19, 21, 59), at(19, 21, 59)),
        (at(19, 22), at(20, 8)),
        (at(19, 23, 59), at(20, 8)),
        (at(20, 0), at(20, 8)),
        (at(20, 7, 59), at(20, 8)),
        (at(20, 8), at(20, 8)),
    ],
)
def test_a_late_run_that_falls_into_the_night_waits_until_morning_E07(sqlite_database, moment, allowed):
    with sqlite_database.read() as session:
        found = quiet_hours.allowed_from(session, moment.astimezone(UTC), ZONE)
    assert found == allowed and found.tzinfo == UTC


@pytest.mark.parametrize(
    ("begin", "end", "moment", "allowed"),
    [
        (0, 0, at(19, 3), at(19, 3)),
        (13, 15, at(19, 14, 30), at(19, 15)),
        (13, 15, at(19, 23), at(19, 23)),
        (0, 9, at(19, 2), at(19, 9)),
    ],
)
def test_the_brand_chooses_its_quiet_hours_and_may_have_none(sqlite_database, begin, end, moment, allowed):
    with sqlite_database.write() as session:
        preferences.change(session, "周岚", NOW, quiet_from=begin, quiet_to=end)
    with sqlite_database.read() as session:
        assert quiet_hours.allowed_from(session, moment, ZONE) == allowed


def test_they_are_said_by_their_hours():
    assert str(quiet_hours.words(preferences.Preferences())) == "22:00 – 08:00 免打扰"
