"""The calendar in Chromium: a plan goes to another day by the keys and by the pointer, and the page says what it means."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from models.campaigns import Campaign
from tests.pages.conftest import NOON, Console
from tests.pages.console.calendar.shown import PATH, plan
from tests.pages.console.desk import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.long]
DAY = timedelta(days=1)


def test_a_plan_is_moved_by_the_keys_and_by_the_pointer(
    console: Console, browser: Browser, serve: Callable[[Console], str]
) -> None:
    number, base = plan(console, "改期的"), serve(console)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    complaints = signed_in(page, base)

    def starts() -> int:
        with console.db.read() as session:
            return (session.get_one(Campaign, number).launch_at - NOON) // DAY

    page.goto(base + PATH)
    bar, said = page.locator("[data-move]", has_text="改期的"), page.locator("#move-said")
    bar.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("「改期的」改到 11月26日")
    page.keyboard.press("Escape")
    expect(said).to_contain_text("没有改，「改期的」还在 11月20日")
    assert starts() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".moved")).to_contain_text("「改期的」改到")
    assert starts() == 2

    page.locator("time[datetime='2026-11-24']").scroll_into_view_if_needed()
    place, held = page.locator("time[datetime='2026-11-24']").bounding_box(), bar.bounding_box()
    assert place and held
    page.mouse.move(held["x"] + 20, held["y"] + 10)
    page.mouse.down()
    page.mouse.move(held["x"] + 40, held["y"] + 20, steps=3)
    page.mouse.move(place["x"] + 30, place["y"] + 40, steps=5)
    page.mouse.up()
    expect(page.locator(".moved")).to_contain_text("11 月 24 日")
    assert starts() == 5
    page.locator(".moved button", has_text="撤回").click()
    expect(page.locator(".moved")).to_contain_text("撤回了")
    assert (starts(), complaints) == (2, [])
    context.close()
