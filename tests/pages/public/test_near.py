"""/near: a customer finds her store and sees whose code she may add; nothing of her is kept."""

import re

import pytest
from sqlmodel import select

from models.friends import entry_codes, rule_sets
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus, LeadsTo
from models.friends.shown_codes import ShownCode
from models.org import Store
from pages.public import near
from tests.pages.conftest import NOON, Console
from tests.second_reader import second_reader

PHONE = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0"
}
AT_ZHONGJIE = {"latitude": "41.8010", "longitude": "123.4600"}


def menu(console: Console, **fields) -> str:
    """The state of a code of HQ that leads here."""
    with console.db.write() as session:
        for store in session.exec(select(Store)).all():
            store.city = store.name[:2]
        values = {"leads_to": LeadsTo.NEAR, "status": EntryCodeStatus.READY, **fields}
        return entry_codes.new(session, EntryCodeKind.BRANCH, "公众号菜单", NOON, **values).state


def visit(console: Console, path: str, client=None, **form: str):
    """What a customer's phone gets."""
    client = client or console.stranger()
    if not form:
        return client.get(path, headers=PHONE)
    page = client.get(path + "?city=", headers=PHONE).get_data(as_text=True)
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
    return client.post(path, data={"csrf": token, **form}, headers=PHONE)


def words(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_without_a_position_and_without_script_the_cities_are_there_at_once(console: Console) -> None:
    path = f"/near/{menu(console)}"
    text = words(visit(console, path))
    assert "您在哪个城市" in text and "沈阳" in text and "南京" in text
    assert 'data-asks="1"' in text
    assert "沈阳中街店" in words(visit(console, f"{path}?city=沈阳"))
    assert "沈阳太原街店" in words(visit(console, f"{path}?q=太原"))
    assert "没有找到" in words(visit(console, f"{path}?q=月球"))


def test_the_page_may_ask_where_she_stands_and_loads_nothing_from_elsewhere(console: Console) -> None:
    answer = visit(console, f"/near/{menu(console)}")
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "http" not in policy


def test_her_position_leads_to_the_nearest_store_and_to_a_code_that_we_serve(console: Console) -> None:
    path = f"/near/{menu(console)}"
    text = words(visit(console, path, **AT_ZHONGJIE))
    assert "离您最近的店" in text and text.index("沈阳中街店") < text.index("南京新街口店")
    assert "直线 560 米" in text and "位置只用这一次，不保存" in text
    assert "长按识别，加王芳" in text and "营业到 22:00" in text
    image = re.search(r'<img class="code"\s+src="([^"]+)"\s+width="(\d+)"', text)
    assert int(image[2]) >= 240
    picture = visit(console, image[1])
    assert picture.mimetype == "image/png"
    assert second_reader(picture.data) == "https://work.weixin.qq.com/u/northeast"


def test_where_she_stands_is_nowhere_afterwards(console: Console, caplog) -> None:
    client = console.stranger()
    answer = visit(console, f"/near/{menu(console)}", client, latitude="41.80101", longitude="123.46002")
    traces = words(answer) + caplog.text + "".join(answer.headers.getlist("Set-Cookie"))
    with console.db.read() as session:
        for choice in session.exec(select(ShownCode)).all():
            traces += choice.model_dump_json()
            assert choice.found_by == "position"
        dump = "\n".join(session.connection().connection.driver_connection.iterdump())
    for number in ("41.80101", "123.46002", "41.801", "123.46"):
        assert number not in traces
    assert "41.80101" not in dump and "123.46002" not in dump


@pytest.mark.parametrize(
    "form",
    [
        {"latitude": "nan", "longitude": "1"},
        {"latitude": "91", "longitude": "1"},
        {"latitude": "here", "longitude": ""},
        {"latitude": "1e400", "longitude": "1"},
    ],
)
def test_what_is_no_place_on_earth_leads_to_the_list(console: Console, form) -> None:
    assert "您在哪个城市" in words(visit(console, f"/near/{menu(console)}", **form))


def test_who_chose_once_sees_the_same_guide_again_and_may_choose_another_store(console: Console) -> None:
    path, client = f"/near/{menu(console)}", console.stranger()
    first = words(visit(console, f"{path}?store={console.ids['zhongjie']}", client))
    cookie = client.get_cookie("onetap_near")
    assert cookie and cookie.http_only
    again = words(visit(console, path, client))
    assert "您上次看的店" in again and "加王芳" in first and "加王芳" in again
    assert "您在哪个城市" in words(visit(console, f"{path}?city=", client))
    assert "您在哪个城市" in words(visit(console, f"/near/{menu(console)}", client))  # behind another code


def test_the_code_of_a_till_leads_to_its_own_store(console: Console) -> None:
    path = f"/near/{menu(console, store_id=console.ids['zhongjie'])}"
    text = words(visit(console, path))
    assert "沈阳中街店" in text and "您在哪个城市" not in text


def test_a_till_whose_store_closed_for_good_shows_the_others(console: Console) -> None:
    path = f"/near/{menu(console, store_id=console.ids['zhongjie'])}"
    with console.db.write() as session:
        session.get_one(Store, console.ids["zhongjie"]).closed = True
    text = words(visit(console, path))
    assert "您在哪个城市" in text and "沈阳中街店" not in text
    assert "沈阳中街店" not in words(visit(console, path, **AT_ZHONGJIE))


def test_what_the_rules_call_too_far_is_offered_with_its_distance_and_beside_the_cities(
    console: Console,
) -> None:
    names = [{"rule": name} for name in ("code", "nearest", "least", "queue")]
    with console.db.write() as session:
        rule_sets.publish(session, rule_sets.draft(session, None, names, "周岚", NOON), "周岚", NOON)
    path = f"/near/{menu(console)}"
    text = words(visit(console, path, latitude="45.8", longitude="126.5"))
    assert re.search(r"离您最近的店在直线 \d{3} 公里外", text) and "您在哪个城市" in text
    assert f"store={console.ids['zhongjie']}" in text or f"store={console.ids['taiyuanjie']}" in text
    assert "离您最近的店</h1>" in words(visit(console, path, **AT_ZHONGJIE))


def test_a_branchs_code_leads_to_no_store_of_another(console: Console) -> None:
    path = f"/near/{menu(console, branch_id=console.ids['east'])}"
    text = words(visit(console, path, **AT_ZHONGJIE))
    assert "南京新街口店" in text and "沈阳" not in text
    assert "您在哪个城市" in words(visit(console, f"{path}?store={console.ids['zhongjie']}"))


def test_at_night_a_store_says_when_it_opens(console: Console) -> None:
    console.clock.advance(hours=9)
    path = f"/near/{menu(console)}?store={console.ids['zhongjie']}"
    assert "已打烊，10:00 开门" in words(visit(console, path))


def test_a_store_whose_codes_are_not_ready_says_so_and_offers_others(console: Console) -> None:
    text = words(visit(console, f"/near/{menu(console)}?store={console.ids['taiyuanjie']}"))
    assert "还没有准备好" in text and "沈阳中街店" in text


def test_on_a_desk_the_page_shows_its_own_address_as_a_code(console: Console) -> None:
    state = menu(console)
    text = words(console.stranger().get(f"/near/{state}"))
    assert "用手机微信扫一扫" in text and f"/near/{state}/address.svg" in text
    drawn = console.stranger().get(f"/near/{state}/address.svg")
    assert drawn.mimetype == "image/svg+xml" and drawn.data.startswith(b"<svg")


def test_codes_that_lead_elsewhere_and_pictures_of_others_are_not_found_G06(console: Console) -> None:
    state, client = menu(console), console.stranger()
    with console.db.write() as session:
        badge = session.get_one(EntryCode, console.ids["code_northeast"])
        other = entry_codes.new(session, EntryCodeKind.BRANCH, "别的", NOON, leads_to=LeadsTo.NEAR)
        behind = {"via_id": other.id, "payload": "x", "guide_id": console.ids["wangfang"]}
        hidden = entry_codes.new(session, EntryCodeKind.BRANCH, "别的", NOON, **behind).state
        hers = badge.state
    for path in (f"/near/{hers}", "/near/nonsense", f"/near/{state}/{hidden}.png", f"/near/{state}/no.png"):
        assert visit(console, path, client).status_code == 404, path


def test_a_program_that_only_looks_ahead_is_shown_nobody(console: Console) -> None:
    path = f"/near/{menu(console)}?store={console.ids['zhongjie']}"
    ahead = console.stranger().get(path, headers={**PHONE, "Sec-Purpose": "prefetch"})
    assert ahead.status_code == 503 and console.stranger().head(path, headers=PHONE).status_code == 204
    with console.db.read() as session:
        assert session.exec(select(ShownCode)).all() == []


def test_too_many_from_one_address_are_asked_to_come_again(console: Console, monkeypatch) -> None:
    monkeypatch.setattr(near, "PER_MINUTE", 2)
    path, client = f"/near/{menu(console)}", console.stranger()
    console.clock.advance(hours=3)  # a window of its own
    assert [visit(console, path, client).status_code for _scan in range(3)] == [200, 200, 429]


def test_a_position_without_the_token_of_the_page_is_refused(console: Console) -> None:
    answer = console.stranger().post(f"/near/{menu(console)}", data=AT_ZHONGJIE, headers=PHONE)
    assert answer.status_code == 400
