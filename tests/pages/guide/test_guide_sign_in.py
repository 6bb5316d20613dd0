"""Who opens a phone page: the platform says so, once, to the browser that asked."""

import re
from urllib.parse import unquote

import requests

from tests.stories.house import House
from tests.stories.plans import task_of

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


def test_a_code_works_once_J03(house: House):
    phone, back = asked(house)
    assert phone.get(back, timeout=20).ok
    again, _ = asked(house)
    state = again.cookies["onetap_state"]
    assert state
    answer = phone.get(back, allow_redirects=False, timeout=20)
    assert answer.status_code == 400


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
