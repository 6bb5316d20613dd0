"""Opening hours: what may be written, and when a store is open next."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.errors import Refused
from models.org import opening
from tests.cast import NOW, ZONE


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("09:59", "11-19 10:00"),
        ("10:00", "11-19 10:00"),
        ("21:59", "11-19 21:59"),
        ("22:00", "11-20 10:00"),
        ("23:30", "11-20 10:00"),
        ("00:10", "11-19 10:00"),
    ],
)
def test_outside_its_hours_a_store_opens_next_morning_or_this(at, opens):
    hour, minute = map(int, at.split(":"))
    moment = datetime(2026, 11, 19, hour, minute, tzinfo=ZONE).astimezone(UTC)
    found = opening.hours("10:00", "22:00").next_open(moment, ZONE)
    assert f"{found.astimezone(ZONE):%m-%d %H:%M}" == opens


def test_a_store_that_never_closes_is_always_open():
    assert opening.hours("00:00", "24:00").next_open(NOW, ZONE) == NOW


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        ("", "", ""),
        ("9:00", "21:30", ""),
        ("00:00", "24:00", ""),
        ("10:00", "", "写成 10:00 这样"),
        ("10点", "22:00", "写成 10:00 这样"),
        ("10:00", "25:00", "写成 10:00 这样"),
        ("18:00", "02:00", "关门要晚于开门"),
        ("10:00", "10:00", "关门要晚于开门"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words(opens, closes, words):
    said = str(opening.fault(opening.spelled(opens), opening.spelled(closes)))
    assert (words in said) if words else not said


def test_a_change_is_noted_once_and_empty_is_as_the_brand_has_it(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        store = session.merge(sqlite_people.zhongjie)
        for opens, closes in (("9:00", "21:00"), ("09:00", "21:00"), ("", "")):
            opening.change(session, store, opens, closes, "周岚", NOW)
        with pytest.raises(Refused) as refused:
            opening.change(session, store, "9:00", "8:00", "周岚", NOW)
        assert (store.opens, list(refused.value.faults)) == ("", ["closes"])
        said = [row.detail for row in session.exec(select(Audit).where(Audit.verb == "store.hours"))]
    assert said == ["09:00 – 21:00", "和品牌一样"]
