"""Every few minutes codes are compared with who is on shift; where nothing changed, nothing is called."""

from datetime import timedelta

from sqlmodel import select

from models.friends import entry_code_users
from models.friends.entry_codes import EntryCode
from models.org import Guide, Store
from scheduler.jobs.code_users import follow_shifts, refresh_stores
from tests import cast


def open_between(session, stage, opens: str, closes: str) -> None:
    for store in session.exec(select(Store)).all():
        store.opens, store.closes = opens, closes


def test_a_code_follows_the_shifts_without_a_call_more_than_needed(stage):
    with stage.db.write() as session:
        badge = cast.ready_code(session, guide=stage.cast.wang).id
        open_between(session, stage, "00:00", "24:00")
    assert follow_shifts(stage.runtime, stage.now) == ""
    with stage.db.write() as session:
        morning = stage.now.astimezone(stage.runtime.zone).hour < 12
        open_between(session, stage, *(("13:00", "14:00") if morning else ("01:00", "02:00")))
    assert (
        follow_shifts(stage.runtime, stage.now) == ""
    )  # the whole store rests: whoever is in the code stays
    with stage.db.read() as session:
        assert session.get_one(Guide, stage.cast.wang.id).resting
        assert session.get_one(EntryCode, badge).userids == [cast.WANG]
    assert stage.rows(channel="contact_way") == []


def test_the_codes_of_many_stores_are_compared_and_the_changed_counted(stage):
    with stage.db.write() as session:
        badge = cast.ready_code(session, guide=stage.cast.wang).id
        session.get_one(Guide, stage.cast.wang.id).leave("sync", stage.now - timedelta(hours=1))
        stores = entry_code_users.stores_with_codes(session)
    assert refresh_stores(stage.runtime, stores, stage.now, entry_code_users.PEOPLE_CHANGED) == 1
    assert refresh_stores(stage.runtime, stores, stage.now, entry_code_users.PEOPLE_CHANGED) == 0
    with stage.db.read() as session:
        assert session.get_one(EntryCode, badge).userids != [cast.WANG]
