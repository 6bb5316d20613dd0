"""A customer scans a printed code, finds the nearest store in her phone's browser, presses the code there, and is greeted."""

import re
from contextlib import closing

from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from models.friends import entry_code_figures
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.friends.shown_codes import ShownCode
from ops import wiring
from tests import cast
from tests.second_reader import second_reader
from tests.stories.house import House

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0"
NEAR_TAIYUANJIE = {"latitude": 41.7925, "longitude": 123.4005}


def channel(house: House, name: str) -> EntryCode:
    """HQ plans a channel in the console; its code leads to /near at once."""
    form = {"kind": "channel", "name": name, "leads_to": "near", "cost": "300", "once": name}
    answer = house.office().send_form("/console/codes", form, at="/console/codes/new")
    assert answer.ok and "码建好了" in answer.text, answer.text
    query = select(EntryCode).where(EntryCode.name == name, col(EntryCode.via_id).is_(None))
    return house.row(lambda session: session.exec(query).one())


def phone(browser: Browser, **how) -> Page:
    context = browser.new_context(user_agent=PHONE, viewport={"width": 390, "height": 844}, **how)
    return context.new_page()


def pressed(page: Page) -> str:
    """What the messenger reads when a finger rests on the code."""
    image = page.locator("img.code")
    expect(image).to_be_visible()
    box = image.bounding_box()
    assert box and min(box["width"], box["height"]) >= 240
    return second_reader(image.screenshot())


def test_a_customer_finds_the_nearest_store_scans_and_is_greeted(sqlite_house: House, browser: Browser):
    house = sqlite_house
    code = channel(house, "包裹卡")
    printed = house.office().get(f"{house.url}/console/prints/codes/{code.id}.png", timeout=60)
    address = second_reader(printed.content)
    assert address == f"{house.url}/near/{code.state}"
    with closing(phone(browser, geolocation=NEAR_TAIYUANJIE, permissions=["geolocation"])) as page:
        page.goto(address)
        expect(page.get_by_role("heading", name="离您最近的店")).to_be_visible()
        expect(page.get_by_role("heading", name="沈阳太原街店")).to_be_visible()
        expect(page.get_by_text("长按识别，加周梅")).to_be_visible()
        house.world.scan("wmNEAREST", pressed(page), name="找店的人")
    welcome = house.until(lambda: house.world.ledger("welcome", who="wmNEAREST"))[0]
    assert "周梅" in str(welcome["what"])
    friend = house.until(lambda: house.friend("wmNEAREST"))
    assert friend.reason
    choice = house.row(lambda session: session.exec(select(ShownCode)).all())[-1]
    assert (choice.found_by, choice.guide_id) == ("position", friend.owner_id)


def test_her_second_visit_shows_the_same_guide_and_counts_for_the_channel(
    sqlite_house: House, browser: Browser
):
    """By then the platform has made the code that tells the channel's friends apart."""
    house = sqlite_house
    code = channel(house, "短视频")
    with closing(phone(browser)) as page:
        page.goto(f"{house.url}/near/{code.state}")  # her phone tells no position
        expect(page.get_by_text("没拿到位置，不要紧，选一下就行")).to_be_visible()
        page.get_by_label("城市、商场或街名").fill("中街")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=re.compile("沈阳中街店")).click()
        first = page.locator(".press").inner_text()
        behind = select(EntryCode).where(EntryCode.via_id == code.id, EntryCode.payload != "")
        house.until(lambda: house.row(lambda session: session.exec(behind).first()))
        page.goto(f"{house.url}/near/{code.state}")
        expect(page.get_by_role("heading", name="您上次看的店")).to_be_visible()
        assert page.locator(".press").inner_text() == first
        house.world.scan("wmAGAIN", pressed(page), name="又来的人")
    house.until(lambda: house.friend("wmAGAIN"))
    with house.read() as session:
        counted = entry_code_figures.figures(session, [code.id], wiring.clock())[code.id]
    assert (counted.total, counted.here) == (1, 1)
    assert "¥300" in house.office().page(f"/console/codes/{code.id}")


def test_without_script_the_cities_are_enough(sqlite_house: House, browser: Browser):
    house = sqlite_house
    code = channel(house, "短信")
    with closing(phone(browser, java_script_enabled=False)) as page:
        page.goto(f"{house.url}/near/{code.state}")
        page.get_by_label("城市、商场或街名").fill("太原")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=re.compile("沈阳太原街店")).click()
        assert pressed(page).startswith("https://work.weixin.qq.com/")


def test_a_printed_badge_outlives_its_guide(sqlite_house: House):
    """She leaves, and whoever scans what hangs on the wall becomes a colleague's friend."""
    house = sqlite_house
    badge = house.code_of("wangfang")
    assert badge.kind == EntryCodeKind.GUIDE
    house.world.leave("wangfang")
    house.until(lambda: "wangfang" not in house.world.people_behind(badge.state))
    house.world.scan("wmAFTERWARDS", badge.payload, name="后来的人")
    friend = house.until(lambda: house.friend("wmAFTERWARDS"))
    assert house.until(lambda: house.world.ledger("welcome", who="wmAFTERWARDS"))
    colleagues = {cast.ZHAO, cast.GAO}
    assert set(house.world.people_behind(badge.state)) <= colleagues and friend.reason
