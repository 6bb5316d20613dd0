"""A guide leaves: her manager confirms in three taps, and a day later her customers see who serves them now."""

import pytest
import requests
from playwright.sync_api import Browser, expect
from sqlmodel import col, select

from models.friends import FriendStatus
from models.friends.handover import Handover, numbers_of
from models.org import find_guide
from tests import cast
from tests.cast import GAO
from tests.stories.house import House, csrf_of

LEAVER, DAY = "hanxue", 24 * 3600
HERS = ("wmHANXUEONE", "wmHANXUETWO", "wmHANXUETHREE")
PHONE = {"width": 390, "height": 844}


def of_leaver(house: House, leaver: str = LEAVER) -> Handover | None:
    def look(session) -> Handover | None:
        guide = find_guide(session, leaver)
        return session.exec(select(Handover).where(Handover.guide_id == guide.id)).first() if guide else None

    return house.row(look)


def six(house: House, handover: Handover):
    return house.row(lambda session: numbers_of(session, col(Handover.id) == handover.id)[handover.id])


def asked(house: House, customer: str) -> list[dict]:
    return [row["what"] for row in house.world.ledger("transfer", who=customer)]


def test_a_guide_leaves_her_manager_confirms_and_a_day_later_her_customers_see_the_successor_F05_G10(
    sqlite_house: House,
):
    house = sqlite_house
    house.world.hire(LEAVER, "韩雪", cast.ZHONGJIE.department)
    for name, customer in zip(("祝青", "甘霖", "温可"), HERS, strict=True):
        house.befriend(customer, LEAVER, name)
    house.world.customer_group("wrHANXUE", "雪地靴试穿群", LEAVER)
    house.world.leave(LEAVER)
    handover = house.until(lambda: (found := of_leaver(house)) and found.planned_at and found)
    assert six(house, handover).manager == 3

    phone = house.guide_phone(GAO)
    address = f"{house.url}/g/handovers/{handover.id}"
    text = phone.get(address, timeout=20).text
    assert "3 位好友，2 位接手" in text and "交接 3 位好友" in text
    question = phone.get(f"{address}?ask=1", timeout=20).text
    assert "把 3 位好友交给 2 位？" in question and "先不交" in question
    phone.post(f"{address}/confirm", data={"csrf": csrf_of(question)}, timeout=20)
    house.until(lambda: all(asked(house, one) for one in HERS))
    assert six(house, handover).waiting == 3
    owner = asked(house, HERS[0])[0]["takeover"]
    house.world.refuse(HERS[1], LEAVER)
    house.until(lambda: six(house, handover).refused == 1)

    house.world.advance(DAY + 60)
    house.run_job("handover_results", hours=24.5)
    numbers = six(house, handover)
    assert (numbers.done, numbers.refused, numbers.all) == (2, 1, 3)
    assert house.friend(HERS[0], owner).status == FriendStatus.FRIEND
    assert house.friend(HERS[1], LEAVER).status == FriendStatus.FRIEND, "who refused stays under the leaver"
    seen = requests.get(f"{house.world.url}/phones/customer/{HERS[0]}", params={"with": owner}, timeout=20)
    assert "为你服务" in seen.text

    page = house.until_page(f"/console/handovers?id={handover.id}", "办完了")
    assert "高敏" in page and "甘霖" in page and "换一位再问" in page


@pytest.mark.heavy
def test_in_a_browser_she_leaves_her_manager_taps_three_times_and_the_customer_sees_her_successor(
    sqlite_house: House, browser: Browser
):
    house = sqlite_house
    house.world.hire("dingyiming", "丁一鸣", cast.ZHONGJIE.department)
    house.befriend("wmDINGONE", "dingyiming", "方晴")
    house.world.leave("dingyiming")
    handover = house.until(lambda: (found := of_leaver(house, "dingyiming")) and found.planned_at and found)

    context = browser.new_context(viewport=PHONE, user_agent="Mozilla/5.0 wxwork/5.0", locale="zh-CN")
    context.add_cookies([{"name": "onetap_wecom_member", "value": GAO, "url": house.world.url}])
    house.until(lambda: "丁一鸣离职了" in str(house.world.get(f"/phone/guide/{GAO}")["chat"]))
    page = context.new_page()
    page.goto(f"{house.world.url}/phones/guide/{GAO}")
    page.locator("p, div, li").filter(has_text="丁一鸣离职了").get_by_role("link", name="看名单").last.click()
    expect(page.get_by_role("heading", name="1 位好友")).to_be_visible()
    page.get_by_role("link", name="交接 1 位好友").click()
    page.get_by_role("button", name="交接 1 位好友").click()
    expect(page.get_by_text("已开始")).to_be_visible()
    context.close()
    house.until(lambda: asked(house, "wmDINGONE"))

    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{house.world.url}/phones/customer/wmDINGONE?with=dingyiming")
    page.get_by_role("button", name="过 24 小时").click()
    expect(page.get_by_role("button", name="过 24 小时")).to_have_count(0)
    page.goto(f"{house.world.url}/phones/customer/wmDINGONE?with={asked(house, 'wmDINGONE')[0]['takeover']}")
    expect(page.get_by_text("为你服务").last).to_be_visible()
    context.close()
    house.until(lambda: six(house, handover).done == 1)
