"""Who opens a phone page: the messenger says so, once, to the browser that asked."""

import re

import requests

from tests.stories.house import House
from tests.stories.plans import task_of

WXWORK = {"User-Agent": "Mozilla/5.0 wxwork/5.0"}


def asked(house: House, path: str = "/g/") -> tuple[requests.Session, str]:
    """A browser that was sent to the messenger, and the address it came back with."""
    phone = house.guide_phone("wangfang")
    to_messenger = phone.get(house.url + path, allow_redirects=False, timeout=20).headers["Location"]
    return phone, phone.get(to_messenger, allow_redirects=False, timeout=20).headers["Location"]


def test_she_lands_where_she_wanted_to_go(house: House):
    code = task_of(house, "wangfang").code
    answer = house.guide_phone("wangfang").get(f"{house.url}/g/tasks/{code}", timeout=20)
    assert answer.url.partition("#")[0].endswith(code) and answer.ok


def test_a_code_works_once(house: House):
    """J03"""
    phone, back = asked(house)
    assert phone.get(back, timeout=20).ok
    again, _ = asked(house)
    state = again.cookies["onetap_state"]
    assert state
    answer = phone.get(back, allow_redirects=False, timeout=20)
    assert answer.status_code == 400


def test_a_state_from_another_browser_is_refused(house: House):
    """I09: login CSRF."""
    _, back = asked(house)
    victim = requests.Session()
    answer = victim.get(back, headers=WXWORK, timeout=20)
    assert answer.status_code == 400 and "onetap_guide" not in victim.cookies


def test_the_way_back_never_leads_elsewhere(house: House):
    phone, back = asked(house, "/g/?next=https://evil.example/")
    landed = phone.get(back, allow_redirects=False, timeout=20)
    assert re.match(r"^/g/|^http://127\.0\.0\.1", landed.headers["Location"])


def test_a_member_who_is_no_guide_is_told_what_to_do(house: House):
    house.world.post("/control/members", {"add": {"userid": "visitor", "name": "访客", "department": [1]}, "wait": True})
    answer = house.guide_phone("visitor").get(f"{house.url}/g/", timeout=20)
    assert answer.status_code in (200, 403)
    assert "导购名单" in answer.text or "访客" in answer.text


def test_forms_without_a_token_change_nothing(house: House):
    """I04"""
    phone, code = house.guide_phone("wangfang"), task_of(house, "wangfang").code
    phone.get(f"{house.url}/g/tasks/{code}", timeout=20)
    assert phone.post(f"{house.url}/g/tasks/{code}/said", timeout=20).status_code == 400
    assert task_of(house, "wangfang").said_at is None


def test_the_messengers_script_gets_a_signature_for_our_own_pages_only(house: House):
    phone = house.guide_phone("wangfang")
    phone.get(f"{house.url}/g/", timeout=20)
    good = phone.get(f"{house.url}/g/js-config", params={"url": f"{house.url}/g/tasks/x"}, timeout=20).json()
    assert good["corpid"] == house.settings.wecom_corp_id and len(good["signature"]) == 40
    assert phone.get(f"{house.url}/g/js-config", params={"url": "https://evil.example/"}, timeout=20).status_code == 404
