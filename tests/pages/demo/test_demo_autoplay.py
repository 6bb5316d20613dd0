"""The whole demo in its own processes: its steps by HTTP, everything broken in between, and both books agree.

All tests of this file press the same demo, in any order: each first brings about what it looks at. In the order in
which they stand here they wait the least: a play goes on where another test left it, and the platform's 「太多了」, which
closes its windows for a minute, comes last.
"""

import re
from html import unescape
from urllib.parse import urljoin

import pytest
import requests
from playwright.sync_api import Browser, expect

from pages.demo.actions import NORTHEAST
from pages.demo.runs import NAME, NEWCOMERS
from tests.pages.demo.conftest import DAY, WHOLE, Demo

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


def test_the_play_runs_through_and_both_books_agree_after_a_kill(demo: Demo):
    page = demo.sign_in()
    assert "不会发给真实客户" in page and page.count("<iframe") == 4
    demo.post("/restart")
    before = demo.state()
    assert before["step"] == 1
    after = demo.play()
    assert after["done"][:DAY] == [True] * DAY and after["pid"] != before["pid"]
    words = demo.until(lambda state: state["proof"]["agree"])["proof"]["words"]
    assert (
        words.startswith("两边对得上")
        and "好友 2 位" in words
        and "欢迎语 2 条" in words
        and "播报 1 条" in words
    )


def test_hq_saw_the_numbers_move_and_the_welcome_within_its_twenty_seconds(demo: Demo):
    demo.play()
    panel = demo.visit.get(f"{demo.url}/demo/hq", timeout=20).text
    assert "初雪雪地靴 · 东北首发" in panel and "同一个回调来了 3 次，只算 1 位好友" in panel
    assert 'data-figure="confirmed" data-value="0"' not in panel and "秒送出" in panel


def test_the_funnel_of_the_demo_shows_who_said_so_and_who_went_straight(demo: Demo):
    demo.play()
    seen = demo.visit.get(demo.url + demo.state()["campaign"], timeout=20).text
    assert "人没说已发，直接在群发助手里发送的" in seen
    said = re.search(r"说已发</span><span class=\"value\"><b>(\d+)</b>", seen)
    assert said and int(said[1]) > 0


def test_the_timeline_holds_the_story_and_every_chip_can_be_opened(demo: Demo):
    demo.play()
    items = demo.get("/timeline.json")["items"]
    labels = {item["label"].split(" ")[0] for item in items}
    assert {"加好友", "发欢迎语", "群里播报", "群里问机器人"} <= labels
    newest = [item for item in items if item["label"] == "加好友"][-1]
    assert newest["copies"] == 3
    close = demo.get(f"/timeline/{newest['id']}.json")
    assert close["more"] == "收到 3 次，处理 1 次" and "<ExternalUserID>" in close["code"]


def test_a_step_that_is_done_changes_nothing_when_it_is_posted_again(demo: Demo):
    demo.play()
    before = demo.state()
    for number in (1, 4, 6, 7, 8):
        told = demo.post(f"/step/{number}")
        assert told.status_code == 200 and told.json()["words"] == ""
    assert demo.state()["campaign"] == before["campaign"]
    assert demo.state()["proof"]["words"] == before["proof"]["words"]
    assert demo.post("/step/99").status_code == 404 and demo.post("/break/nothing").status_code == 404


def test_each_step_stands_long_enough_to_be_read(demo: Demo):
    shown = re.findall(r'data-title="(.+?)"\s+data-reading="(.+?)"\s+data-about="(.+?)"', demo.sign_in())
    assert len(shown) == WHOLE
    for title, seconds, about in shown:
        assert float(seconds) >= len(title + about) / 8 + 1, title


@pytest.mark.heavy
def test_a_second_run_on_the_same_day_plays_to_its_end_also_after_she_tapped_her_card(demo: Demo):
    demo.play()
    wecom = re.search(r"(http://[^/]+)/phones/guide", demo.state()["phones"]["guide"])[1]
    chat = requests.get(f"{wecom}/phone/guide/wangfang", timeout=20).json()["chat"]
    cards = [one["what"]["card"] for one in chat if "card" in one["what"]]
    assert cards
    for card in cards:
        for button in [one for one in card.get("button_list", []) if "key" in one][-1:]:
            tap = {"task_id": card["task_id"], "key": button["key"], "wait": True, "force": True}
            answer = requests.post(f"{wecom}/phone/guide/wangfang/card", json=tap, timeout=20)
            assert answer.status_code == 200, answer.text
    first = demo.state()["run"]
    demo.post("/restart")
    after = demo.play()
    assert after["run"] == first + 1 and after["done"][:DAY] == [True] * DAY
    assert demo.until(lambda state: state["proof"]["agree"])["proof"]["words"].startswith("两边对得上")


def test_when_the_guide_resigns_and_comes_back_the_books_agree(demo: Demo):
    demo.play()
    for on in (True, False):
        assert demo.post("/break/away", on=on).json()["switches"]["away"] is on
        demo.until(lambda state: state["proof"]["agree"])


@pytest.mark.heavy
def test_in_the_end_a_guide_leaves_and_her_customers_follow_but_for_one(demo: Demo):
    demo.post("/restart")
    after = demo.play(WHOLE)
    assert after["done"] == [True] * WHOLE and after["manager"] != "王芳"
    panel = demo.visit.get(f"{demo.url}/demo/hq", timeout=20).text
    told = re.search(r"的 (\d+) 位好友</a> <b>接好 (\d+)，等客户 0，不同意 1</b>", panel)
    assert told and int(told[1]) > int(told[2]) >= 2, panel
    for phone, words in (("customer", "为你服务"), ("handover", "位好友")):
        assert words in demo.visit.get(after["phones"][phone], timeout=20).text
    assert demo.until(lambda state: state["proof"]["agree"])["proof"]["words"].startswith("两边对得上")


@pytest.mark.heavy
def test_the_last_screen_invites_to_go_on_by_hand_and_from_there_it_plays_again(demo: Demo, browser: Browser):
    demo.play(WHOLE)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{demo.url}/demo")
    ways = page.locator("#after a")
    expect(ways.first).to_be_visible()
    for way in ways.all():
        assert context.request.get(urljoin(demo.url, way.get_attribute("href"))).ok
    page.get_by_role("button", name="再演一遍").click()
    expect(page.locator("#count")).to_have_text("第 1 步，共 15 步")
    expect(page.get_by_role("button", name="暂停")).to_be_visible()
    expect(page.locator("#after")).to_be_hidden()
    page.get_by_role("button", name="暂停").click()
    context.close()


@pytest.mark.heavy
def test_the_page_plays_by_itself_and_the_browser_complains_about_nothing(demo: Demo, browser: Browser):
    context = browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")
    page, complaints = context.new_page(), []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{demo.url}/demo?hold")
    page.get_by_label("速度").select_option("2")
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    page.get_by_role("button", name="从头来过").click()  # which plays, also where nothing played before
    expect(page.locator("#count")).to_have_text("第 1 步，共 15 步")
    expect(page.locator("#title")).to_have_text("王芳打开卡片，看到自己的海报")
    page.get_by_role("button", name="暂停").click()
    expect(page.frame_locator("#f-mass-assistant").get_by_role("heading", name="群发助手")).to_be_visible()
    expect(page.locator("#hq")).to_contain_text("初雪雪地靴")
    context.close()
    assert complaints == []


def test_the_killed_process_comes_back_under_the_same_address(demo: Demo):
    before = demo.state()
    assert demo.post("/break/kill", on=True).json()["pid"] == before["pid"]
    after = demo.until(lambda state: state["pid"] != before["pid"])
    assert after["run"] == before["run"]
    assert requests.get(f"{demo.url}/healthz", timeout=20).text == "ok"


@pytest.mark.heavy
def test_a_new_run_is_a_new_campaign_and_steps_wait_for_each_other(demo: Demo):
    old = demo.state()["campaign"]
    assert demo.post("/restart").json()["step"] == 1
    early = demo.post("/step/4")
    assert early.status_code == 409 and "先要" in early.json()["words"]
    after = demo.play(upto=3)
    assert after["campaign"] != old and after["done"][:3] == [True] * 3


def test_while_the_platform_answers_45009_nothing_is_lost(demo: Demo):
    if demo.state()["step"] > 7:
        demo.post("/restart")
    demo.play(upto=3)
    demo.post("/break/busy", on=True)
    told = demo.post("/step/7")
    assert told.status_code == 200
    state = demo.until(
        lambda state: any(item["label"] == "群里播报" for item in demo.get("/timeline.json")["items"])
    )
    assert not state["done"][6]
    demo.post("/break/busy", on=False)
    assert demo.until(lambda state: state["proof"]["agree"])["switches"]["busy"] is False


def chinese_in(text: str, own: set[str]) -> str:
    """What is left in Chinese without the names and texts of the invented people."""
    for word in sorted(own, key=len, reverse=True):
        text = text.replace(word, "")
    return "".join(re.findall("[\u4e00-\u9fff]+", text))


@pytest.mark.heavy
def test_played_in_english_all_that_is_ours_is_english(demo: Demo):
    demo.play()
    english = {"onetap_language": "en"}
    wecom = re.search(r"(http://[^/]+)/phones/guide", demo.state()["phones"]["guide"])[1]
    index = requests.get(f"{wecom}/phones/", timeout=20).text
    own = {*re.findall(r"<b>([^<]+)</b>", index), *NEWCOMERS, *NORTHEAST, NAME, "中文"}
    own |= {
        demo.state()["group"],
        demo.state()["group"].partition(" · ")[0],
        "小霁",
        "许静宜",
        "王芳",
        "赵倩",
    }

    def look(path: str) -> str:
        return demo.visit.get(f"{demo.url}/demo{path}", cookies=english, timeout=20).text

    page = look("")
    reading = [float(seconds) for seconds in re.findall(r'data-reading="(.+?)"', page)]
    assert '<html lang="en">' in page and chinese_in(unescape(page), own) == ""
    assert len(reading) == WHOLE and all(seconds > 3 for seconds in reading), (
        "counted by the words that are shown"
    )
    state = demo.visit.get(f"{demo.url}/demo/state.json", cookies=english, timeout=20).json()
    assert "welcomes" in state["proof"]["words"] and chinese_in(state["proof"]["words"], own) == ""
    hq = look("/hq")
    own.add(re.search(r"Why did (.+?) not get it", hq)[1])
    assert "first in the Northeast" in hq and chinese_in(hq, own) == ""
    items = demo.visit.get(f"{demo.url}/demo/timeline.json", cookies=english, timeout=20).json()["items"]
    assert items and [one["label"] for one in items if chinese_in(one["label"], own)] == []
    for one in {item["lane"]: item for item in items}.values():
        close = demo.visit.get(
            f"{demo.url}/demo/timeline/{one['id']}.json", cookies=english, timeout=20
        ).json()
        said = " ".join(close[part] for part in ("title", "state", "more"))
        assert chinese_in(said, own) == "", one
    early = demo.visit.post(
        f"{demo.url}/demo/break/nothing", cookies=english, json={}, headers={"X-CSRF": demo.token}, timeout=20
    )
    assert early.status_code == 404 and "No such page" in early.text
