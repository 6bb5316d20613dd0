"""活动: list, live funnel, reasons, operations, and what a branch sees of it."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignStatus, Task
from tests import cast
from tests.pages.conftest import Console, page


@pytest.fixture
def number(console: Console) -> int:
    return console.ids["campaign_northeast"]


def status(console: Console, number: int) -> str:
    with console.db.read() as session:
        return session.get_one(Campaign, number).status


def test_the_list_counts_states_and_filters_by_them(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(Campaign, console.ids["campaign_east"]).status = "finished"
    client = console.signed_in("zhou")
    page = client.get("/console/campaigns?state=finished").get_data(as_text=True)
    assert "初雪雪地靴 · east" in page
    assert "初雪雪地靴 · northeast" not in page
    assert re.search(r"全部 <span class=\"n\">2<", page)


def test_a_long_list_has_pages_and_nonsense_pages_do_no_harm(console: Console) -> None:
    now = console.clock.now
    with console.db.write() as session:
        for number in range(40):
            session.add(
                Campaign(
                    name=f"活动{number:02}", launch_at=now, ends_at=now + timedelta(days=1), created_at=now
                )
            )
    client = console.signed_in("zhou")
    assert "第 31 – 42 条，共 42 条" in client.get("/console/campaigns?page=2").get_data(as_text=True)
    for typed in ("-1", "99999", "x", "0", "1e9"):
        assert client.get(f"/console/campaigns?page={typed}").status_code == 200


def test_the_funnel_counts_and_says_who_was_lost_where(console: Console, number: int) -> None:
    page = console.signed_in("zhou").get(f"/console/campaigns/{number}").get_data(as_text=True)
    for words in (
        "目标导购",
        "平台已确认",
        "1 人打开没说",
        "没触达的 1 位客户，原因",
        "导购还没在群发助手里确认",
        "离截止还有 4 小时 0 分",
        "提醒 1 位导购",
    ):
        assert words in page, words


def test_the_live_part_answers_304_until_somebody_acts(console: Console, number: int) -> None:
    client = console.signed_in("zhou")
    console.clock.advance(seconds=5)  # the minutes that are left are news, so not across a full one
    first = client.get(f"/console/campaigns/{number}/live")
    tag = {"If-None-Match": first.headers["ETag"]}
    console.clock.advance(seconds=5)
    assert client.get(f"/console/campaigns/{number}/live", headers=tag).status_code == 304
    with console.db.write() as session:
        session.get_one(Task, console.ids["task_northeast"]).say_done(console.clock.now)
    console.clock.advance(seconds=6)
    news = client.get(f"/console/campaigns/{number}/live", headers=tag)
    assert news.status_code == 200
    assert "1 人说发了，平台没确认" in news.get_data(as_text=True)


def test_the_funnel_says_who_went_straight_to_the_mass_assistant(console: Console, number: int) -> None:
    with console.db.write() as session:
        session.get_one(Task, console.ids["task_northeast"]).confirm(console.clock.now)
    page = console.signed_in("zhou").get(f"/console/campaigns/{number}").get_data(as_text=True)
    assert "其中 1 人没说已发，直接在群发助手里发送的" in page
    assert "件没说已发，直接在企业微信里发的" in console.signed_in("zhou").get("/console/").get_data(
        as_text=True
    )


def test_who_opened_the_card_and_took_her_word_back_is_not_said_to_have_left_the_card_alone(
    console: Console, number: int
) -> None:
    with console.db.write() as session:
        task = session.get_one(Task, console.ids["task_northeast"])
        task.opened_at, task.reported_at, task.confirmed_at = console.clock.now, None, console.clock.now
    text = page(console, f"/console/campaigns/{number}")
    assert "其中 1 人没说已发，直接在群发助手里发送的" in text and "没点卡片" not in text


def test_the_funnel_says_how_many_have_no_task_and_that_nobody_is_there_where_it_is_zero(
    console: Console, number: int
) -> None:
    with console.db.write() as session:
        hers = session.get_one(Task, console.ids["task_northeast"])
        hers.skipped, hers.card_sent_at, hers.opened_at, hers.reported_at = (
            "她名下没有可以群发的好友",
            None,
            None,
            None,
        )
        for one in session.exec(select(Task).where(Task.campaign_id == number, Task.id != hers.id)):
            session.delete(one)
    text = page(console, f"/console/campaigns/{number}")
    assert "其中 1 人没有任务，轮不到她们确认" in text and "1 人：她名下没有可以群发的好友" in text
    assert "一个没少" not in text and "还没有人" in text


def test_reminding_says_what_it_did_and_is_refused_twice_at_once(console: Console, number: int) -> None:
    client = console.signed_in("zhou")
    done = console.post(client, f"/console/campaigns/{number}/remind", follow_redirects=True)
    assert "提醒 1 位导购" in done.get_data(as_text=True)
    again = console.post(client, f"/console/campaigns/{number}/remind")
    assert again.status_code == 409
    assert "上一次提醒正在发出" in again.get_data(as_text=True)


def test_pausing_and_going_on(console: Console, number: int) -> None:
    client = console.signed_in("zhou")
    paused = console.post(client, f"/console/campaigns/{number}/pause", follow_redirects=True).get_data(
        as_text=True
    )
    assert status(console, number) == "paused"
    assert "周岚 暂停" in paused
    assert "继续" in paused
    console.post(client, f"/console/campaigns/{number}/resume")
    assert status(console, number) == "running"


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("notice", "还没送出的卡片和提醒"),
        ("moment", "导购客户朋友圈里还没发表的那一条会撤下"),
        ("share_moment", "任务页也不能再分享"),
    ],
)
def test_a_stop_says_what_it_stops_where_no_mass_message_is_sent(
    console: Console, number: int, channel: str, words: str
) -> None:
    with console.db.write() as session:
        session.get_one(Campaign, number).channel = channel
    question = console.signed_in("zhou").get(f"/console/campaigns/{number}/stop").get_data(as_text=True)
    assert words in question and "不再发给" not in question and "群发助手" not in question


def test_stopping_is_asked_once_with_its_numbers(console: Console, number: int) -> None:
    client = console.signed_in("zhou")
    question = client.get(f"/console/campaigns/{number}/stop").get_data(as_text=True)
    assert "停止「初雪雪地靴 · northeast」，不再发给 1 位客户？" in question
    assert "先不停" in question
    assert status(console, number) == "running"
    console.post(client, f"/console/campaigns/{number}/cancel")
    assert status(console, number) == "cancelled"
    assert client.get(f"/console/campaigns/{number}/stop").status_code == 302


def test_a_refused_verb_changes_nothing_and_says_why(console: Console, number: int) -> None:
    client = console.signed_in("zhou")
    answer = console.post(client, f"/console/campaigns/{number}/resume")
    assert status(console, number) == "running"
    assert answer.status_code in (303, 409)
    assert console.post(client, f"/console/campaigns/{number}/explode").status_code == 404


@pytest.mark.parametrize(
    ("state", "verb", "words"),
    [
        ("finished", "pause", "“Ended”: there is nothing to pause"),
        ("finished", "cancel", "“Ended”: there is nothing to stop"),
        ("draft", "resume", "“Draft” and cannot go on"),
        ("cancelled", "schedule", "“Stopped” and cannot be scheduled"),
        ("paused", "remind", "“Paused”: nobody is reminded"),
    ],
)
def test_a_refused_verb_says_why_in_english_to_an_english_reader(
    console: Console, number: int, state: str, verb: str, words: str
) -> None:
    with console.db.write() as session:
        session.get_one(Campaign, number).status = CampaignStatus(state)
    client = console.signed_in("zhou")
    console.post(client, "/console/language", {"language": "en", "next": "/console/"})
    answer = console.post(client, f"/console/campaigns/{number}/{verb}")
    assert (answer.status_code, status(console, number)) == (409, state)
    assert words in answer.get_data(as_text=True)


def test_what_was_done_stands_in_the_book_with_a_name(console: Console, number: int) -> None:
    console.post(console.signed_in("zhou"), f"/console/campaigns/{number}/pause")
    with console.db.read() as session:
        assert session.exec(select(Audit).where(Audit.verb == "campaign.pause")).one().actor == "周岚"


def test_a_branch_sees_its_stores_and_no_button(console: Console, number: int) -> None:
    page = console.signed_in("chen").get(f"/console/campaigns/{number}").get_data(as_text=True)
    assert "沈阳中街店" in page
    assert "停止活动" not in page
    assert "提醒 1 位导购" not in page


def test_a_branch_of_a_shared_campaign_sees_only_its_own_guides(console: Console, number: int) -> None:
    with console.db.write() as session:
        session.add(
            Task(
                code="t3",
                campaign_id=number,
                guide_id=console.ids["sunjiayi"],
                store_id=console.ids["xinjiekou"],
                branch_id=console.ids["east"],
                customer_count=5017,
                created_at=console.clock.now,
            )
        )
    for path in ("", "/live", "/tasks"):
        page = console.signed_in("chen").get(f"/console/campaigns/{number}{path}").get_data(as_text=True)
        assert "孙佳怡" not in page
        assert "南京新街口店" not in page
        assert "5,017" not in page
    assert "孙佳怡" in console.signed_in("liu").get(f"/console/campaigns/{number}/tasks").get_data(
        as_text=True
    )


@pytest.mark.parametrize(
    ("step", "found"),
    [("", 1), ("not_carded", 0), ("not_opened", 0), ("not_said", 1), ("not_confirmed", 0), ("confirmed", 0)],
)
def test_every_number_opens_the_guides_behind_it(
    console: Console, number: int, step: str, found: int
) -> None:
    page = (
        console.signed_in("zhou").get(f"/console/campaigns/{number}/tasks?step={step}").get_data(as_text=True)
    )
    assert page.count(">王芳</a></td>") == found


def test_tasks_of_a_branch_or_store_and_no_unknown_step(console: Console, number: int) -> None:
    client = console.signed_in("zhou")
    assert "<h1>东北分公司</h1>" in client.get(
        f"/console/campaigns/{number}/tasks?branch={console.ids['northeast']}"
    ).get_data(as_text=True)
    assert "王芳" not in client.get(
        f"/console/campaigns/{number}/tasks?store={console.ids['taiyuanjie']}"
    ).get_data(as_text=True)
    assert "王芳" not in client.get(f"/console/campaigns/{number}/tasks?branch=none").get_data(as_text=True)
    assert client.get(f"/console/campaigns/{number}/tasks?step=not_password").status_code == 404
    assert (
        console.signed_in("chen")
        .get(f"/console/campaigns/{number}/tasks?branch={console.ids['east']}")
        .status_code
        == 404
    )


def test_what_has_not_started_says_when_it_will(console: Console, number: int) -> None:
    with console.db.write() as session:
        campaign = session.get_one(Campaign, number)
        campaign.status = "scheduled"
        campaign.launched_at = None
        campaign.launch_at = console.clock.now + timedelta(hours=1)
    page = console.signed_in("zhou").get(f"/console/campaigns/{number}").get_data(as_text=True)
    assert "到 今天 15:32 会自动开始" in page
    assert "漏斗" not in page
    assert "修改" in page


def test_the_content_is_shown_in_a_guide_s_name(console: Console, number: int) -> None:
    page = console.signed_in("ma").get(f"/console/campaigns/{number}/content").get_data(as_text=True)
    assert "来沈阳中街店试试" in page
    assert "以王芳为例" in page


def test_results_may_be_read_again_at_once_and_the_page_says_how_old_they_are(
    console: Console, number: int
) -> None:
    client, now = console.signed_in("zhou"), console.clock.now
    assert "还没读过平台的结果" in client.get(f"/console/campaigns/{number}").get_data(as_text=True)
    with console.db.write() as session:
        session.get_one(Campaign, number).collected_at = now
        task = session.get_one(Task, console.ids["task_northeast"])
        task.msgid, task.collected_at, task.confirmed_at = "m1", now, None
    page = client.get(f"/console/campaigns/{number}").get_data(as_text=True)
    assert f"平台的结果读到 今天 {now.astimezone(cast.ZONE):%H:%M}" in page
    assert "结果读到" in client.get(f"/console/campaigns/{number}/tasks").get_data(as_text=True)
    assert console.post(client, f"/console/campaigns/{number}/refresh").status_code == 303
    with console.db.read() as session:
        assert session.get_one(Task, task.id).poll_at == console.clock.now
    again = console.post(client, f"/console/campaigns/{number}/refresh")
    assert again.status_code == 409 and "刚刷新过" in again.get_data(as_text=True)


def test_one_drawing_serves_all_who_see_the_same_and_each_gets_a_form_token_of_her_own_M04(
    console: Console, number: int
) -> None:
    path = f"/console/campaigns/{number}/live"
    hq, again, branch = (console.signed_in(who) for who in ("zhou", "zhou", "chen"))
    parts = [one.get(path) for one in (hq, again, branch)]
    assert len(console.site.drawn) == 2, "HQ's is one, the branch's another"
    token = re.search(r'value="([0-9a-f]{128})"', parts[1].get_data(as_text=True))
    assert token and token[1] not in parts[0].get_data(as_text=True)
    assert again.post(f"/console/campaigns/{number}/pause", data={"csrf": token[1]}).status_code == 303
    assert hq.get(path, headers={"If-None-Match": parts[0].headers["ETag"]}).status_code == 304
    console.clock.advance(seconds=11)
    assert "已暂停" in hq.get(path).get_data(as_text=True)
    assert console.signed_in("liu").get(path).status_code == 404, (
        "who may not see it is not answered from the others'"
    )
