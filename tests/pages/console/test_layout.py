"""The way through the console: each role finds what it may open, and every line leads somewhere."""

import pytest

from models.accounts import Role
from pages.console.layout import WAYS, ways
from tests.disks import full_disk
from tests.pages.conftest import Console


@pytest.mark.parametrize("who", ["zhou", "chen", "ma"])
def test_every_line_of_the_sidebar_opens(console: Console, who: str) -> None:
    role = {"zhou": Role.HQ, "chen": Role.BRANCH, "ma": Role.MANAGER}[who]
    with console.app.test_request_context("/console/"):
        addresses = [address for _, links in ways(role) for _, address in links]
    client = console.signed_in(who)
    page = client.get("/console/").get_data(as_text=True)
    for address in addresses:
        assert f'href="{address}"' in page and client.get(address).status_code == 200, address


def test_only_hq_finds_everything_and_no_heading_stands_over_nothing(console: Console) -> None:
    with console.app.test_request_context("/console/"):
        found = {role: [link for _, links in ways(role) for link, _ in links] for role in Role}
        assert all(links for role in Role for _, links in ways(role))
    whole = [link for _, links in WAYS for link in links]
    assert found[Role.HQ] == whole
    assert {link.word for link in whole} - {link.word for link in found[Role.MANAGER]} >= {"回调", "设置"}


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/console/", "今日"),
        ("/console/calendar/week", "日历"),
        ("/console/calendar/slots", "日历"),
        ("/console/campaigns/new", "活动"),
        ("/console/announcements", "群与机器人"),
        ("/console/tokens", "设置"),
    ],
)
def test_the_line_behind_which_a_page_lies_is_marked(console: Console, path: str, word: str) -> None:
    nav = console.signed_in("zhou").get(path).get_data(as_text=True).partition("</nav>")[0]
    assert [one.partition("</span>")[0] for one in nav.split('aria-current="page">')[1:]][0].endswith(
        f"<span>{word}"
    )
    assert nav.count('aria-current="page"') == 1


def test_a_part_that_a_page_asks_for_again_brings_no_sidebar(console: Console) -> None:
    part = console.signed_in("zhou").get("/console/", headers={"HX-Request": "true"})
    assert "门店与码" not in part.get_data(as_text=True)


def test_a_full_disk_is_said_on_every_page_of_the_console_D04(console: Console) -> None:
    hq = console.signed_in("zhou")
    with full_disk():
        pages = [hq.get(path).get_data(as_text=True) for path in ("/console/", "/console/guides")]
    assert all("磁盘满了" in text for text in pages)
    assert "磁盘满了" not in hq.get("/console/").get_data(as_text=True)
