"""Who opens a phone page: the platform says so, once, to the browser that asked."""

import re
from urllib.parse import unquote, urlsplit

import requests

from models.accounts import Account, Role
from ops import wiring
from pages.web import oauth
from tests.stories.house import House
from tests.stories.plans import ready_task, task_of

WXWORK = {"User-Agent": "Mozilla/5.0 wxwork/5.0"}


def asked(house: House, path: str = "/g/") -> tuple[requests.Session, str]:
    """A browser that was sent to the platform, and the address it came back with."""
    phone = house.guide_phone("wangfang")
    to_platform = phone.get(house.url + path, allow_redirects=False, timeout=20).headers["Location"]
    return phone, phone.get(to_platform, allow_redirects=False, timeout=20).headers["Location"]


def test_she_lands_where_she_wanted_to_go(house: House):
    code = task_of(house, "wangfang").code
    answer = house.guide_phone("wangfang").get(f"{house.url}/g/tasks/{code}", timeout=20)
    assert answer.url.partition("#")[0].endswith(code) and answer.ok


def lands(phone: requests.Session, address: str) -> str:
    """The path where the browser ends up from here, the platform's pages included."""
    answer = phone.get(address, timeout=20)
    assert answer.ok, f"{answer.status_code} {answer.url}"
    return urlsplit(answer.url).path


def again(phone: requests.Session, address: str) -> str:
    """Where one answer sends the browser."""
    answer = phone.get(address, allow_redirects=False, timeout=20)
    assert answer.status_code == 302, f"{answer.status_code} {answer.text[:500]}"
    return answer.headers["Location"]


def copy_of(phone: requests.Session) -> requests.Session:
    """The same browser at an earlier moment: what it sends while an answer is still under way."""
    twin = requests.Session()
    twin.headers.update(phone.headers)
    twin.cookies.update(phone.cookies)
    return twin


def asked_who(house: House) -> int:
    """How often the platform was asked whose code it is."""
    return len([row for row in house.world.ledger("call") if row["who"] == "auth/getuserinfo"])


def test_the_back_button_after_signing_in_leads_on_J03(house: House):
    code = task_of(house, "wangfang").code
    phone, back = asked(house, f"/g/tasks/{code}")
    assert again(phone, back) == f"/g/tasks/{code}"
    before = asked_who(house)
    assert again(phone, back) == f"/g/tasks/{code}"
    other_code = back.replace("code=", "code=x")
    assert again(phone, other_code) == f"/g/tasks/{code}", "one state, two codes"
    assert asked_who(house) == before, "a used state costs the platform nothing"


def test_a_callback_that_is_loaded_twice_lets_her_in_J03(house: House):
    phone, back = asked(house)
    twin = copy_of(phone)
    assert again(phone, back) == "/g/"
    before = asked_who(house)
    round_again = again(twin, back)
    assert "/connect/oauth2/authorize" in round_again and asked_who(house) == before
    assert lands(twin, round_again) == "/g/"
    assert "onetap_guide" in twin.cookies


def test_two_pages_opened_at_once_both_get_in_J03(house: House):
    code = task_of(house, "wangfang").code
    phone = house.guide_phone("wangfang")
    twin = copy_of(phone)
    ways = []
    for browser, path in ((phone, "/g/"), (twin, f"/g/tasks/{code}")):
        ways.append(again(browser, house.url + path))
    phone.cookies.update(twin.cookies)
    first, second = (again(phone, way) for way in ways)
    assert (again(phone, first), again(phone, second)) == ("/g/", f"/g/tasks/{code}")


def test_a_store_manager_s_desk_gets_in_by_the_back_button_and_twice_as_well_J03(house: House):
    with house.parts.db.write() as session:
        session.add(Account(role=Role.MANAGER, name="高敏", userid="gaomin", created_at=wiring.clock()))
    desk = house.desk("gaomin")
    assert desk.entered.ok and urlsplit(desk.entered.url).path == "/console/"
    back = desk.entered.history[-1].url
    assert again(desk, back) == "/console/"
    twin = copy_of(desk)
    del twin.cookies["onetap_console"]
    assert "/wwlogin/sso/login" in again(twin, back)
    assert twin.head(back, timeout=20).status_code == 204


def test_a_look_ahead_uses_nothing_up_J03(house: House):
    code = task_of(house, "wangfang").code
    phone, back = asked(house, f"/g/tasks/{code}")
    before = asked_who(house)
    looks = [phone.head(back, allow_redirects=False, timeout=20)]
    looks += [phone.get(back, headers={"Sec-Purpose": "prefetch"}, allow_redirects=False, timeout=20)]
    assert asked_who(house) == before and all("onetap_guide" not in look.cookies for look in looks)
    assert again(phone, back) == f"/g/tasks/{code}"


def test_a_look_ahead_at_a_task_is_not_opening_it(house: House):
    phone, task = house.guide_phone("zhaoqian"), ready_task(house, "zhaoqian")
    lands(phone, f"{house.url}/g/")
    phone.head(f"{house.url}/g/tasks/{task.code}", timeout=20)
    assert task_of(house, "zhaoqian").opened_at is None
    lands(phone, f"{house.url}/g/tasks/{task.code}")
    assert task_of(house, "zhaoqian").opened_at


def test_a_code_that_the_platform_refuses_begins_another_round_but_not_for_ever(house: House):
    phone, back = asked(house)
    rounds = 0
    while "authorize" in (
        way := phone.get(spoilt(back), allow_redirects=False, timeout=20).headers.get("Location", "")
    ):
        rounds, back = rounds + 1, again(phone, way)
    assert rounds == oauth.MOST_ROUNDS - 1
    said = phone.get(back + "x", timeout=20)
    assert said.status_code == 400 and "重新登录" in said.text
    assert lands(phone, f"{house.url}/g/") == "/g/", "her own tap begins anew"


def spoilt(back: str) -> str:
    return back.replace("code=", "code=not-one-of-the-platforms-")


def calm(house: House) -> None:
    """The refused page comes again by itself, and then she is let in."""
    somebody, back = asked(house)
    house.until(lambda: somebody.get(back, timeout=20).ok)


def test_three_hundred_invented_codes_are_a_handful_of_calls_I06(house: House):
    phone, back = asked(house)
    before = asked_who(house)
    for number in range(100):
        phone.get(back.replace("code=", f"code={number}"), allow_redirects=False, timeout=20)
    assert asked_who(house) - before == 1, "a state is good for one try"
    answers = []
    for _ in range(40):
        stranger, junk = asked(house)
        answers.append(stranger.get(spoilt(junk), allow_redirects=False, timeout=20))
    waits = [int(answer.headers["Refresh"]) for answer in answers if answer.status_code == 429]
    assert len(waits) >= 10 and asked_who(house) - before == 41 - len(waits)
    assert all(0 < seconds <= 5 for seconds in waits)
    calm(house)


def test_who_was_let_in_here_before_does_not_wait_for_what_a_stranger_did_I06(house: House):
    phone, back = asked(house)
    lands(phone, back)
    phone.cookies.set("onetap_guide", None)
    for _ in range(20):
        stranger, junk = asked(house)
        stranger.get(spoilt(junk), allow_redirects=False, timeout=20)
    assert lands(phone, f"{house.url}/g/") == "/g/"
    calm(house)


def test_a_sign_in_that_began_before_the_secret_key_was_replaced_is_finished(house: House):
    site = house.parts.site
    old = site.secret_keys
    phone, back = asked(house)
    late, too_late = asked(house)
    site.secret_keys = ["the new key", *old]
    assert phone.get(back, timeout=20).ok
    site.secret_keys = ["the new key"]
    assert late.get(too_late, allow_redirects=False, timeout=20).status_code == 400
    site.secret_keys = old


def test_a_state_from_another_browser_is_refused_I09(house: House):
    """Login CSRF."""
    _, back = asked(house)
    victim = requests.Session()
    answer = victim.get(back, headers=WXWORK, timeout=20)
    assert answer.status_code == 400 and "onetap_guide" not in victim.cookies


def test_the_way_back_never_leads_elsewhere_I09(house: House):
    phone, back = asked(house, "/g/?next=https://evil.example/")
    landed = phone.get(back, allow_redirects=False, timeout=20)
    assert re.match(r"^/g/|^http://127\.0\.0\.1", landed.headers["Location"])


def test_a_member_who_is_no_guide_is_told_what_to_do(house: House):
    house.world.post(
        "/control/members", {"add": {"userid": "visitor", "name": "访客", "department": [1]}, "wait": True}
    )
    answer = house.guide_phone("visitor").get(f"{house.url}/g/", timeout=20)
    assert answer.status_code == 403
    assert "你不在导购名单里" in answer.text and "请总部的管理员把你加进门店" in answer.text
    assert "onetap_guide" not in {cookie.name for cookie in answer.cookies}


def test_forms_without_a_token_change_nothing_I04(house: House):
    phone, code = house.guide_phone("wangfang"), task_of(house, "wangfang").code
    phone.get(f"{house.url}/g/tasks/{code}", timeout=20)
    assert phone.post(f"{house.url}/g/tasks/{code}/said", timeout=20).status_code == 400
    assert task_of(house, "wangfang").reported_at is None


def test_the_platforms_script_gets_a_signature_for_our_own_pages_only(house: House):
    phone = house.guide_phone("wangfang")
    phone.get(f"{house.url}/g/", timeout=20)
    good = phone.get(f"{house.url}/g/js-config", params={"url": f"{house.url}/g/tasks/x"}, timeout=20).json()
    assert good["corpid"] == house.settings.wecom_corp_id and len(good["signature"]) == 40
    assert (
        phone.get(f"{house.url}/g/js-config", params={"url": "https://evil.example/"}, timeout=20).status_code
        == 404
    )


def test_a_task_s_link_is_not_guessed_from_its_number_I13(house: House):
    phone, task = house.guide_phone("wangfang"), task_of(house, "wangfang")
    assert len(task.code) >= 16 and phone.get(f"{house.url}/g/tasks/{task.code}", timeout=20).ok
    for guess in (task.id, task.code[:-1], task.code.swapcase(), "%00", "..%2Ftasks"):
        assert phone.get(f"{house.url}/g/tasks/{guess}", timeout=20).status_code == 404, guess


def test_her_poster_is_kept_under_a_plain_name_and_taken_for_nothing_but_a_picture_K03(house: House):
    code = task_of(house, "wangfang").code
    phone = house.guide_phone("wangfang")
    phone.get(f"{house.url}/g/", timeout=20)
    answer = phone.get(f"{house.url}/g/tasks/{code}/poster.jpg?full=1", timeout=30)
    assert answer.content[:3] == b"\xff\xd8\xff"
    name = unquote(answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2])
    assert (
        answer.headers["Content-Disposition"].startswith("attachment; ")
        and name.endswith(".jpg")
        and not name.isascii()
    )
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Content-Type"]) == (
        "nosniff",
        "image/jpeg",
    )
    assert "public" not in answer.headers["Cache-Control"]


def test_who_leaves_loses_her_open_pages_within_the_minute_and_her_links_with_them_L07(house: House):
    phone, stranger = house.guide_phone("zhaoqian"), house.guide_phone("zhaoqian")
    assert "赵倩" in phone.get(f"{house.url}/g/", timeout=20).text
    house.world.leave("zhaoqian")
    house.until(lambda: phone.get(f"{house.url}/g/", allow_redirects=False, timeout=20).status_code == 302)
    assert "赵倩" not in stranger.get(f"{house.url}/g/", timeout=20).text
