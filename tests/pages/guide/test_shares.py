"""Sharing from her own page: what is handed over, what she cancelled, what got lost on the way, and where it is impossible."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from models.campaigns import Campaign, CampaignStatus, Task
from ops import wiring
from tests import cast
from tests.cast import LIN, WANG, XU
from tests.stories.house import House
from tests.stories.plans import task_of


def shared(house: House, channel: str, text: str = "雪地靴到店了") -> str:
    """A campaign that 王芳 shares; the path of its task."""
    now = wiring.clock()
    with house.parts.db.write() as session:
        plan = cast.campaign(
            session,
            name=text[:20],
            channel=channel,
            text=text,
            status=CampaignStatus.SCHEDULED,
            launch_at=now,
            created_at=now,
            ends_at=now.replace(year=now.year + 1),
        )
        number = plan.id or 0
    house.run_job("launch")
    house.until(lambda: house.row(lambda session: session.get_one(Campaign, number).planned_at))
    return f"/g/tasks/{task_of(house, WANG, number).code}"


@pytest.fixture
def phone(house: House, browser: Browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, user_agent="Mozilla/5.0 wxwork/5.0", locale="zh-CN"
    )
    context.add_cookies([{"name": "onetap_wecom_member", "value": WANG, "url": house.world.url}])
    yield context.new_page()
    context.close()


def press(page: Page, words: str, on_view: str) -> None:
    page.get_by_role("button", name=words).click()
    page.frame_locator("iframe").get_by_role("button", name=on_view, exact=True).click()
    expect(page.locator("iframe")).to_have_count(0)


def reported(house: House, path: str):
    return house.row(
        lambda session: session.exec(select(Task).where(Task.code == path[9:])).one()
    ).reported_at


def test_what_is_handed_over_has_the_names_of_the_page_script(house: House):
    path, phone = shared(house, "share", "给客户"), house.guide_phone(WANG)
    phone.get(house.url + path, timeout=20)
    told = phone.get(f"{house.url}{path}/share.json", timeout=20).json()
    assert told["call"] == "shareToExternalContact"
    assert told["argument"]["text"] == {"content": "给客户"}
    assert set(told["argument"]["externalUserIds"]) == {XU, LIN}
    assert (
        "externalUserIds"
        not in phone.get(f"{house.url}{shared(house, 'share_moment', '发圈')}/share.json", timeout=20).json()[
            "argument"
        ]
    )


def test_another_guide_cannot_have_it_J01(house: House):
    path, other = shared(house, "share", "不是她的"), house.guide_phone("zhaoqian")
    other.get(f"{house.url}/g/", timeout=20)
    assert other.get(f"{house.url}{path}/share.json", timeout=20).status_code == 404


def test_her_poster_goes_with_it_under_an_id_that_the_platform_knows(house: House):
    now = wiring.clock()
    with house.parts.db.write() as session:
        plan = cast.campaign(
            session,
            name="海报",
            channel="share_moment",
            text="看海报",
            attachments=cast.poster(headline="初雪"),
            status=CampaignStatus.SCHEDULED,
            launch_at=now,
            created_at=now,
            ends_at=now.replace(year=now.year + 1),
        )
        number = plan.id or 0
    house.run_job("launch")
    path, phone = f"/g/tasks/{task_of(house, WANG, number).code}", house.guide_phone(WANG)
    phone.get(house.url + path, timeout=20)
    (one,) = phone.get(f"{house.url}{path}/share.json", timeout=30).json()["argument"]["attachments"]
    assert re.fullmatch(r"[\w-]{20,}", one["image"]["mediaid"])
    page = phone.get(house.url + path, timeout=20).text
    assert "平台已确认" not in page and "发到朋友圈" in page and "只记你说的" in page


@pytest.mark.browser
def test_cancelling_is_no_error_and_a_share_is_her_word_F04(house: House, phone: Page):
    path = shared(house, "share_moment", "取消再发")
    phone.goto(house.url + path)
    press(phone, "发到朋友圈", "取消")
    expect(phone.get_by_text("你取消了，没有发出去")).to_be_visible()
    assert reported(house, path) is None
    press(phone, "发到朋友圈", "发表")
    expect(phone.get_by_role("button", name="撤回，我还没分享")).to_be_visible()
    assert reported(house, path)
    posts = [row for row in house.world.ledger("moment") if row["what"]["text"] == "取消再发"]
    assert {row["who"] for row in posts} == {XU, LIN} and len(posts) == 2


@pytest.mark.browser
def test_a_lost_acknowledgement_is_kept_and_sent_later_never_a_second_share_without_a_word_F03(
    house: House, phone: Page
):
    path = shared(house, "share", "回执丢了")
    phone.goto(house.url + path)
    phone.route("**/shared", lambda route: route.abort())
    press(phone, "分享给客户", "发送")
    expect(phone.get_by_text("没连上，已记下，连上后自动补")).to_be_visible()
    phone.get_by_role("button", name="分享给客户").click()
    expect(phone.get_by_text("你可能已经发过了")).to_be_visible()
    expect(phone.get_by_role("button", name="再分享一次")).to_be_enabled()
    assert phone.locator("iframe").count() == 0 and reported(house, path) is None
    phone.unroute("**/shared")
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.get_by_role("button", name="撤回，我还没分享")).to_be_visible()
    assert reported(house, path)
    assert len([row for row in house.world.ledger("mass") if row["what"]["text"] == "回执丢了"]) == 2


@pytest.mark.browser
def test_her_word_without_connection_is_kept_and_sent_from_whichever_page_she_opens_next_F03(
    house: House, phone: Page
):
    path = shared(house, "mass", "地铁里说的")
    phone.goto(house.url + path)
    phone.route("**/shared", lambda route: route.abort())
    phone.get_by_role("button", name="我已经发了").click()
    expect(phone.get_by_text("没连上，已记下，连上后自动补")).to_be_visible()
    phone.goto(house.url + "/g/results")
    expect(phone.get_by_text("没连上，已记下，连上后自动补")).to_be_visible()
    assert reported(house, path) is None
    phone.unroute("**/shared")
    with phone.expect_response("**/shared"):
        phone.goto(house.url + "/g/")
    house.until(lambda: reported(house, path))
    phone.wait_for_function("localStorage.length === 0")


@pytest.mark.browser
def test_where_it_is_impossible_it_says_how_to_do_it_by_hand_J05(house: House, phone: Page, browser: Browser):
    path = shared(house, "share_moment", "不支持的")
    for client, words in (("computer", "这个客户端不能直接分享"), ("forbidden", "应用还没有分享的权限")):
        house.world.post(f"/phone/guide/{WANG}/client", {"client": client})
        phone.goto(house.url + path)
        phone.get_by_role("button", name="发到朋友圈").click()
        expect(phone.get_by_text(words)).to_be_visible()
        expect(phone.get_by_role("button", name="复制")).to_be_visible()
    house.world.post(f"/phone/guide/{WANG}/client", {"client": "phone"})
    assert reported(house, path) is None


@pytest.mark.browser
def test_without_script_the_page_says_how_J04(house: House, browser: Browser):
    path = shared(house, "share", "没有脚本")
    context = browser.new_context(user_agent="Mozilla/5.0 wxwork/5.0", java_script_enabled=False)
    context.add_cookies([{"name": "onetap_wecom_member", "value": WANG, "url": house.world.url}])
    page = context.new_page()
    page.goto(house.url + path)
    page.get_by_role("button", name="分享给客户").click()
    assert page.get_by_text("复制上面的话，长按图片存下来").is_visible()
    page.get_by_role("button", name="我已经分享了").click()
    assert reported(house, path)
    context.close()
