"""Bars: whose they are, who may move them, and how far what runs has come."""

import re
from datetime import timedelta

from models.campaigns import Campaign, CampaignStatus
from models.org import Guide
from tests import cast
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.calendar.shown import PATH, WEEK, bar, plan
from tests.pages.plan_form import campaigns, send


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


def test_a_repeat_shows_its_coming_times_as_the_rule_has_them_and_a_mark_on_what_is_made(
    console: Console,
) -> None:
    client = console.signed_in("zhou")
    assert send(console, client, do="schedule", name="每周见", repeat="week", times="4").status_code == 303
    made = campaigns(console)[-1].id
    plan(console, "只一次", 1)
    text = page(console, f"{PATH}?month=2026-12")
    ghosts = re.findall(r'<a class="plan [^"]*ghost[^>]*>(?:(?!</a>).)*每周见', text, re.S)
    assert len(ghosts) == 2, "of four, on November 20 and 27 and December 4 and 11"
    assert f"/console/campaigns/{made}/series" in ghosts[0] and "data-move" not in ghosts[0]
    assert "按重复的规则会有，还没建" in text and 'aria-label="重复"' in bar(text, "每周见")
    assert (
        len(re.findall(r'class="plan [^"]*ghost', page(console, f"{PATH}?month=2026-12&state=scheduled")))
        == 0
    )
    month = page(console, PATH)
    first = re.search(rf'<a class="plan [^>]*href="/console/campaigns/{made}"(?:(?!</a>).)*</a>', month, re.S)
    assert first and 'aria-label="重复"' in first[0] and 'aria-label="重复"' not in bar(month, "只一次")
    assert "ghost" in bar(page(console, f"{WEEK}?monday=2026-11-23"), "每周见")
    assert f'href="/console/campaigns/{made}/series">' in page(console, f"/console/campaigns/{made}")
    assert console.post(client, f"/console/campaigns/{made}/series/stop").status_code == 303
    assert "ghost" not in page(console, f"{PATH}?month=2026-12")
