"""The invented retailer has codes of every kind, as people would have planned them."""

from sqlmodel import select

from models.friends.entry_codes import EntryCode, EntryCodeKind, LeadsTo
from models.org import Store
from ops import sample_codes
from tests.cast import NOW


def test_each_kind_of_code_is_there_and_a_till_leads_to_near(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        sample_codes.put(session, [session.get_one(Store, sqlite_people.zhongjie.id)], "演示", NOW)
        made = list(session.exec(select(EntryCode)))
    assert {one.kind for one in made} == set(EntryCodeKind) - {EntryCodeKind.GUIDE}
    assert {one.place: one.leads_to for one in made if one.place} == {
        "收银台": LeadsTo.NEAR,
        "试衣间": LeadsTo.USERS,
    }
