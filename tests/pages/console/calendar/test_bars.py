"""Bars: whose they are, who may move them, and how far what runs has come."""

import re
from datetime import timedelta

from models.campaigns import Campaign, CampaignStatus
from models.org import Guide
from tests import cast
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.calendar.shown import PATH, WEEK, bar, plan


def test_a_branch_moves_its_own_and_hq_s_layer_is_locked(console: Console) -> None:
    plan(console, "总部的", scope={"branches": [console.ids["northeast"]]})
    plan(console, "分公司的", created_by=console.ids["chen"], scope={"branches": [console.ids["northeast"]]})
    plan(console, "别家的", created_by=console.ids["liu"], scope={"branches": [console.ids["east"]]})
    text = page(console, PATH, "chen")
    assert "locked" in bar(text, "总部的") and "data-move" not in bar(text, "总部的")
    assert "data-move" in bar(text, "分公司的") and "locked" not in bar(text, "分公司的")
    assert "别家的" not in text
    assert "data-move" not in page(console, PATH, "ma"), "a manager looks only"
    assert all("data-move" in bar(page(console, PATH), name) for name in ("总部的", "分公司的", "别家的"))


def test_what_runs_is_filled_as_far_as_it_is_confirmed_and_cannot_be_moved(console: Console) -> None:
    number = plan(
        console,
        "正在跑",
        0,
        status=CampaignStatus.RUNNING,
        launched_at=NOON,
        ends_at=NOON + timedelta(hours=3),
    )
    with console.db.write() as session:
        campaign = session.get_one(Campaign, number)
        for guide, confirmed in ((cast.WANG, NOON), (cast.ZHOU, None)):
            who = session.get_one(Guide, console.ids[guide])
            cast.task(session, campaign, who, now=NOON, confirmed_at=confirmed)
    running = bar(page(console, PATH), "正在跑")
    assert '<rect width="50"' in running and "50% 平台已确认" in running and "data-move" not in running


def test_what_the_platform_never_confirms_is_filled_by_the_guides_word_and_says_so(console: Console) -> None:
    running = {"status": CampaignStatus.RUNNING, "launched_at": NOON, "ends_at": NOON + timedelta(hours=3)}
    number = plan(console, "自己发的", 0, channel="share_moment", **running)
    with console.db.write() as session:
        campaign = session.get_one(Campaign, number)
        for guide, said in ((cast.WANG, NOON), (cast.ZHOU, None)):
            who = session.get_one(Guide, console.ids[guide])
            cast.task(session, campaign, who, now=NOON, reported_at=said)
    for view in (PATH, WEEK):
        shown = bar(page(console, view), "自己发的")
        assert "50% 说分享了" in shown and "50% 说了" in shown and "平台已确认" not in shown


def test_a_narrow_bar_begins_with_the_name_and_not_with_where_it_goes(console: Console) -> None:
    plan(console, "雨靴", scope={"branches": [console.ids["northeast"]]})
    assert re.search(r'<span class="what" aria-hidden="true">雨靴 <small>', bar(page(console, PATH), "雨靴"))
