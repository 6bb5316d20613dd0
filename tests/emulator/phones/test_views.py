"""The phones' pages in a real browser: strict, complete without script, and as the platform's book says."""

import pytest
import requests
from playwright.sync_api import expect

from tests.cast import SHOP_CHAT, XU
from tests.emulator.conftest import Receiver
from tests.emulator.phones.conftest import Watched
from tests.emulator.phones.messages import code_picture, make_task, send_card
from tests.wecom_world import World, corp

PAGES = (
    "/phones/",
    "/phones/guide/wangfang",
    "/phones/guide/wangfang/mass-assistant",
    "/phones/guide/wangfang/moments",
    "/phones/guide/wangfang/friends",
    f"/phones/customer/{XU}",
    f"/phones/customer/{XU}/moments",
    f"/phones/group/{SHOP_CHAT}?as=wangfang",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_strict_and_allows_only_the_apps_frame(world: World, receiver: Receiver, path: str):
    answer = requests.get(world.url + path, timeout=20)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200 and 'lang="zh-CN"' in answer.text
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert f"frame-ancestors 'self' {receiver.base}" in policy
    assert "style=" not in answer.text and "onclick" not in answer.text and "<script>" not in answer.text


def test_the_browser_complains_about_nothing_on_any_page(phone: Watched):
    send_card(phone.world)
    make_task(phone.world, XU, picture=code_picture("https://example.invalid/x"))
    for path in PAGES:
        page = phone.open(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert phone.complaints == []


@pytest.mark.parametrize("width", [1440, 1920])
def test_at_a_desk_a_phone_stays_as_wide_as_a_phone(phone: Watched, width: int):
    phone.page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES[1:]:
        page = phone.open(path)
        assert page.evaluate("document.body.getBoundingClientRect().width") <= 432, path
    rows = phone.open("/phones/").locator("section li")
    assert max(rows.nth(n).bounding_box()["width"] for n in range(rows.count())) <= 432


def test_from_the_index_one_gets_back_to_the_app(receiver: Receiver):
    links = [{"word": "回到演示", "href": "http://127.0.0.1:8000/demo"}]
    with World(corp(receiver.base, links=links)) as world:
        text = requests.get(f"{world.url}/phones/", timeout=20).text
    assert '<a href="http://127.0.0.1:8000/demo">回到演示</a>' in text


def test_news_come_by_themselves_and_without_news_nothing_is_sent_again(world: World):
    address = f"{world.url}/phones/guide/wangfang?part"
    first = requests.get(address, timeout=20)
    assert "<html" not in first.text and first.headers["ETag"]
    same = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=20)
    assert same.status_code == 304 and not same.content
    send_card(world)
    assert (
        requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=20).status_code == 200
    )


def test_without_script_a_page_shows_the_state_and_a_way_to_refresh(world: World):
    send_card(world)
    text = requests.get(f"{world.url}/phones/guide/wangfang", timeout=20).text
    assert "初雪雪地靴" in text and "<noscript>" in text and "刷新" in text


def test_a_name_finds_people_and_a_strange_one_nobody(world: World):
    assert "陈可欣" in requests.get(f"{world.url}/phones/?q=可欣", timeout=20).text
    assert "没有叫这个名字的导购" in requests.get(f"{world.url}/phones/?q=张三丰", timeout=20).text
    gone = requests.get(f"{world.url}/phones/guide/nobody", timeout=20)
    assert gone.status_code == 404 and "没有这位成员" in gone.text


def test_a_link_opens_our_page_in_the_same_frame_as_this_member(world: World):
    send_card(world)
    text = requests.get(f"{world.url}/phones/guide/wangfang", timeout=20).text
    path = "/phones/guide/wangfang/open?url=http%3A%2F%2F127.0.0.1%3A8000%2Fg%2Ftasks%2Fabc%3Fx%3D1"
    assert f'href="{path}"' in text
    answer = requests.get(world.url + path, allow_redirects=False, timeout=20)
    assert answer.headers["Location"] == "http://127.0.0.1:8000/g/tasks/abc?x=1"
    assert "onetap_wecom_member=wangfang" in answer.headers["Set-Cookie"]


def test_a_task_that_was_cancelled_has_no_button(phone: Watched):
    msgid = make_task(phone.world, XU)
    page = phone.open("/phones/guide/wangfang/mass-assistant")
    phone.world.call("externalcontact/cancel_groupmsg_send", {"msgid": msgid})
    expect(page.get_by_text("企业已取消，没有发送")).to_be_visible()
    expect(page.locator("button.send")).to_have_count(0)


def test_the_reader_keeps_her_place_when_news_come(phone: Watched):
    for number in range(30):
        phone.world.say(SHOP_CHAT, "gaomin", f"第 {number} 句")
    page = phone.open(f"/phones/group/{SHOP_CHAT}?as=wangfang")
    # it begins at the end
    page.wait_for_function("() => { const it = document.getElementById('live'); return it.scrollTop > 200 }")
    page.evaluate("document.getElementById('live').scrollTop = 40")
    phone.world.say(SHOP_CHAT, "gaomin", "新的一句")
    expect(page.get_by_text("新的一句")).to_have_count(1)
    assert page.evaluate("document.getElementById('live').scrollTop") == 40
