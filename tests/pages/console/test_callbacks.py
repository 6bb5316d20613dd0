"""回调: what came in is shown with its outcome, decrypted and shortened; what failed is handled again when asked."""

from typing import Any

import pytest
from sqlmodel import col, select

from models.accounts.audit import Audit
from models.ledger.inbox import Inbox, InboxStatus
from models.ledger.outbox import Outbox
from tests.pages.conftest import NOON, Console, page

BODY = (
    "<xml><ToUserName><![CDATA[ww1]]></ToUserName><Event><![CDATA[change_external_contact]]></Event>"
    "<WelcomeCode><![CDATA[CODE-1234567890-abcdefgh]]></WelcomeCode></xml>"
)


def put(console: Console, **values: Any) -> int:
    made = {
        "key": f"key:{values}",
        "source": "app",
        "kind": "template_card_event",
        "actor": "wangfang",
        "subject": "wangfang",
        "body": BODY,
        "received_at": NOON,
        "status": InboxStatus.PARKED,
        "attempts": 4,
        "error": "KeyError: task_id",
        "trace": "Traceback: taps.py",
    } | values
    with console.db.write() as session:
        row = Inbox(**made)
        session.add(row)
        session.flush()
        return row.id or 0


def statuses(console: Console) -> list[str]:
    with console.db.read() as session:
        return list(session.exec(select(Inbox.status).order_by(col(Inbox.id))))


def status(console: Console, row_id: int) -> str:
    with console.db.read() as session:
        return session.get_one(Inbox, row_id).status


def replays(console: Console) -> int:
    with console.db.read() as session:
        return len(session.exec(select(Audit).where(Audit.verb == "callback.replay")).all())


def test_the_list_says_what_happened_and_what_became_of_it(console: Console) -> None:
    put(console)
    text = page(console, "/console/callbacks")
    assert "导购点了卡片" in text
    assert "KeyError: task_id" in text
    assert "重放停放的 1 个" in text


def test_the_body_is_shown_decrypted_with_its_code_shortened_and_the_trace(console: Console) -> None:
    text = page(console, f"/console/callbacks/{put(console)}")
    assert "CODE-1234567890-abcdefgh" not in text
    assert "CODE…efgh" in text
    assert "Traceback: taps.py" in text
    assert "处理了 4 次都没成" in text


def test_a_body_that_was_cleared_says_so(console: Console) -> None:
    assert "原文已按保留期清掉" in page(
        console, f"/console/callbacks/{put(console, body='', status=InboxStatus.HANDLED)}"
    )


def test_what_has_no_body_any_more_is_not_offered_for_replay(console: Console) -> None:
    row = put(console, body="", status=InboxStatus.UNKNOWN_KIND)
    text = page(console, f"/console/callbacks/{row}")
    assert "/replay" not in text and "升级以后可以重放" not in text
    console.post(console.signed_in("zhou"), f"/console/callbacks/{row}/replay")
    assert status(console, row) == InboxStatus.UNKNOWN_KIND


@pytest.mark.parametrize("state", [InboxStatus.PARKED, InboxStatus.FAILED, InboxStatus.UNKNOWN_KIND])
def test_what_failed_is_replayed_once(console: Console, state: str) -> None:
    row, client = put(console, status=state), console.signed_in("zhou")
    first = console.post(client, f"/console/callbacks/{row}/replay")
    second = console.post(client, f"/console/callbacks/{row}/replay")
    assert first.location.endswith("done=replayed")
    assert second.status_code == 409
    assert "还在排队，马上就处理。什么都没有改" in second.get_data(as_text=True)
    assert status(console, row) == InboxStatus.STORED
    assert replays(console) == 1


def test_what_was_handled_is_not_handled_twice(console: Console) -> None:
    row = put(console, status=InboxStatus.HANDLED, error="", trace="")
    assert "/replay" not in page(console, f"/console/callbacks/{row}")
    console.post(console.signed_in("zhou"), f"/console/callbacks/{row}/replay")
    assert status(console, row) == InboxStatus.HANDLED


def test_all_parked_ones_are_replayed_together_and_nothing_else(console: Console) -> None:
    parked = [put(console, key=f"parked:{n}") for n in range(3)]
    failed = put(console, key="failed", status=InboxStatus.FAILED)
    client = console.signed_in("zhou")
    assert console.post(client, "/console/callbacks/replay").location.endswith("done=all")
    assert {status(console, one) for one in parked} == {InboxStatus.STORED}
    assert status(console, failed) == InboxStatus.FAILED
    assert console.post(client, "/console/callbacks/replay").location.endswith("done=none")
    assert replays(console) == 1


SPOKEN = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[我住在和平区 12 号]]></Content></xml>"


def reads(console: Console) -> list[tuple[str, str, str]]:
    with console.db.read() as session:
        found = select(Audit.actor, Audit.noun, Audit.detail).where(Audit.verb == "callback.read")
        return [tuple(one) for one in session.exec(found).all()]


def test_what_somebody_wrote_is_read_by_hq_with_a_reason_this_once(console: Console) -> None:
    row, client = put(console, kind="message.text", body=SPOKEN), console.signed_in("zhou")
    path = f"/console/callbacks/{row}"
    for text in (page(console, path), page(console, f"{path}?spoken=1")):
        assert "和平区" not in text and "为什么要看原话" in text
    for poor in ({}, {"reason": " "}, {"reason": "查"}, {"reason": "因" * 101}, {"reason": "a\nb"}):
        answer = console.post(client, f"{path}/read", poor)
        assert answer.status_code == 422 and "和平区" not in answer.get_data(as_text=True)
        assert "写为什么要看" in answer.get_data(as_text=True)
    assert reads(console) == []
    told = console.post(client, f"{path}/read", {"reason": " 客户投诉，核对原话 "}).get_data(as_text=True)
    assert "我住在和平区 12 号" in told and "为什么要看原话" not in told
    assert reads(console) == [("周岚", f"callback:{row}", "客户投诉，核对原话")]
    assert "和平区" not in page(console, path), "the next look is masked again"


@pytest.mark.parametrize("who", ["chen", "ma"])
def test_no_reason_opens_it_for_a_branch_or_a_manager(console: Console, who: str) -> None:
    row = put(console, kind="message.text", body=SPOKEN)
    answer = console.post(console.signed_in(who), f"/console/callbacks/{row}/read", {"reason": "想看看"})
    assert answer.status_code == 403 and "和平区" not in answer.get_data(as_text=True)
    assert reads(console) == []


def test_beside_a_delivery_it_is_masked_too(console: Console) -> None:
    row = put(console, kind="message.text", body=SPOKEN)
    with console.db.write() as session:
        session.get_one(Outbox, console.ids["delivery_northeast"]).inbox_id = row
    text = page(console, f"/console/deliveries/{console.ids['delivery_northeast']}")
    assert "••••" in text and "和平区" not in text


def test_where_nobody_wrote_anything_no_reason_is_asked_for(console: Console) -> None:
    assert "为什么要看原话" not in page(console, f"/console/callbacks/{put(console)}")


def test_branches_do_not_read_what_the_platform_said_about_everybody(console: Console) -> None:
    row = put(console)
    for path in ("/console/callbacks", f"/console/callbacks/{row}"):
        assert console.signed_in("chen").get(path).status_code == 403


def test_filters_narrow_by_state_source_and_the_chinese_name_of_an_event(console: Console) -> None:
    put(
        console,
        kind="change_contact.create_user",
        source="contacts",
        status=InboxStatus.HANDLED,
        subject="new-hire",
        error="",
    )
    assert "new-hire" in page(console, "/console/callbacks?q=通讯录来了新人")
    assert "new-hire" in page(console, "/console/callbacks?source=contacts")
    assert "new-hire" not in page(console, "/console/callbacks?state=parked")


def test_an_event_with_markup_stays_text(console: Console) -> None:
    row = put(
        console, body="<xml><Name><![CDATA[<script>alert(1)</script>]]></Name></xml>", subject="<b>x</b>"
    )
    for path in ("/console/callbacks", f"/console/callbacks/{row}"):
        assert "<script>alert(1)" not in page(console, path)
        assert "<b>x</b>" not in page(console, path)


def test_deliveries_that_it_caused_are_listed(console: Console) -> None:
    text = page(console, f"/console/callbacks/{console.ids['callback_northeast']}")
    assert f"/console/deliveries/{console.ids['delivery_northeast']}" in text
