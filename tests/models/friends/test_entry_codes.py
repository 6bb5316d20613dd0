"""Entry codes are asked of the platform once."""

from sqlmodel import select

from models.friends import entry_codes
from models.friends.entry_codes import EntryCodeKind, EntryCodeStatus, LeadsTo
from models.ledger.outbox import Outbox
from models.org import Store
from tests import cast
from tests.cast import NOW


def calls(session):
    rows = session.exec(select(Outbox).where(Outbox.channel == "contact_way").order_by(Outbox.id))
    return [(row.subject_id, row.why, row.payload["update"]) for row in rows]


def test_a_guide_has_one_code_however_often_it_is_asked_for(session, sqlite_people):
    made = [entry_codes.make_for_guide(session, sqlite_people.wang, NOW) for _ in range(3)]
    assert {code.id for code in made} == {made[0].id}
    assert (made[0].name, made[0].userids, made[0].status) == ("王芳 沈阳中街店", [cast.WANG], "waiting")
    assert calls(session) == [(made[0].id, "新建入口码", False)]


def test_a_state_is_random_and_short_enough_G06(session, sqlite_people):
    states = {entry_codes.make_for_guide(session, guide, NOW).state for guide in sqlite_people.guides}
    assert len(states) == 4
    assert all(len(state) == 20 and cast.WANG not in state for state in states)


def test_a_stores_code_holds_everybody_who_works_there(session, sqlite_people):
    code = entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW)
    assert code.userids == [cast.WANG, cast.ZHAO, cast.GAO]
    assert calls(session) == [(code.id, "新建入口码", False)]


def test_a_large_stores_code_holds_as_many_as_the_platform_allows(session, sqlite_people):
    for number in range(120):
        cast.add(session, cast.guide(f"extra{number:03}", sqlite_people.xinjiekou, NOW))
    assert (
        len(entry_codes.make_for_store(session, sqlite_people.xinjiekou, NOW).userids)
        == entry_codes.MAX_USERS
    )


def test_a_code_that_failed_is_asked_for_again(session, sqlite_people):
    code = entry_codes.make_for_guide(session, sqlite_people.wang, NOW)
    entry_codes.failed(session, code, "平台说她没有实名")
    assert (code.status, code.reason) == ("failed", "平台说她没有实名")
    entry_codes.make_for_guide(session, sqlite_people.wang, NOW)
    assert (code.status, code.reason, len(calls(session))) == ("waiting", "", 2)


def test_a_ready_code_keeps_what_posters_redraw(session, sqlite_people):
    code = entry_codes.make_for_guide(session, sqlite_people.wang, NOW)
    entry_codes.ready(
        session, code, "config1", "http://127.0.0.1/qr/1.png", "https://work.weixin.qq.com/ca/1", NOW
    )
    assert (code.status, code.ready_at) == ("ready", NOW)
    entry_codes.failed(session, code, "更新没有成功")
    assert (code.status, code.reason) == ("ready", "更新没有成功")


def test_a_state_is_found_only_whole_G06(session, sqlite_people):
    code = entry_codes.make_for_guide(session, sqlite_people.wang, NOW)
    assert entry_codes.find(session, code.state) is code
    assert entry_codes.find(session, code.state[:-1]) is None
    assert entry_codes.find(session, code.state + " " * 200) is None
    assert session.get(Store, code.store_id).name == "沈阳中街店"


def test_a_stores_code_that_is_made_or_being_made_is_not_asked_for_twice(session, sqlite_people):
    first = entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW)
    assert entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW) is first
    assert len(calls(session)) == 1


def test_a_code_that_leads_to_near_says_our_own_address(session, sqlite_people):
    code = entry_codes.new(session, EntryCodeKind.BRANCH, "公众号菜单", NOW, leads_to=LeadsTo.NEAR)
    assert code.printable
    assert code.says("https://onetap.example/") == f"https://onetap.example/near/{code.state}"


def test_of_several_codes_of_a_store_the_first_shared_one_is_its_own(session, sqlite_people):
    shop = sqlite_people.zhongjie
    whose = {"store_id": shop.id, "status": EntryCodeStatus.READY}
    entry_codes.new(session, EntryCodeKind.STORE, "收银台", NOW, leads_to=LeadsTo.NEAR, **whose)
    fitting_room = entry_codes.new(session, EntryCodeKind.STORE, "试衣间", NOW, **whose)
    entry_codes.new(session, EntryCodeKind.STORE, "橱窗", NOW, **whose)
    assert entry_codes.of_store(session, shop.id) is fitting_room


def test_codes_shown_for_another_count_with_it(session, sqlite_people):
    menu = entry_codes.new(session, EntryCodeKind.BRANCH, "公众号菜单", NOW, leads_to=LeadsTo.NEAR)
    shown = entry_codes.new(session, EntryCodeKind.BRANCH, menu.name, NOW, via_id=menu.id)
    cast.ready_code(session, guide=sqlite_people.wang)
    assert set(session.exec(entry_codes.with_those_behind([menu.id]))) == {menu.id, shown.id}


def test_a_retired_code_is_forgotten_by_the_platform_also_when_it_was_being_made(session, sqlite_people):
    code = entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW)
    entry_codes.end(session, code, NOW)
    ended = select(Outbox).where(Outbox.channel == "contact_way_end")
    assert session.exec(ended).all() == []
    entry_codes.ready(session, code, "config1", "", "payload", NOW)
    assert code.status == EntryCodeStatus.RETIRED
    assert [row.payload for row in session.exec(ended)] == [{"config_id": "config1"}]
