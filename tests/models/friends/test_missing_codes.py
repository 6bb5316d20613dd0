"""Missing entry codes are asked for, each once."""

from models.friends import entry_codes, missing_codes
from models.org import Guide
from tests import cast
from tests.cast import NOW


def test_missing_codes_are_made_for_present_guides_of_stores(session, sqlite_people):
    session.get_one(Guide, sqlite_people.zhou.id).leave("sync", NOW)
    cast.add(session, cast.guide("nowhere", None))
    assert missing_codes.make(session, NOW, 2) == 2
    assert missing_codes.make(session, NOW, 2) == 1
    assert missing_codes.make(session, NOW, 2) == 0


def test_a_store_is_asked_for_what_it_and_its_people_lack(session, sqlite_people):
    store, wang = sqlite_people.zhongjie, sqlite_people.wang
    failed = entry_codes.make_for_guide(session, wang, NOW)
    entry_codes.failed(session, failed, "平台说她没有实名")
    cast.ready_code(session, guide=sqlite_people.zhao)
    assert missing_codes.of_store(session, store) == (True, [wang, sqlite_people.gao])
    assert missing_codes.ask_for_all(session, store, "周岚", NOW) == 3
    assert missing_codes.of_store(session, store) == (False, [])
    assert missing_codes.ask_for_all(session, store, "周岚", NOW) == 0
