"""The console as a whole: who gets in and how far, no link that leads nowhere, a second language, words that take effect."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest

from tests import cast
from tests.pages.plan_form import poster
from tests.stories.house import PASSWORD, House, Office
from tests.stories.plans import ready_task, schedule_poster, text_form

LINK = re.compile(r'(?:href|hx-get)="(/console[^"#]*)')
SCRIPTED = "examine"
"""The doctor asks the platform: that has a story of its own."""


@pytest.fixture(scope="module")
def shop(sqlite_house: House) -> House:
    """Friends, a running campaign with posters of the other design, a group, an account of each kind."""
    house = sqlite_house
    house.run_job("friends")
    house.run_job("groups")
    house.run_job("group_details")
    house.befriend("wmCONSOLE", "wangfang", "台前")
    ready_task(
        house,
        "wangfang",
        schedule_poster(
            house,
            name="新年第一件",
            once="headline",
            **poster(headline="新年第一件", subline="羊绒大衣", price="¥1,299"),
        ),
    )
    open_account(house, "manager", "高敏", "gaomin", "沈阳中街店")
    return house


def open_account(house: House, role: str, name: str, userid: str, place: str) -> None:
    answer = house.office().send_form(
        "/console/accounts", {"role": role, "name": name, "userid": userid, "place": place}
    )
    assert "账号建好了" in answer.text, answer.text


def walk(office: Office, most: int = 400) -> Iterator[tuple[str, str]]:
    """Every page that can be reached by links, each path with each name in its query once."""
    waiting, seen = ["/console/"], set[tuple[str, str]]()
    while waiting and most:
        path, most = waiting.pop(0), most - 1
        answer = office.get(office.url + path, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code}"
        page = answer.text if answer.headers["Content-Type"].startswith("text/") else ""
        yield path, page
        for link in LINK.findall(page):
            parts = urlsplit(unescape(link))
            shape = (parts.path, re.sub(r"=[^&]*", "", parts.query))
            if shape not in seen and SCRIPTED not in parts.query:
                seen.add(shape)
                waiting.append(unescape(link))


def test_no_link_of_the_console_leads_nowhere(shop: House):
    """Every page that HQ can click, on a house with everything in it, answers and is whole."""
    pages = dict(walk(shop.office()))
    assert len(pages) > 60
    for path, page in pages.items():
        assert "Traceback" not in page and "None</" not in page and "{{" not in page, path


def test_a_manager_sees_her_own_store_and_nothing_of_the_others_I01(shop: House):
    """And every page that links to another answers her, too."""
    manager, there = shop.desk("gaomin"), shop.befriend("wmOTHERSTORE", "zhoumei", "别店")
    assert "高敏" in manager.page("/console/")
    assert "台前" in manager.page("/console/friends") and "别店" not in manager.page("/console/friends")
    assert manager.get(f"{shop.url}/console/friends/{there.id}", timeout=20).status_code == 404
    assert manager.get(f"{shop.url}/console/callbacks", timeout=20).status_code == 403
    assert manager.get(f"{shop.url}/console/settings", timeout=20).status_code == 403
    assert len(dict(walk(manager))) > 15


def test_an_account_that_hq_switched_off_is_out_at_the_next_click_I07(shop: House):
    open_account(shop, "branch", "周梅", "zhoumei", cast.NORTHEAST.name)
    branch, page = shop.desk("zhoumei"), "/console/accounts"
    assert "周梅" in branch.page("/console/")
    number = re.search(r'action="/console/accounts/(\d+)/off"', shop.office().page(page).partition("周梅")[2])
    shop.office().press(f"{page}/{number[1]}/off", at=page)
    assert "/console/sign-in" in branch.get(f"{shop.url}/console/", timeout=20).url


def test_a_member_without_an_account_is_told_whom_to_ask_and_may_come_as_another(shop: House):
    page = shop.desk("zhaoqian").entered.text
    assert "这里还没有你的账号" in page
    assert 'href="/console/oauth/start?next=/console/"' in page and 'href="/console/sign-in?next=' in page


def test_a_member_whose_account_is_hqs_is_told_to_sign_in_by_password(shop: House):
    """A phone that is lost, or an administrator of the platform, must not open HQ's console."""
    number = re.search(r"/console/accounts/(\d+)/userid", shop.office().page("/console/accounts"))[1]
    shop.office().send_form(
        f"/console/accounts/{number}/userid", {"userid": "wangfang"}, at="/console/accounts"
    )
    desk = shop.desk("wangfang")
    assert "总部账号用密码登录" in desk.entered.text
    assert "/console/sign-in" in desk.get(f"{shop.url}/console/", timeout=20).url


def test_an_account_made_on_the_command_line_signs_in(shop: House):
    made = shop.command(
        "admin", "create", "--login", "luyuan", "--name", "陆远", "--password", PASSWORD, "--no-input"
    )
    assert made.exit_code == 0, made.output
    office = Office(shop.url)
    assert "陆远" in office.sign_in("luyuan", PASSWORD).text
    assert office.sign_in("luyuan", "wrong").status_code in (401, 200)
    office.send_form("/console/sign-out", at="/console/")
    assert "/console/sign-in" in office.get(f"{shop.url}/console/", timeout=20).url


def test_the_console_speaks_english_to_whom_wants_it(shop: House):
    manager = shop.desk("gaomin")
    assert 'lang="zh-CN"' in manager.page("/console/friends")
    manager.send_form(
        "/console/language", {"language": "en", "next": "/console/friends"}, at="/console/friends"
    )
    page = manager.page("/console/friends")
    assert 'lang="en"' in page and "Friends" in page and "台前" in page
    assert 'lang="zh-CN"' in shop.office().page("/console/friends"), "the others keep theirs"
    manager.send_form("/console/language", {"language": "zh", "next": "/console/"}, at="/console/")


def test_a_new_welcome_greets_the_next_friend(shop: House):
    form = {"name": "霁野", "robot_name": "小霁", "welcome": "您好，{导购名}在{门店名}等您。"}
    assert shop.office().send_form("/console/settings", form).ok
    shop.world.scan("wmNEWWORDS", shop.code_of("wangfang").payload, name="新词")
    heard = shop.until(lambda: shop.world.ledger("welcome", who="wmNEWWORDS"))
    assert "您好，王芳在沈阳中街店等您。" in str(heard[0]["what"])
    too_long = shop.office().send_form("/console/settings", {"welcome": "很" * 2000})
    assert too_long.status_code == 422 and "字节" in too_long.text


def test_what_hq_looks_for_is_found_by_name(shop: House):
    hits = {
        "新年": "新年第一件",
        "王芳": "/console/guides/",
        "台前": "/console/friends/",
        "中街": "沈阳中街店",
    }
    for words, found in hits.items():
        assert found in shop.office().page(f"/console/search?q={words}")


def test_the_doctor_looks_at_the_running_house_from_its_page(shop: House):
    page = shop.office().page("/console/setup?examine=1")
    assert "验签、解密、原样返回都对" in page and "可以读全部成员编号" in page


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"wecom_secret": "a-wrong-secret"}, "✕ 应用凭证"),
        ({"public_url": "http://127.0.0.1:9"}, "打不开"),
        ({"contacts_secret": ""}, "! 通讯录同步：没有 ONETAP_CONTACTS_SECRET"),
    ],
)
def test_the_doctor_on_the_command_line_says_what_to_do(shop: House, changes: dict[str, str], line: str):
    told = shop.command("doctor", **changes)
    assert line in told.output
    assert told.exit_code == (1 if "✕" in told.output else 0)


def test_what_hq_types_is_shown_before_it_is_kept_F16(shop: House):
    """The limits in the platform's own units, and one guide's poster as it will be."""
    office, campaign, announcement = shop.office(), "/console/campaigns/new", "/console/announcements/new"
    typed = office.send_form("/console/campaigns/preview", text_form(shop, "只是看看"), at=campaign)
    assert typed.ok and "沈阳中街店" in typed.text
    counted = office.send_form(
        f"{announcement}/count", {"kind": "customer", "text": "群" * 10}, at=announcement
    )
    assert counted.ok and "30" in counted.text
    greeting = office.send_form(
        "/console/settings/preview", {"welcome": "{导购名}说您好"}, at="/console/settings"
    )
    assert "说您好" in greeting.text and "{导购名}" not in greeting.text
    guide = shop.friend("wmCONSOLE").owner_id
    poster = office.get(
        f"{shop.url}/console/campaigns/poster.jpg?design=headline&headline=新年&guide={guide}", timeout=40
    )
    assert poster.headers["Content-Type"] == "image/jpeg" and len(poster.content) > 10_000


def test_hq_changes_her_password_and_the_old_one_opens_nothing_I05(shop: House):
    """Her other browsers are out at once."""
    shop.command(
        "admin", "create", "--login", "yanzhu", "--name", "颜竹", "--password", PASSWORD, "--no-input"
    )
    desk, other = Office(shop.url), Office(shop.url)
    for one in (desk, other):
        assert "颜竹" in one.sign_in("yanzhu", PASSWORD).text
    new = "another-long-password"
    changed = desk.send_form("/console/password", {"old": PASSWORD, "password": new, "again": new})
    assert changed.ok and "颜竹" in desk.page("/console/")
    assert "/console/sign-in" in other.get(f"{shop.url}/console/", timeout=20).url
    assert other.sign_in("yanzhu", PASSWORD).status_code == 401
    assert "颜竹" in other.sign_in("yanzhu", new).text
