"""The city of a store: one spelling, whoever writes it."""

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.errors import Refused
from models.org import Store, cities
from tests.cast import NOW


@pytest.mark.parametrize(
    ("written", "city"),
    [("沈阳市", "沈阳"), (" 沈阳 ", "沈阳"), ("沙市", "沙市"), ("Hong  Kong", "Hong Kong"), ("", "")],
)
def test_one_city_has_one_spelling(written, city):
    assert cities.spelled(written) == city


def test_a_change_is_in_the_audit_once(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        store = session.get_one(Store, sqlite_people.zhongjie.id)
        for _tap in range(2):
            cities.change(session, store, "沈阳市", "周岚", NOW)
        assert store.city == "沈阳"
        assert [(one.verb, one.detail) for one in session.exec(select(Audit))] == [("store.city", "沈阳")]


@pytest.mark.parametrize("city", ["长" * 33, "沈\u200b阳"])
def test_what_is_no_city_is_refused(sqlite_database, sqlite_people, city):
    with sqlite_database.write() as session, pytest.raises(Refused) as refused:
        cities.change(session, session.get_one(Store, sqlite_people.zhongjie.id), city, "周岚", NOW)
    assert "city" in refused.value.faults
