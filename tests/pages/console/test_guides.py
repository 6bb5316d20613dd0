"""导购: lists, who left and how we learnt it, her code asked for once."""

from datetime import timedelta

import pytest

from models.org import Guide, GuideStatus
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.test_stores import asked


def test_present_guides_come_first_to_mind_and_leavers_have_their_own_list(console: Console) -> None:
    with console.db.write() as session:
        zhao = session.get_one(Guide, console.ids["zhoumei"])
        zhao.status = GuideStatus.LEFT
        zhao.left_at = NOON - timedelta(days=2)
        zhao.left_how = "platform_60111"
    assert "周梅" not in page(console, "/console/guides")
    left = page(console, "/console/guides?state=left")
    assert "周梅" in left
    assert "平台说没有这个账号" in left
    assert "她账号里还有" in page(console, f"/console/guides/{console.ids['zhoumei']}")


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=王", True), ("q=wang", True), ("q=中街", True), ("q=太原", False), ("code=failed", False)],
)
def test_guides_are_narrowed(console: Console, query: str, found: bool) -> None:
    assert ("王芳" in page(console, f"/console/guides?{query}").partition("<main")[2]) == found


def test_a_guide_s_page_shows_her_code_friends_and_tasks(console: Console) -> None:
    text = page(console, f"/console/guides/{console.ids['wangfang']}")
    assert f"/console/codes/{console.ids['code_northeast']}.svg" in text
    assert "初雪雪地靴 · northeast" in text
    assert "已打开" in text


def test_her_code_is_asked_for_once(console: Console) -> None:
    client, path = console.signed_in("chen"), f"/console/guides/{console.ids['zhoumei']}/code"
    taps = [console.post(client, path).location.rpartition("=")[2] for _tap in range(2)]
    assert taps == ["asked", "waiting"]
    assert asked(console) == 1


def test_no_code_is_asked_for_somebody_who_left(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(Guide, console.ids["zhoumei"]).status = GuideStatus.LEFT
    console.post(console.signed_in("zhou"), f"/console/guides/{console.ids['zhoumei']}/code")
    assert asked(console) == 0
