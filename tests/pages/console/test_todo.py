"""What waits for a person: a number, a meaning, a verb."""

import html
import re
from datetime import timedelta

from sqlmodel import select, update

from models.campaigns import Campaign
from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.campaigns.series import Occurrence, Series
from models.friends import Friend, handover_drafts
from models.friends.entry_codes import EntryCode
from models.groups.robots import Robot
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.org import Guide
from tests.pages.conftest import Console
from tests.pages.console.test_overview import overview, welcome


def test_chores_have_a_number_a_meaning_and_a_verb(console: Console) -> None:
    now = console.clock.now
    with console.db.write() as session:
        session.add(Inbox(key="p", source="app", kind="x", body="<xml/>", received_at=now, status="parked"))
        welcome(session, console, 1, 10, "unknown")
        session.add(
            Outbox(key="h", channel="notice", lane="quick", status="held", due_at=now, created_at=now)
        )
        session.get_one(Guide, console.ids["wangfang"]).leave("sync", now - timedelta(days=2))
        campaign = session.get_one(Campaign, console.ids["campaign_east"])
        campaign.status, campaign.status_words = "paused", "平台这一小时不再收群发"
    page = overview(console)
    for words in (
        "1 个回调处理失败，已停放",
        "1 条欢迎语结果不明",
        "1 条投递等人放行",
        "「初雪雪地靴 · east」停着",
        "平台这一小时不再收群发",
        "1 位导购离职，1 位好友待交接",
        "最早一位已离职 2 天 0 小时",
    ):
        assert words in page, words


def test_friends_who_wait_to_be_claimed_have_an_age(console: Console) -> None:
    with console.db.write() as session:
        friend = session.get_one(Friend, console.ids["friend_northeast"])
        friend.guide_id, friend.unclaimed_at = None, console.clock.now - timedelta(minutes=20)
    page = overview(console)
    assert "1 位新好友待领" in page and "最久的等了 20 分" in page


def test_every_paused_campaign_is_named(console: Console) -> None:
    with console.db.write() as session:
        kept = session.get_one(Campaign, console.ids["campaign_east"])
        for number in range(5):
            fields = kept.model_dump(exclude={"id"}) | {"name": f"停着的 {number}", "status": "paused"}
            session.add(Campaign(**fields))
    page = overview(console)
    assert all(f"「停着的 {number}」停着" in page for number in range(5))


def test_a_code_that_nobody_can_ask_for_any_more_is_no_chore(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(EntryCode, console.ids["code_northeast"]).status = "failed"
    assert "1 位导购的码没生成" in overview(console)
    with console.db.write() as session:
        session.get_one(Guide, console.ids["wangfang"]).leave("sync", console.clock.now)
    assert "码没生成" not in overview(console)


def test_what_a_person_paused_is_not_a_question_to_release(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(Campaign, console.ids["campaign_east"]).status = "paused"
        session.add(
            Outbox(
                key="h",
                channel="mass",
                lane="bulk",
                status="held",
                due_at=console.clock.now,
                created_at=console.clock.now,
                campaign_id=console.ids["campaign_east"],
            )
        )
    assert "等人放行" not in overview(console)


def test_callbacks_are_hq_s_business(console: Console) -> None:
    with console.db.write() as session:
        session.add(
            Inbox(
                key="p", source="app", kind="x", body="<xml/>", received_at=console.clock.now, status="parked"
            )
        )
    assert "已停放" not in overview(console, "chen")


def opened(console: Console, page: str, words: str) -> list[str]:
    """The keys or names of the rows that open behind a number, in the first cells of the list."""
    link = re.search(rf'<a[^>]*href="([^"]+)"[^>]*>[^<]*(?:<[^a/][^>]*>[^<]*)*{re.escape(words)}', page)
    assert link, words
    listed = console.signed_in("zhou").get(html.unescape(link[1])).get_data(as_text=True)
    body = listed.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r'<tr(?: id="row-\d+")?[^>]*data-href', body)


def test_a_number_opens_exactly_the_rows_that_it_counts(console: Console) -> None:
    """Whatever else is in the same list: another day, another state, another reason to wait."""
    now, old = console.clock.now, console.clock.now - timedelta(days=3)
    with console.db.write() as session:
        session.get_one(Campaign, console.ids["campaign_east"]).status = "paused"
        for number, (status, at) in enumerate(
            [("not_sent", now), ("expired", now), ("unknown", now), ("not_sent", old)]
        ):
            welcome(session, console, number, 20, status)
            session.flush()
            session.exec(select(Outbox).where(Outbox.key == f"w{number}")).one().created_at = at
        for key, campaign in (("restored", None), ("paused", console.ids["campaign_east"])):
            session.add(
                Outbox(
                    key=key,
                    channel="mass",
                    lane="bulk",
                    status="held",
                    due_at=now,
                    created_at=now,
                    campaign_id=campaign,
                )
            )
        session.add(Inbox(key="p", source="app", kind="x", body="<xml/>", received_at=old, status="parked"))
        session.get_one(Guide, console.ids["wangfang"]).leave("sync", now)
        alone = session.exec(
            select(Guide).where(Guide.status == "active", Guide.userid != "wangfang")
        ).first()
        session.exec(update(Friend).where(Friend.owner_id == alone.id).values(status="lost"))
        alone.leave("sync", now)
        for leaver in handover_drafts.leavers(session, 9):
            handover_drafts.draft(session, leaver, now)
    page = overview(console)
    assert len(opened(console, page, "2 位</a>")) == 2, "missed welcomes of today"
    assert len(opened(console, page, '查看<span class="visually-hidden"> 1 条投递等人放行')) == 1
    assert re.search(
        r'href="/console/handovers"[^>]*>去交接<span class="visually-hidden"> 1 位导购离职', page
    )
    handed = console.signed_in("zhou").get("/console/handovers").get_data(as_text=True)
    assert handed.partition('class="leavers"')[2].partition("</ul>")[0].count("<li>") == 1
    assert len(opened(console, page, '1<span class="visually-hidden"> 回调')) == 1
    assert len(opened(console, page, '1<span class="visually-hidden"> 投递')) == 1
    hers = console.signed_in("zhou").get(f"/console/guides/{console.ids['wangfang']}").get_data(as_text=True)
    assert len(opened(console, hers, "没送到或结果不明")) == 4


def test_a_dead_robot_a_failed_announcement_and_calls_without_an_answer_are_things_for_a_person(
    console: Console,
) -> None:
    now, ids = console.clock.now, console.ids
    assert "没有。需要你决定的事会出现在这里" in overview(console)
    with console.db.write() as session:
        session.get_one(Robot, ids["robot_northeast"]).status = "dead"
        session.get_one(Announcement, ids["announcement_northeast"]).status = "launched"
        share = AnnouncementGroup.announcement_id == ids["announcement_northeast"]
        session.exec(select(AnnouncementGroup).where(share)).one().skipped = "群里没有可用的机器人"
        for number in range(30):
            lost = Outbox(key=f"n{number}", channel="card", lane="quick", due_at=now, created_at=now)
            lost.attempts, lost.reason = 2, "没等到回答，平台会去掉重复，所以原样再发"
            session.add(lost)
    page = overview(console)
    for words in (
        "30 个调用平台一直没有回答",
        "30 个调用平台没有回答，正在重试",
        "公告「门店播报」有 1 个群没发出",
        "1 个内部群的机器人失效了",
    ):
        assert words in page, words
    assert "平台没有拦我们" not in page
    listed = console.signed_in("zhou").get("/console/deliveries?unanswered=1&days=all").text
    assert "共 30 条" in listed
    other = overview(console, "liu")
    assert "机器人失效" not in other and "没发出" not in other and "一直没有回答" not in other


def test_one_lost_answer_is_no_alarm_but_a_call_that_hangs_is(console: Console) -> None:
    now = console.clock.now
    with console.db.write() as session:
        once = Outbox(key="once", channel="card", lane="quick", due_at=now, created_at=now)
        once.attempts, once.reason = 1, "没等到回答，平台会去掉重复，所以原样再发"
        busy = Outbox(key="busy", channel="card", lane="quick", due_at=now, created_at=now)
        busy.attempts, busy.reason, busy.errcode = 9, "平台说这一分钟太多", 45009
        session.add_all([once, busy])
    assert "没有回答" not in overview(console)
    with console.db.write() as session:
        hung = Outbox(key="hung", channel="mass", lane="bulk", status="calling", due_at=now, created_at=now)
        hung.called_at = now - timedelta(minutes=2)
        session.add(hung)
    assert "1 个调用平台一直没有回答" in overview(console)


def test_a_time_of_a_repeat_that_was_not_made_is_a_chore_of_whose_it_is(console: Console) -> None:
    now = console.clock.now
    with console.db.write() as session:
        first = session.get_one(Campaign, console.ids["campaign_northeast"])
        first.created_by = console.ids["chen"]
        made = Series(
            name="每天一句",
            repeat={"every": "day"},
            zone="Asia/Shanghai",
            first_at=now,
            content={},
            created_by=console.ids["chen"],
            by="陈默",
            created_at=now,
        )
        session.add(made)
        session.flush()
        for due, campaign, words in ((0, first.id, ""), (1, None, "没有建：素材没货了")):
            at = now + timedelta(days=due)
            session.add(Occurrence(series_id=made.id, due_at=at, campaign_id=campaign, words=words))
    for who, sees in (("zhou", True), ("chen", True), ("liu", False), ("ma", False)):
        page = overview(console, who)
        assert ("重复活动「每天一句」" in page and "素材没货了" in page) == sees, who
    assert f"/console/campaigns/{console.ids['campaign_northeast']}/series" in overview(console)
