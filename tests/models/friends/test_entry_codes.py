"""Entry codes are asked of the platform once, and follow the people of their store."""

from sqlmodel import select

from models.friends import entry_codes
from models.ledger.outbox import Outbox
from models.org import Guide, Store
from tests import cast
from tests.cast import NOW


def calls(session):
    rows = session.exec(select(Outbox).where(Outbox.channel == "contact_way").order_by(Outbox.id))
    return [(row.subject_id, row.why, row.payload["update"]) for row in rows]


def test_a_guide_has_one_code_however_often_it_is_asked_for(session, sqlite_people):
    made = [entry_codes.make_for_guide(session, sqlite_people.wang, NOW) for _ in range(3)]
    assert {code.id for code in made} == {made[0].id}
    assert (made[0].name, made[0].userids, made[0].status) == ("王芳 沈阳中街店", [cast.WANG], "waiting")
    assert calls(session) == [(made[0].id, "新建渠道码", False)]


def test_a_state_is_random_and_short_enough(session, sqlite_people):
    states = {entry_codes.make_for_guide(session, guide, NOW).state for guide in sqlite_people.guides}
    assert len(states) == 4
    assert all(len(state) == 20 and cast.WANG not in state for state in states)


def test_a_stores_code_holds_everybody_who_works_there(session, sqlite_people):
    code = entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW)
    assert code.userids == [cast.WANG, cast.ZHAO, cast.GAO]
    assert calls(session) == [(code.id, "新建渠道码", False)]


def test_a_code_of_nobody_waits_for_somebody(session, sqlite_people):
    code = entry_codes.make_for_store(session, sqlite_people.xinjiekou, NOW)
    assert (code.status, code.reason) == ("failed", entry_codes.NOBODY)
    assert calls(session) == []
    session.get_one(Guide, sqlite_people.zhou.id).store_id = sqlite_people.xinjiekou.id
    session.flush()
    entry_codes.refresh_users(session, sqlite_people.xinjiekou.id, NOW)
    assert (code.status, code.userids) == ("waiting", [cast.ZHOU])
    assert len(calls(session)) == 1


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


def test_the_platform_hears_of_changed_people_once(session, sqlite_people):
    code = cast.ready_code(session, store=sqlite_people.zhongjie)
    assert entry_codes.refresh_users(session, sqlite_people.zhongjie.id, NOW) is None
    session.get_one(Guide, sqlite_people.wang.id).leave("sync", NOW)
    session.flush()
    assert entry_codes.stores_with_one(session) == [sqlite_people.zhongjie.id]
    assert entry_codes.refresh_users(session, sqlite_people.zhongjie.id, NOW) is code
    assert entry_codes.refresh_users(session, sqlite_people.zhongjie.id, NOW) is None
    assert code.userids == [cast.ZHAO, cast.GAO]
    assert calls(session) == [(code.id, "店里的人变了", True)]


def test_the_last_one_to_leave_keeps_the_code_alive(session, sqlite_people):
    code = cast.ready_code(session, store=sqlite_people.taiyuanjie)
    code.userids = [cast.ZHOU]
    session.get_one(Guide, sqlite_people.zhou.id).leave("sync", NOW)
    session.flush()
    assert entry_codes.refresh_users(session, sqlite_people.taiyuanjie.id, NOW) is None
    assert code.userids == [cast.ZHOU]


def test_a_code_that_is_being_made_is_compared_later(session, sqlite_people):
    code = entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW)
    session.get_one(Guide, sqlite_people.wang.id).leave("sync", NOW)
    session.flush()
    assert entry_codes.refresh_users(session, sqlite_people.zhongjie.id, NOW) is None
    entry_codes.ready(session, code, "config1", "", "payload", NOW)
    assert entry_codes.refresh_users(session, sqlite_people.zhongjie.id, NOW) is code


def test_a_state_is_found_only_whole(session, sqlite_people):
    code = entry_codes.make_for_guide(session, sqlite_people.wang, NOW)
    assert entry_codes.find(session, code.state) is code
    assert entry_codes.find(session, code.state[:-1]) is None
    assert entry_codes.find(session, code.state + " " * 200) is None
    assert session.get(Store, code.store_id).name == "沈阳中街店"


def test_a_stores_code_that_is_made_or_being_made_is_not_asked_for_twice(session, sqlite_people):
    first = entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW)
    assert entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW) is first
    assert len(calls(session)) == 1
