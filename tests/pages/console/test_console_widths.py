"""The console at every width: what belongs together ends together, and the button stays in view."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import copied, serving
from tests.pages.console.desk import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.long]
RIGHT = "document.querySelector('{}').getBoundingClientRect().right"
GAP = """[...document.querySelectorAll('table.list tbody tr')].map(row => [...row.cells].slice(1).map((cell, n) => {
  const words = it => { const range = document.createRange(); range.selectNodeContents(it); return range.getBoundingClientRect() }
  const left = row.cells[n], gap = words(cell).left - words(left).right
  return left.matches('.num') && !cell.matches('.num') && words(cell).width && words(left).width ? gap : 99 }))
  .flat().reduce((least, one) => Math.min(least, one), 99)"""
HIT = """e => { const b = e.getBoundingClientRect();
  return e.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)) }"""
LONG = "新到的远山雪地靴" * 150 + "https://example.com/" + "x" * 400


@pytest.fixture(scope="module")
def desk(
    stocked: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Page]:
    """One for the whole file: its tests look, and store nothing."""
    with copied(stocked, tmp_path_factory.mktemp("widths")) as console, serving(console) as base:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page = context.new_page()
        signed_in(page, base)
        yield page
        context.close()


def go(page: Page, width: int, path: str) -> Page:
    page.set_viewport_size({"width": width, "height": 900 if width > 600 else 780})
    page.goto(page.url.partition("/console")[0] + path)
    return page


@pytest.mark.parametrize("width", [1024, 1440, 1920, 2560])
def test_the_buttons_of_the_header_end_where_the_cards_end(desk: Page, width: int) -> None:
    for path in ("/console/", "/console/campaigns", "/console/stores", "/console/groups"):
        page = go(desk, width, path)
        assert page.evaluate(RIGHT.format("main .box")) is not None
        boxes = "Math.max(...[...document.querySelectorAll('main .box')].map(e => e.getBoundingClientRect().right))"
        bar = "Math.max(...[...document.querySelectorAll('.bar > *')].map(e => e.getBoundingClientRect().right))"
        assert abs(page.evaluate(boxes) - page.evaluate(bar)) <= 1, path
        toolbar = page.locator(".toolbar").last
        if toolbar.count():
            last = "e => Math.max(...[...e.children].map(one => one.getBoundingClientRect().right))"
            assert abs(page.evaluate(boxes) - toolbar.evaluate(last)) <= 1, path


@pytest.mark.parametrize("width", [1440, 1920])
def test_a_number_keeps_its_distance_from_the_words_after_it(desk: Page, width: int) -> None:
    for path in ("/console/campaigns", "/console/stores", "/console/groups", "/console/"):
        assert go(desk, width, path).evaluate(GAP) >= 24, path


@pytest.mark.parametrize("width", [360, 390, 1440, 1920])
def test_the_button_of_a_new_campaign_stays_in_view(desk: Page, width: int) -> None:
    page = go(desk, width, "/console/campaigns/new")
    for down in (0, 600, 99999):
        page.evaluate(f"window.scrollTo(0, {down})")
        for button in page.locator(".page-head .right .button").all():
            box = button.bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]
            assert button.evaluate(HIT), (width, down)


def test_an_empty_form_is_praised_for_nothing(desk: Page) -> None:
    page = go(desk, 1440, "/console/campaigns/new")
    assert page.locator("#limits .i.ok").count() == 0 and "都在限内" not in page.inner_text("#limits")
    page.fill("#f-text", "您好")
    page.wait_for_selector("#limits .i.ok")
    assert "都在限内" in page.inner_text("#limits")


def test_a_long_text_scrolls_inside_the_phone_and_does_not_stretch_it(desk: Page) -> None:
    page = go(desk, 1440, "/console/campaigns/new")
    phone = page.locator(".phone.pane-chat")
    before = phone.bounding_box()
    page.fill("#f-text", LONG)
    expect(phone).to_contain_text("远山")
    after = phone.bounding_box()
    assert (after["width"], after["height"]) == (before["width"], before["height"])
    assert phone.evaluate("e => e.scrollHeight > e.clientHeight && e.scrollWidth <= e.clientWidth")
