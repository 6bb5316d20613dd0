"""今日: numbers that add up, todo_list with one verb, and a calendar."""

import re
from datetime import timedelta

from sqlmodel import Session

from models.campaigns import Campaign, Task
from models.friends import Customer, Friend
from models.ledger.closed_windows import ClosedWindow
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.preferences import Preference
from tests.pages.conftest import Console


def overview(console: Console, who: str = "zhou") -> str:
    return console.signed_in(who).get("/console/").get_data(as_text=True)


def welcome(session: Session, console: Console, number: int, seconds: float, status: str = "sent") -> None:
    at = console.clock.now - timedelta(minutes=number)
    session.add(
        Outbox(
            key=f"w{number}",
            channel="welcome",
            lane="welcome",
            status=status,
            due_at=at,
            deadline=at + timedelta(seconds=20),
            guide_id=console.ids["wangfang"],
            created_at=at,
            done_at=at + timedelta(seconds=seconds),
            attempts=1,
        )
    )


def test_an_empty_house_has_no_invented_number(bare: Console) -> None:
    from tests.pages.conftest import add_people

    add_people(bare)
    page = overview(bare)
    for words in (
        "今天还没有新好友要欢迎",
        "没有进行中的活动",
        "没有。需要你决定的事会出现在这里",
        "这一周没有活动，也没有公告",
    ):
        assert words in page


def test_welcomes_say_how_many_were_in_time_and_how_fast(console: Console) -> None:
    with console.db.write() as session:
        for number in range(98):
            welcome(session, console, number, 1.2)
        welcome(session, console, 98, 12)
        welcome(session, console, 99, 20, "expired")
    page = overview(console)
    assert "99.02" in page  # 101 of 102: the shop had two already
    assert "1.2 秒" in page
    assert "1 位</a></dd>" in page


def test_friends_are_counted_by_the_shop_s_day_and_against_a_week_ago(console: Console) -> None:
    now = console.clock.now
    with console.db.write() as session:
        for number, at in enumerate(
            (
                now - timedelta(hours=2),
                now - timedelta(hours=15),
                now - timedelta(days=7, hours=1),
                now - timedelta(days=7) + timedelta(hours=1),
            )
        ):
            customer = Customer(external_userid=f"x{number}", seen_at=now)
            session.add(customer)
            session.flush()
            session.add(
                Friend(
                    customer_id=customer.id,
                    owner_id=console.ids["zhoumei"],
                    store_id=console.ids["taiyuanjie"],
                    branch_id=console.ids["northeast"],
                    added_at=at,
                    changed_at=at,
                )
            )
    page = overview(console)
    assert "+3<" in page  # two of the shop and one today; 23:32 yesterday is yesterday
    assert "+200.0%" in page  # one a week ago up to this time of day


def test_task_numbers_are_the_sum_of_the_running_campaigns(console: Console) -> None:
    with console.db.write() as session:
        task = session.get_one(Task, console.ids["task_northeast"])
        task.reported_at = task.confirmed_at = console.clock.now
        task.reached = 1
    page = overview(console)
    assert "1<small>件平台已确认" in page
    assert "<b>1</b> / 1" in page
    assert "<b>0</b> / 1" in page
    assert re.search(r"2 件\s*</dd>", page)


def test_a_branch_sees_its_own_numbers_alone(console: Console) -> None:
    page = overview(console, "chen")
    assert "初雪雪地靴 · northeast" in page
    assert "初雪雪地靴 · east" not in page
    assert re.search(r"1 件\s*</dd>", page)
    assert "2 位导购，2 家门店" in page
    assert "初雪雪地靴 · northeast" in overview(console, "ma")


def test_the_health_line_says_what_the_platform_closed(console: Console) -> None:
    assert "平台没有拦我们，回调无积压" in overview(console)
    now = console.clock.now
    with console.db.write() as session:
        session.add(
            ClosedWindow(
                name="api:externalcontact/add_msg_template",
                until=now + timedelta(minutes=30),
                words="x",
                closed_at=now,
            )
        )
    assert "平台关了 1 个接口，最晚 15:02 恢复" in overview(console)
    with console.db.write() as session:
        session.add(
            ClosedWindow(name="secret:abc", until=now + timedelta(minutes=5), words="x", closed_at=now)
        )
    assert "平台不认密钥" in overview(console)


def test_a_backlog_of_callbacks_is_said(console: Console) -> None:
    with console.db.write() as session:
        session.add(
            Inbox(
                key="b",
                source="app",
                kind="x",
                body="<xml/>",
                received_at=console.clock.now - timedelta(minutes=2),
            )
        )
    assert "1 个回调等了一分钟以上" in overview(console)
    assert "回调" not in overview(console, "chen"), "she could do nothing about it"


def test_the_polled_part_is_silent_until_there_is_news(console: Console) -> None:
    client = console.signed_in("zhou")
    first = client.get("/console/today-live")
    console.clock.advance(seconds=15)
    second = client.get("/console/today-live", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 304
    assert second.headers["X-Now"] == "14:32:56"
    with console.db.write() as session:
        session.get_one(Task, console.ids["task_east"]).confirmed_at = console.clock.now
    assert (
        client.get("/console/today-live", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    )


def test_names_from_outside_are_only_text_I03(console: Console) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    with console.db.write() as session:
        session.get_one(Campaign, console.ids["campaign_east"]).name = evil[:40]
        session.merge(Preference(key="brand.name", value="<b>霁野</b>"))
    page = overview(console)
    assert "<script>alert" not in page
    assert "<b>霁野</b>" not in page.replace("<b>&lt;b&gt;霁野", "")
    assert "&lt;script&gt;alert(1)" in page


def test_the_calendar_shows_this_week_in_lanes(console: Console) -> None:
    page = overview(console)
    assert "19</b> 周四 · 今天" in page
    assert "block from-3 days-1 running" in page
    assert "14:32 门店播报" in page


def test_what_the_platform_never_confirms_is_counted_by_the_guides_word_and_says_so(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(Task, console.ids["task_northeast"]).reported_at = console.clock.now
        session.get_one(Campaign, console.ids["campaign_northeast"]).channel = "share_moment"
    page = overview(console)
    assert "<b>100% 说了</b>" in page and "<small>说了</small>" in page
    assert page.count("<b>0%</b>") == 1, "the other waits for the platform"
