"""公告: planned for the groups of a kind and place, looked at, stopped."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from models.campaigns import announcement_launch
from models.campaigns.announcements import Announcement, AnnouncementGroup, AnnouncementStatus
from models.groups import GroupKind
from models.ledger.outbox import Outbox
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.test_groups import all_of, group


def plan(console: Console, who: str = "zhou", **form: Any):
    return console.post(
        console.signed_in(who),
        "/console/announcements/new",
        {"title": "初雪", "text": "今天开卖", "kind": ["internal"], "to": "all", "at": ""} | form,
    )


def planned(console: Console) -> list[Announcement]:
    return [one for one in all_of(console, Announcement) if one.title == "初雪"]


def test_an_announcement_goes_to_the_groups_of_the_chosen_kind_and_branch(console: Console) -> None:
    chat = group(console, "老客群", GroupKind.CUSTOMER)
    assert plan(console, to="some", branch=str(console.ids["northeast"])).status_code == 303
    assert plan(console, kind=["customer"]).status_code == 303
    first, second = planned(console)
    assert first.groups == [console.ids["group_northeast"]]
    assert second.groups == [chat]
    assert first.status == AnnouncementStatus.SCHEDULED


def test_a_double_click_and_a_reload_plan_what_the_person_sees(console: Console) -> None:
    answer = plan(console)
    assert "正在发。" in page(console, answer.location)
    assert len(planned(console)) == 1


def test_the_same_form_sent_twice_plans_one_announcement(console: Console) -> None:
    form = page(console, "/console/announcements/new")
    once = form.split('name="once" value="')[1].split('"')[0]
    addresses = {plan(console, once=once).location for _click in range(2)}
    assert len(addresses) == 1 and len(planned(console)) == 1


def test_its_time_is_the_shop_s_own(console: Console) -> None:
    plan(console, at="2026-11-20T10:00")
    assert planned(console)[0].launch_at == NOON.replace(day=20, hour=2, minute=0, second=0)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"title": ""}, "标题要 1 到 40 个字"),
        ({"text": ""}, "正文不能空着"),
        ({"text": "{门店名}今天开卖"}, "「{门店名}」在这里不会换成别的"),
        ({"text": "今天开卖}"}, "单独的「}」"),
        ({"to": "some"}, "一个群也没有"),
        ({"text": "雪" * 700}, "平台上限 2,048 字节"),
        ({"kind": []}, "一个群也没有"),
        ({"at": "2026-11-01T10:00"}, "这个时间已经过去"),
        ({"at": "tomorrow"}, "看不懂这个时间"),
    ],
)
def test_what_the_platform_would_refuse_is_refused_when_planned(
    console: Console, form: dict[str, Any], words: str
) -> None:
    answer = plan(console, **form)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert planned(console) == []


def test_customer_groups_take_a_longer_text(console: Console) -> None:
    group(console, "老客群", GroupKind.CUSTOMER)
    assert plan(console, text="雪" * 700, kind=["customer"]).status_code == 303


def test_the_form_counts_bytes_and_groups_while_it_is_written(console: Console) -> None:
    group(console, "没机器人的群")
    answer = console.post(
        console.signed_in("zhou"),
        "/console/announcements/new/count",
        {"text": "雪地靴", "kind": ["internal"], "to": "all"},
    )
    text = answer.get_data(as_text=True)
    assert "9 / 2,048 字节" in text
    assert "没有机器人，发不了" in text
    assert planned(console) == []


def test_each_group_s_state_is_shown_to_hq_and_only_own_groups_to_a_branch(console: Console) -> None:
    plan(console)
    made = planned(console)[0]
    assert len(made.groups) == 2
    announcement_launch.launch_due(console.db, NOON)
    path = f"/console/announcements/{made.id}"
    assert "east 店长群" in page(console, path)
    mine = page(console, path, "chen")
    assert "northeast 店长群" in mine
    assert ">east 店长群" not in mine


def test_stopping_asks_once_with_its_numbers_and_stops_once(console: Console) -> None:
    plan(console, at="2026-11-20T10:00")
    made = planned(console)[0].id
    assert "停止「初雪」，不再发到 2 个群？" in page(console, f"/console/announcements/{made}/stop")
    client = console.signed_in("zhou")
    for _tap in range(2):
        assert console.post(client, f"/console/announcements/{made}/cancel").status_code == 303
    assert planned(console)[0].status == AnnouncementStatus.CANCELLED
    assert console.signed_in("zhou").get(f"/console/announcements/{made}/stop").status_code == 302


def test_a_late_one_waits_for_hq_and_leaves_when_told(console: Console) -> None:
    plan(console)
    made = planned(console)[0].id
    announcement_launch.launch_due(console.db, NOON + timedelta(hours=2))
    assert "现在补发" in page(console, f"/console/announcements/{made}")
    assert "公告「初雪」没有按时发出" in page(console, "/console/")
    assert "公告「初雪」" not in page(console, "/console/", "chen")
    client = console.signed_in("zhou")
    assert console.post(client, f"/console/announcements/{made}/resume").status_code == 303
    assert console.post(client, f"/console/announcements/{made}/resume").status_code == 409
    assert planned(console)[0].status == AnnouncementStatus.SCHEDULED
    assert not [one for one in all_of(console, AnnouncementGroup) if one.announcement_id == made]


def test_only_hq_announces(console: Console) -> None:
    assert plan(console, "chen").status_code == 403
    assert planned(console) == []


def test_text_with_markup_stays_text(console: Console) -> None:
    plan(console, text="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page(console, f"/console/announcements/{planned(console)[0].id}")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"at": ""}, "现在发给 2 个群"),
        ({"at": "2026-11-20T10:00"}, "明天 10:00 发给 2 个群"),
        ({"to": "some"}, "先选发到哪些群"),
    ],
)
def test_the_button_says_when_and_to_how_many(console: Console, form: dict[str, str], words: str) -> None:
    typed = {"text": "今天开卖", "kind": ["internal"], "to": "all"} | form
    answer = console.post(console.signed_in("zhou"), "/console/announcements/new/count", typed)
    assert words in answer.get_data(as_text=True)


def test_a_page_that_stands_open_sees_that_nothing_arrived_and_never_says_sent(console: Console) -> None:
    plan(console)
    made = planned(console)[0]
    path = f"/console/announcements/{made.id}"
    client = console.signed_in("zhou")
    assert f'hx-get="{path}/live"' in page(console, path)
    before = client.get(f"{path}/live")
    assert "已排定" in before.text and "还没到时间" in before.text
    again = client.get(f"{path}/live", headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 304
    announcement_launch.launch_due(console.db, NOON)
    assert "正在发" in client.get(f"{path}/live").text
    with console.db.write() as session:
        for row in session.exec(select(Outbox).where(Outbox.channel == "robot")):
            row.status, row.reason, row.errcode = "not_sent", "机器人已经不在群里", 93000
    after = client.get(f"{path}/live", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and "没发出" in after.text and "已发出" not in after.text
    assert "2 个群没发出" in after.text
    listed = page(console, "/console/announcements")
    assert "没发出" in listed and "已发出" not in listed
