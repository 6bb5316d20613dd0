"""投递: the ledger's filters, a row's life in four points, and what a person may decide about it, once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignStatus
from models.campaigns.lifecycle import PAUSED_WORDS
from models.ledger.outbox import Outbox, OutboxStatus
from tests.pages.conftest import NOON, Console, page


def put(console: Console, **values: Any) -> int:
    """A row of the ledger in 东北, as the channel left it."""
    made = {
        "key": f"row:{len(rows(console))}",
        "channel": "welcome",
        "lane": "welcome",
        "priority": 0,
        "status": OutboxStatus.UNKNOWN,
        "due_at": NOON,
        "guide_id": console.ids["wangfang"],
        "friend_id": console.ids["friend_northeast"],
        "target": "王芳的新好友",
        "why": "加好友",
        "inbox_id": console.ids["callback_northeast"],
        "created_at": NOON,
        "called_at": NOON,
        "written_at": NOON,
        "attempts": 1,
        "done_at": NOON + timedelta(seconds=10),
        "deadline": NOON + timedelta(seconds=20),
        "reason": "请求发出后 10 秒没有回答",
        "payload": {"welcome_code": "CODE-1234567890-abcdefgh"},
        "request": {"welcome_code": "CODE-1234567890-abcdefgh", "text": {"content": "您好"}},
    } | values
    with console.db.write() as session:
        row = Outbox(**made)
        session.add(row)
        session.flush()
        return row.id or 0


def rows(console: Console) -> list[Outbox]:
    with console.db.read() as session:
        return list(session.exec(select(Outbox).order_by(col(Outbox.id))))


def row_of(console: Console, row_id: int) -> Outbox:
    with console.db.read() as session:
        return session.get_one(Outbox, row_id)


def noted(console: Console, verb: str) -> int:
    with console.db.read() as session:
        return len(session.exec(select(Audit).where(Audit.verb == verb)).all())


def test_the_menu_lists_the_channels_as_they_leave_the_most_urgent_first(console: Console) -> None:
    menu = page(console, "/console/deliveries").partition('id="f-channel"')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)"', menu) == [
        "welcome",
        "mass_cancel",
        "moment_cancel",
        "card_update",
        "card",
        "notice",
        "rehearsal",
        "mass_remind",
        "rehearsal_recall",
        "contact_way",
        "robot",
        "mass",
        "group_mass",
        "moment",
        "contact_way_end",
        "transfer_left",
        "transfer",
        "group_owner_left",
        "group_owner",
    ]


def test_a_branch_sees_the_request_but_not_what_the_platform_told_hq(console: Console) -> None:
    row = put(console)
    assert "回调，已解密" in page(console, f"/console/deliveries/{row}")
    assert "回调，已解密" not in page(console, f"/console/deliveries/{row}", "chen")


@pytest.mark.parametrize(
    ("verb", "status"), [("delivered", OutboxStatus.SENT), ("failed", OutboxStatus.NOT_SENT)]
)
def test_an_unknown_result_is_settled_by_hand_exactly_once(console: Console, verb: str, status: str) -> None:
    row, client = put(console), console.signed_in("ma")
    first = console.post(client, f"/console/deliveries/{row}/{verb}")
    other = "failed" if verb == "delivered" else "delivered"
    second = console.post(client, f"/console/deliveries/{row}/{other}")
    assert first.location.endswith(f"done={verb}")
    assert second.status_code == 409
    assert "只有结果不明的才要人来定。什么都没有改" in second.get_data(as_text=True)
    assert (row_of(console, row).status, row_of(console, row).settled_by) == (status, "马骁")
    assert noted(console, f"delivery.{verb}") == 1


@pytest.mark.parametrize(
    ("verb", "why", "in_english"),
    [
        ("delivered", "只有结果不明的才要人来定", "whose result is unknown"),
        ("again", "只有确定没送到的才能再发", "what surely did not arrive"),
        ("release", "它没有在等放行", "does not wait for a release"),
        ("cancel", "它已经交给平台", "was handed to the platform"),
    ],
)
def test_a_decision_that_comes_too_late_changes_nothing_and_the_page_says_why(
    console: Console, verb: str, why: str, in_english: str
) -> None:
    row, client = put(console, status=OutboxStatus.SENT, deadline=None), console.signed_in("zhou")
    answer = console.post(client, f"/console/deliveries/{row}/{verb}")
    assert (answer.status_code, row_of(console, row).status) == (409, OutboxStatus.SENT)
    assert why in answer.get_data(as_text=True)
    console.post(client, "/console/language", {"language": "en", "next": "/console/"})
    assert in_english in console.post(client, f"/console/deliveries/{row}/{verb}").get_data(as_text=True)
    assert noted(console, f"delivery.{verb}") == 0


def test_what_was_not_sent_leaves_again_once(console: Console) -> None:
    row = put(
        console,
        channel="card",
        lane="quick",
        status=OutboxStatus.NOT_SENT,
        deadline=None,
        reason="她不在应用的可见范围，请管理员添加",
    )
    client = console.signed_in("chen")
    for _tap in range(2):
        console.post(client, f"/console/deliveries/{row}/again")
    assert row_of(console, row).status == OutboxStatus.QUEUED
    assert noted(console, "delivery.again") == 1


def test_a_missed_welcome_offers_no_second_try(console: Console) -> None:
    row = put(console, status=OutboxStatus.NOT_SENT, deadline=NOON - timedelta(seconds=1))
    assert f"/console/deliveries/{row}/again" not in page(console, f"/console/deliveries/{row}")
    console.post(console.signed_in("zhou"), f"/console/deliveries/{row}/again")
    assert row_of(console, row).status == OutboxStatus.NOT_SENT


def test_a_manager_may_say_what_she_saw_but_send_nothing(console: Console) -> None:
    row = put(console, status=OutboxStatus.QUEUED, done_at=None)
    assert console.post(console.signed_in("ma"), f"/console/deliveries/{row}/cancel").status_code == 403
    assert row_of(console, row).status == OutboxStatus.QUEUED


def test_a_waiting_row_is_taken_back(console: Console) -> None:
    row = put(console, status=OutboxStatus.QUEUED, done_at=None, request=None, written_at=None)
    console.post(console.signed_in("chen"), f"/console/deliveries/{row}/cancel")
    assert row_of(console, row).status == OutboxStatus.CANCELLED
    assert "陈默 撤下" in row_of(console, row).reason


def test_an_unknown_verb_does_nothing(console: Console) -> None:
    row = put(console)
    assert console.post(console.signed_in("zhou"), f"/console/deliveries/{row}/delete").status_code == 404
    assert row_of(console, row).status == OutboxStatus.UNKNOWN


def test_everything_a_restore_held_is_released_at_once_but_paused_campaigns_stay(console: Console) -> None:
    held = [put(console, key=f"held:{n}", status=OutboxStatus.HELD, done_at=None) for n in range(3)]
    with console.db.write() as session:
        session.get_one(Campaign, console.ids["campaign_northeast"]).status = CampaignStatus.PAUSED
    waits = put(
        console,
        key="held:paused",
        status=OutboxStatus.HELD,
        done_at=None,
        campaign_id=console.ids["campaign_northeast"],
    )
    client = console.signed_in("zhou")
    assert "放行全部 3 条" in page(console, "/console/deliveries")
    assert console.post(client, "/console/deliveries/release").location.endswith("done=released")
    assert {row_of(console, one).status for one in held} == {OutboxStatus.QUEUED}
    assert row_of(console, waits).status == OutboxStatus.HELD
    assert console.post(client, "/console/deliveries/release").location.endswith("done=none")
    assert noted(console, "delivery.release") == 1


def test_everything_a_restore_held_is_dropped_at_once(console: Console) -> None:
    held = [put(console, key=f"held:{n}", status=OutboxStatus.HELD, done_at=None) for n in range(3)]
    assert "都不发，全部撤下" in page(console, "/console/deliveries")
    assert console.post(console.signed_in("chen"), "/console/deliveries/drop").status_code == 403
    client = console.signed_in("zhou")
    assert console.post(client, "/console/deliveries/drop").location.endswith("done=dropped")
    assert {row_of(console, one).status for one in held} == {OutboxStatus.CANCELLED}
    assert console.post(client, "/console/deliveries/drop").location.endswith("done=none")
    assert noted(console, "delivery.cancel") == 1


def test_one_held_row_is_released_alone(console: Console) -> None:
    first, second = (put(console, key=f"held:{n}", status=OutboxStatus.HELD, done_at=None) for n in range(2))
    console.post(console.signed_in("chen"), f"/console/deliveries/{first}/release")
    assert (row_of(console, first).status, row_of(console, second).status) == (
        OutboxStatus.QUEUED,
        OutboxStatus.HELD,
    )


@pytest.mark.parametrize(("reason", "words"), [(PAUSED_WORDS, "这一条跟着停"), ("从备份恢复", "先继续活动")])
def test_a_row_of_a_paused_campaign_is_not_released_from_here(
    console: Console, reason: str, words: str
) -> None:
    with console.db.write() as session:
        session.get_one(Campaign, console.ids["campaign_northeast"]).status = CampaignStatus.PAUSED
    row = put(
        console,
        status=OutboxStatus.HELD,
        done_at=None,
        campaign_id=console.ids["campaign_northeast"],
        reason=reason,
    )
    assert words in page(console, f"/console/deliveries/{row}")
    console.post(console.signed_in("zhou"), f"/console/deliveries/{row}/release")
    assert row_of(console, row).status == OutboxStatus.HELD


def test_only_hq_releases_everything(console: Console) -> None:
    assert console.post(console.signed_in("chen"), "/console/deliveries/release").status_code == 403


def test_states_are_filters_and_old_unknown_rows_stay_in_sight(console: Console) -> None:
    put(console, key="old:unknown", target="上周的", friend_id=None, created_at=NOON - timedelta(days=7))
    put(
        console,
        key="old:sent",
        target="上周送出的",
        friend_id=None,
        status=OutboxStatus.SENT,
        created_at=NOON - timedelta(days=7),
    )
    unknown = page(console, "/console/deliveries?state=unknown")
    assert "上周的" in unknown
    assert "上周送出的" not in page(console, "/console/deliveries")
    assert "上周送出的" in page(console, "/console/deliveries?days=all&state=sent")


def test_the_list_is_narrowed_by_channel_and_words(console: Console) -> None:
    put(console, key="card", channel="card", lane="quick", target="周梅", friend_id=None, reason="平台忙")
    put(console, key="robot", channel="robot", lane="robot", target="店长群", friend_id=None, reason="")
    assert "店长群" not in page(console, "/console/deliveries?channel=card")
    found = page(console, "/console/deliveries?q=平台忙")
    assert "周梅" in found
    assert "店长群" not in found


def test_a_search_for_a_percent_sign_is_only_a_percent_sign(console: Console) -> None:
    put(console, key="card", channel="card", lane="quick", target="周梅", friend_id=None)
    assert "周梅" not in page(console, "/console/deliveries?q=%25")


def test_a_branch_sees_only_its_own_rows(console: Console) -> None:
    put(console, key="east", guide_id=console.ids["sunjiayi"], friend_id=None, target="南京的一位")
    assert "南京的一位" not in page(console, "/console/deliveries", "chen")
    assert "南京的一位" in page(console, "/console/deliveries", "liu")


def test_names_with_markup_stay_text(console: Console) -> None:
    put(console, friend_id=None, target="<script>alert(1)</script>", reason="<img src=x>")
    text = page(console, "/console/deliveries")
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_going_back_never_leaves_the_console(console: Console) -> None:
    row = put(console)
    answer = console.post(
        console.signed_in("zhou"), f"/console/deliveries/{row}/delivered", {"back": "https://evil.example/x"}
    )
    assert answer.location.startswith("/console/")
