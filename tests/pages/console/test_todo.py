"""What waits for a person: a number, a meaning, a verb."""

from datetime import timedelta

from models.campaigns import Campaign
from models.friends.entry_codes import EntryCode
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
    assert "1 个渠道码没生成" in overview(console)
    with console.db.write() as session:
        session.get_one(Guide, console.ids["wangfang"]).leave("sync", console.clock.now)
    assert "个渠道码没生成" not in overview(console)


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
