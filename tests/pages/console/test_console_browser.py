"""The console in Chromium: nothing breaks the policy, one click is one, it is accessible, light, and works without script."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect
from sqlmodel import select

from models.campaigns import Campaign, Task
from models.db import Database
from models.friends import Customer
from models.job_runs import JobRun
from models.org import Guide, Store, removal_guard
from models.preferences import Preference
from ops import build_assets
from tests.conftest import fresh_database
from tests.pages import shop
from tests.pages.conftest import NOON, Console, add_people, make_console, new_app, serving
from tests.pages.console.desk import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.long]
COLD_KILOBYTES, NEXT_KILOBYTES = 150, 15
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
EVIL = '"><script>document.title="broken in"</script><img src=x onerror=document.title="broken">'
PARTS = (".jpg", ".svg", ".csv", ".pdf", ".zip", "live", "/people")
"""Addresses that answer with a picture, a file or a part of a page."""
WIDEST = """[...document.querySelectorAll('main *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroll'))
  .slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' | ')"""
FAULTS = "axe.run({resultTypes: ['violations'], preload: false}).then(found => found.violations)"
LISTEN = """document.addEventListener('securitypolicyviolation',
  e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"""


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    context.add_init_script(LISTEN)
    yield context
    context.close()


def addresses(console: Console) -> list[str]:
    """Every console page that a browser may open, with rows of one branch."""
    ids = console.ids
    own = {
        "campaign_id": ids["campaign_northeast"],
        "friend_id": ids["friend_northeast"],
        "store_id": ids["zhongjie"],
        "guide_id": ids["wangfang"],
        "branch_id": ids["northeast"],
        "group_id": ids["group_northeast"],
        "delivery_id": ids["delivery_northeast"],
        "callback_id": ids["callback_northeast"],
        "code_id": ids["code_northeast"],
        "announcement_id": ids["announcement_northeast"],
        "slot_id": ids["slot_northeast"],
        "plan": "directory",
    }
    found = []
    for rule in console.app.url_map.iter_rules():
        if (
            not rule.rule.startswith("/console")
            or "GET" not in (rule.methods or ())
            or rule.arguments - set(own)
        ):
            continue
        with console.app.test_request_context():
            path = console.app.url_map.bind("localhost").build(
                rule.endpoint, {name: own[name] for name in rule.arguments}
            )
        if not path.endswith(PARTS) and "oauth" not in path:
            found.append(path)
    return sorted(found)


@dataclass(frozen=True)
class Seen:
    """One page, as a browser found it at both sizes."""

    path: str
    status: int
    serious: list[str]
    too_wide: list[str]
    complaints: list[str]
    title: str
    foreign_pictures: int


@pytest.fixture(scope="module")
def walked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> list[Seen]:
    """Every page on a bad day: everybody vanished from the directory, the timetable is silent, all names are hostile."""
    with ExitStack() as ending:
        url = ending.enter_context(fresh_database(request, "sqlite", tmp_path_factory.mktemp("walk")))
        console = make_console(ending.enter_context(closing(Database(url))))
        shop.open_shop(console.db, console.ids, NOON)
        add_people(console)
        spoil(console)
        base = ending.enter_context(serving(console))
        context = browser.new_context(viewport=DESK, locale="zh-CN")
        ending.callback(context.close)
        context.add_init_script(LISTEN)
        page, complaints = context.new_page(), []
        found = [look(page, base, "/console/sign-in", complaints)]
        complaints = signed_in(page, base)
        return found + [look(page, base, path, complaints) for path in addresses(console)]


def spoil(console: Console) -> None:
    with console.db.write() as session:
        removal_guard.keep(
            session,
            "directory",
            "",
            "在岗 3 位里一下少了 3 位，先没有照做",
            ["wangfang", "zhoumei", "sunjiayi"],
            NOON,
        )
        at = NOON - timedelta(hours=12)
        session.add(
            JobRun(
                plan="directory", due_at=at, started_at=at, ended_at=at, outcome="在岗 3 位里一下少了 3 位"
            )
        )
        for guide in session.exec(select(Guide)):
            guide.name = EVIL[:64]
        for store in session.exec(select(Store)):
            store.name = EVIL[:64]
        for customer in session.exec(select(Customer)):
            customer.name = EVIL
        for campaign in session.exec(select(Campaign)):
            campaign.name, campaign.text = EVIL[:40], EVIL
        session.merge(Preference(key="brand.name", value=EVIL))


def look(page: Page, base: str, path: str, complaints: list[str]) -> Seen:
    before = len(complaints)
    answer = page.goto(base + path)
    assert answer
    faults, wide = serious(page), []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        if (more := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            wide.append(f"{more} px at {size['width']}: {page.evaluate(WIDEST)}")
    pictures = page.locator("img[src=x]").count()
    return Seen(path, answer.status, faults, wide, complaints[before:], page.title(), pictures)


def test_every_page_answers_and_keeps_the_policy(walked: list[Seen]) -> None:
    assert len(walked) > 30
    assert [one for one in walked if one.status not in (200, 404, 410)] == []
    assert [one for one in walked if [words for words in one.complaints if "status of 4" not in words]] == []


def test_every_page_is_accessible(walked: list[Seen]) -> None:
    assert {one.path: one.serious for one in walked if one.serious} == {}


def test_every_page_fits_desk_and_phone(walked: list[Seen]) -> None:
    assert {one.path: one.too_wide for one in walked if one.too_wide} == {}


def test_names_from_outside_run_nothing_anywhere_I03(walked: list[Seen]) -> None:
    assert [one.path for one in walked if "broken" in one.title.partition("<script>")[0]] == []
    assert [one.path for one in walked if one.foreign_pictures] == []


def serious(page: Page) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} ({one['nodes'][0]['failureSummary'][:200]})"
        for one in page.evaluate(FAULTS)
        if one["impact"] in ("serious", "critical")
    ]


def test_a_double_click_is_one_click(
    console: Console, desk: BrowserContext, serve: Callable[[Console], str]
) -> None:
    base, page = serve(console), desk.new_page()
    signed_in(page, base)
    page.goto(f"{base}/console/campaigns/new")
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.url) if request.method == "POST" and request.url.endswith("/new") else None
        ),
    )
    page.fill("#f-name", "双击")
    page.fill("#f-text", "您好")
    page.click("text=全部导购")
    page.dblclick("text=存草稿")
    expect(page.locator(".notice.ok")).to_contain_text("已存为草稿")
    assert "done" not in page.url, "what was done is said once, not after each reload"
    assert len(sent) == 1
    with console.db.read() as session:
        assert len(session.exec(select(Campaign).where(Campaign.name == "双击")).all()) == 1


def test_the_composer_counts_previews_and_uploads_while_one_types(
    console: Console, desk: BrowserContext, serve: Callable[[Console], str]
) -> None:
    base, page = serve(console), desk.new_page()
    complaints = signed_in(page, base)
    page.goto(f"{base}/console/campaigns/new")
    page.fill("#f-text", "雪天来")
    page.click("button[data-insert='{门店名}']")
    expect(page.locator(".pane-chat")).to_contain_text("雪天来沈阳中街店")
    page.click("label.chip:has-text('华东')")
    expect(page.locator(".sample")).to_contain_text("孙佳怡")
    expect(page.locator("#schedule")).to_contain_text("发给 1 位导购")
    page.fill("#f-text", "雪" * 1400)
    page.wait_for_selector("#text-meter .bad")
    assert "4,200 / 4,000 字节" in page.inner_text("#text-meter")
    page.click("button.chip:has-text('海报')")
    chooser, waits = page.locator("[name='attachments.0.upload']"), []

    def drawn_anew(route: Route) -> None:
        waits.append(chooser.is_disabled())
        route.continue_()

    page.route("**/console/campaigns/attachments", drawn_anew)
    page.select_option("[name='attachments.0.design']", "artwork")
    page.wait_for_selector(
        "[name='attachments.0.design'] option[value='artwork'][selected]", state="attached"
    )
    expect(chooser).to_be_enabled()
    assert waits == [True]  # no file goes with a row that is about to be drawn anew
    page.set_input_files(
        "[name='attachments.0.upload']", {"name": "art.jpg", "mimeType": "image/jpeg", "buffer": shop.jpeg()}
    )
    page.wait_for_selector("[data-slot] img")
    page.wait_for_selector(".pane-chat img", state="visible")
    page.fill("#f-find", "太原")
    page.click("#people-found label")
    page.click("text=换一位")
    assert page.locator("#people-chosen input:checked").count() == 1
    assert [
        one for one in complaints if not one.startswith("htmx:")
    ] == []  # a newer preview takes the place of an older one


def test_live_numbers_move_without_a_reload_and_say_when_they_stop(
    console: Console, desk: BrowserContext, serve: Callable[[Console], str]
) -> None:
    base, page = serve(console), desk.new_page()
    signed_in(page, base)
    page.clock.install()
    page.goto(f"{base}/console/campaigns/{console.ids['campaign_northeast']}")
    assert "14:32:41 更新" in page.inner_text("[data-live-time]")
    with console.db.write() as session:
        task = session.get_one(Task, console.ids["task_northeast"])
        task.reported_at = task.confirmed_at = console.clock.now
    console.clock.advance(seconds=6)
    page.clock.run_for(6000)
    expect(page.locator("[data-live-time]")).to_contain_text("14:32:47 更新")
    assert "100.0%" in page.inner_text(".funnel-figures li:nth-child(5)")
    desk.set_offline(True)
    page.clock.run_for(6000)
    expect(page.locator("[data-live-time]")).to_contain_text("14:32:47 之后没有更新，正在重试")


def test_everything_of_a_campaign_works_without_script(
    console: Console, browser: Browser, serve: Callable[[Console], str]
) -> None:
    base = serve(console)
    context = browser.new_context(viewport=DESK, java_script_enabled=False)
    page = context.new_page()
    signed_in(page, base)
    page.click("text=新建活动")
    page.fill("#f-name", "没有脚本")
    page.fill("#f-text", "您好")
    page.fill("#f-find", "中街")
    page.click(".finder button")
    page.click("#people-found label:has-text('沈阳中街店')")
    page.click("text=先选发给谁")
    page.click("text=明天 10:00 发给 1 位导购")
    assert "没有脚本" in page.inner_text("h1")
    page.click("text=停止活动")
    assert "不发给任何人" in page.inner_text("h1")
    page.click("button:has-text('停止活动')")
    assert "已停止" in page.inner_text(".pill")
    context.close()


def test_the_keyboard_reaches_content_and_actions(
    console: Console, desk: BrowserContext, serve: Callable[[Console], str]
) -> None:
    base, page = serve(console), desk.new_page()
    signed_in(page, base)
    page.goto(f"{base}/console/campaigns")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到内容"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    outline = page.evaluate("getComputedStyle(document.querySelector('.skip')).position")
    assert outline == "absolute"


def test_a_cold_visit_is_light_and_the_next_page_lighter(
    console: Console, desk: BrowserContext, tmp_path: Path, serve: Callable[[Console], str]
) -> None:
    build_assets.build(tmp_path / "built")  # it empties its folder
    console.app = new_app(tmp_path / "built")
    console.app.extensions["onetap"] = console.site
    base, page = serve(console), desk.new_page()
    weights: list[int] = []
    page.on("requestfinished", lambda request: weights.append(request.sizes()["responseBodySize"]))
    page.goto(f"{base}/console/sign-in")
    signed_in(page, base)
    page.wait_for_load_state("networkidle")
    cold = sum(weights)
    weights.clear()
    page.goto(f"{base}/console/campaigns/{console.ids['campaign_northeast']}")
    page.wait_for_load_state("networkidle")
    assert cold < COLD_KILOBYTES * 1024, f"{cold} bytes"
    assert sum(weights) < NEXT_KILOBYTES * 1024, f"{sum(weights)} bytes"
