"""The phone pages in a real browser: reachable thumbs, no script needed, nothing foreign loaded, small enough for a bad line."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.stories.house import House
from tests.stories.plans import task_of

PHONE = {"width": 390, "height": 844}
BUDGET = 35 * 1024
"""Bytes of a cold task page without its poster, as the browser gets them (ux.md: ≤ 35 KB)."""


@pytest.fixture
def phone(house: House, browser: Browser):
    """王芳's phone; every complaint of the browser fails the test."""
    context = browser.new_context(viewport=PHONE, user_agent="Mozilla/5.0 wxwork/5.0", locale="zh-CN")
    context.add_cookies([{"name": "onetap_wecom_member", "value": "wangfang", "url": house.world.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    yield page
    context.close()
    assert not complaints


def task_page(house: House, phone: Page) -> str:
    address = f"{house.url}/g/tasks/{task_of(house, 'wangfang').code}"
    phone.goto(address)
    phone.wait_for_load_state("networkidle")
    return address


def test_the_two_pages_have_no_serious_accessibility_faults(house: House, phone: Page):
    phone.goto(f"{house.url}/g/")
    for _ in range(2):
        found = [
            one for one in Axe().run(phone).response["violations"] if one["impact"] in ("serious", "critical")
        ]
        assert not found, [one["id"] for one in found]
        task_page(house, phone)


def test_the_button_is_big_and_within_reach_of_the_thumb(house: House, phone: Page):
    task_page(house, phone)
    for box in (phone.locator(".foot button").nth(number).bounding_box() for number in range(2)):
        assert box["height"] >= 48
        assert PHONE["height"] - box["y"] <= 220


@pytest.mark.parametrize("width", [320, 360])
def test_a_narrow_phone_never_scrolls_sideways(house: House, phone: Page, width: int):
    phone.set_viewport_size({"width": width, "height": 640})
    task_page(house, phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= width


def test_the_task_page_is_light(house: House, phone: Page):
    sizes: dict[str, int] = {}
    phone.on(
        "response", lambda answer: sizes.update({answer.url: int(answer.headers.get("content-length", 0))})
    )
    task_page(house, phone)
    ours = {url: size for url, size in sizes.items() if url.startswith(house.url)}
    poster = sum(size for url, size in ours.items() if "poster.jpg" in url)
    assert 0 < poster <= 120 * 1024
    assert sum(ours.values()) - poster <= BUDGET, ours


def test_everything_works_without_script_J04(house: House, browser: Browser):
    context = browser.new_context(
        viewport=PHONE, user_agent="Mozilla/5.0 wxwork/5.0", java_script_enabled=False
    )
    context.add_cookies([{"name": "onetap_wecom_member", "value": "wangfang", "url": house.world.url}])
    page = context.new_page()
    task_page(house, page)
    page.get_by_role("button", name="我已经发了").click()
    assert page.get_by_text("等平台确认，通常 10 分钟内").is_visible()
    assert task_of(house, "wangfang").reported_at
    page.get_by_role("button", name="撤回，我还没发").click()
    assert task_of(house, "wangfang").reported_at is None
    page.get_by_role("button", name="去群发助手，点一次发送").click()
    assert page.get_by_text("那一下才会发给客户").is_visible()
    context.close()


def test_a_browser_outside_the_messenger_gets_an_explanation_J05(house: House, browser: Browser):
    page = browser.new_page()
    assert page.goto(f"{house.url}/g/").status == 403
    assert page.get_by_text("请在企业微信里打开").is_visible()
    page.close()


def test_a_double_tap_says_it_once_F01(house: House, phone: Page):
    """The button is dead after the first tap, and the server ignores a second one."""
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    task_page(house, phone)
    with phone.expect_navigation():
        phone.get_by_role("button", name="我已经发了").dblclick()
    assert phone.get_by_text("等平台确认，通常 10 分钟内").is_visible()
    assert len(sent) == 1
    phone.get_by_role("button", name="撤回，我还没发").click()
