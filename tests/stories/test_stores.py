"""HQ's own lists come in on the page; a new store's code brings its first friend; people come, move and go."""

import re

from sqlmodel import select

from models.friends import entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.org import Store, find_guide
from tests import cast
from tests.stories.house import House

HANGZHOU = (
    "门店编号,门店名称,分公司编号,地址,纬度,经度,部门编号\n"
    "S41,杭州银泰店,B4,杭州市延安路 530 号,30.2592,120.1640,41\n"
    "S42,杭州湖滨店,nowhere,杭州市平海路 124 号,30.2571,120.1652,42\n"
    "S43,杭州西溪店,B4,杭州市文二西路 1 号,120.0621,30.2765,43\n"
)


def bring_in(house: House, noun: str, rows: str) -> str:
    """HQ picks a file on the import page, looks at what it would do and says yes; the page that follows."""
    answer = house.office().send_form(
        "/console/import",
        {"noun": noun},
        at=f"/console/import?noun={noun}",
        file=("rows.csv", rows.encode(), "text/csv"),
    )
    assert answer.ok and "先看一看，还没有存" in answer.text, answer.text
    code = re.search(r'name="upload" value="(\w+)"', answer.text)
    assert code
    answer = house.office().send_form("/console/import", {"noun": noun, "upload": code[1]})
    assert answer.ok, answer.text
    return answer.text


def store_named(house: House, name: str) -> Store:
    return house.row(lambda session: session.exec(select(Store).where(Store.name == name)).one())


def code_of_store(house: House, store: Store) -> EntryCode:
    """The store's code, asked for on its page by whoever needs it first, as soon as it works."""
    page = f"/console/stores/{store.id}"
    if house.row(lambda session: entry_codes.of_store(session, store.id)) is None:
        house.office().press(f"{page}/code", at=page)
    return house.until(
        lambda: (
            (code := house.row(lambda session: entry_codes.of_store(session, store.id))).status
            == EntryCodeStatus.READY
            and code
        )
    )


def test_a_new_store_is_imported_gets_its_code_and_its_first_friend_K07(house: House):
    """The wrong lines say which and why; the good ones are in."""
    house.world.hire("limei", "李梅", 41)
    assert re.search(r"<dt>新增</dt>\s*<dd>\s*1\s*</dd>", bring_in(house, "branches", "编号,名称\nB4,杭州\n"))
    told = bring_in(house, "stores", HANGZHOU)
    assert "好的行已导入，坏的行在下面" in told and re.search(r"<dt>新增</dt>\s*<dd>\s*1\s*</dd>", told)
    assert 'data-l="行号">3</td>' in told and "没有编号是「nowhere」的分公司" in told
    assert 'data-l="行号">4</td>' in told and "是不是和经度写反了" in told
    assert re.search(
        r"<dt>新增</dt>\s*<dd>\s*1\s*</dd>",
        bring_in(house, "guides", "企业微信账号,姓名,门店编号,店长\nlimei,李梅,S41,是\n"),
    )

    store = store_named(house, "杭州银泰店")
    code = code_of_store(house, store)
    house.until_page(f"/console/stores/{store.id}", "扫了会分给：李梅")
    house.world.scan("wmHANGZHOU", code.payload, name="钱塘")
    friend = house.until(lambda: house.friend("wmHANGZHOU"))
    assert friend.store_id == store.id and friend.code_id == code.id
    welcome = house.until(lambda: house.world.ledger("welcome", who="wmHANGZHOU"))
    assert "李梅" in str(welcome[0]["what"]) and "杭州银泰店" in str(welcome[0]["what"])
    assert "扫「杭州银泰店」的码，加了李梅" in house.office().page(f"/console/friends/{friend.id}")
    assert "1 位好友" in house.office().page(f"/console/stores/{store.id}")


def test_the_same_list_again_changes_nothing(house: House):
    bring_in(house, "branches", "编号,名称\nB5,苏州\n")
    assert re.search(r"<dt>没变</dt>\s*<dd>\s*1\s*</dd>", bring_in(house, "branches", "编号,名称\nB5,苏州\n"))


def test_when_a_guide_leaves_her_stores_code_and_her_friends_pages_say_so_F05(house: House):
    """The code on the wall stays the same picture and no longer leads to her."""
    house.world.hire("sunli", "孙丽", cast.ZHONGJIE.department)
    friend = house.befriend("wmSUNLISFRIEND", "sunli", "白露")
    phone = house.guide_phone("sunli")
    assert "孙丽" in phone.get(f"{house.url}/g/", timeout=20).text
    store = store_named(house, cast.ZHONGJIE.name)
    code = code_of_store(house, store)
    house.until(lambda: "sunli" in house.world.people_behind(code.state))
    house.world.leave("sunli")
    house.until(lambda: "sunli" not in house.world.people_behind(code.state))
    assert house.row(lambda session: entry_codes.of_store(session, store.id)).payload == code.payload
    page = house.office().page(f"/console/friends/{friend.id}")
    assert "已离职" in page and "等同事接手" in page
    page = house.office().page(f"/console/guides/{friend.owner_id}")
    assert "知道她离开的：" in page and "她账号里还有 1 位好友" in page
    assert "孙丽" not in phone.get(f"{house.url}/g/", timeout=20).text, "her phone is signed out (L07)"


def test_a_guide_who_moves_takes_her_place_in_the_other_stores_code_F06(house: House):
    house.world.hire("luyao", "陆瑶", cast.ZHONGJIE.department)
    old, new = store_named(house, cast.ZHONGJIE.name), store_named(house, cast.TAIYUANJIE.name)
    here, there = code_of_store(house, old), code_of_store(house, new)
    house.until(lambda: "luyao" in house.world.people_behind(here.state))
    house.world.change_member("luyao", department=[cast.TAIYUANJIE.department])
    house.until(lambda: "luyao" in house.world.people_behind(there.state))
    house.until(lambda: "luyao" not in house.world.people_behind(here.state))
    assert "陆瑶" in house.office().page(f"/console/stores/{new.id}")


def test_who_left_the_visible_range_is_gone_and_comes_back_with_it(house: House):
    house.world.hire("hemiao", "何苗", cast.XINJIEKOU.department)
    guide = house.until(lambda: house.row(lambda session: find_guide(session, "hemiao")))
    house.world.change_member("hemiao", visible=False)
    house.until_page(f"/console/guides/{guide.id}", "知道她离开的：")
    house.world.advance(1)  # within one second it would be the very event that told of her arrival
    house.world.change_member("hemiao", visible=True)
    house.until(lambda: house.row(lambda session: find_guide(session, "hemiao")).present)


def test_a_renamed_account_stays_the_same_guide(house: House):
    house.world.hire("tangxin", "唐欣", cast.XINJIEKOU.department)
    before = house.until(lambda: house.row(lambda session: find_guide(session, "tangxin")))
    house.world.rename("tangxin", "tang.xin")
    after = house.until(lambda: house.row(lambda session: find_guide(session, "tang.xin")))
    assert after.id == before.id and house.row(lambda session: find_guide(session, "tangxin")) is None


def test_a_department_that_moves_takes_its_guides_to_the_other_store(house: House):
    house.world.post(
        "/control/departments",
        {"add": {"id": 2101, "name": "中街二组", "parentid": cast.ZHONGJIE.department}},
    )
    house.world.hire("luojia", "罗佳", 2101)
    here, there = (store_named(house, one.name) for one in (cast.ZHONGJIE, cast.TAIYUANJIE))
    guide = house.until(lambda: house.row(lambda session: find_guide(session, "luojia")))
    assert guide.store_id == here.id
    house.world.advance(1)
    house.world.post("/control/departments", {"move": {"id": 2101, "parentid": cast.TAIYUANJIE.department}})
    house.until(lambda: house.row(lambda session: find_guide(session, "luojia")).store_id == there.id)


def test_a_sync_that_hq_asks_for_finds_whom_no_event_told_of(house: House):
    """B13 stays for the many: one new member is simply there."""
    house.world.chaos(callbacks={"drop": 1.0})
    house.world.hire("fangyi", "方怡", cast.XINJIEKOU.department)
    house.world.chaos()
    assert house.row(lambda session: find_guide(session, "fangyi")) is None
    answer = house.office().send_form(
        "/console/timetable/directory/run", {"back": "/console/guides"}, at="/console/guides"
    )
    assert "几秒内开始" in answer.text
    house.until_page("/console/guides?q=方怡", "方怡")
