"""A row's life in four points, told in the words of its channel, without its secrets."""

import re
from typing import Any

import pytest

from models.ledger.channels import CHANNELS
from models.ledger.outbox import OutboxStatus
from models.org import Guide
from pages.console import delivery_timeline
from pages.demo.timeline import look
from tests import cast
from tests.pages.conftest import Console, page
from tests.pages.console.test_deliveries import put
from tests.scheduler.channels.test_channels_trial import TRIAL


def test_the_open_row_tells_its_life_in_four_points(console: Console) -> None:
    row = put(console)
    text = page(console, f"/console/deliveries?open={row}")
    assert all(f"<b>{point}</b>" in text for point in ("回调", "决定", "意图", "回答"))
    assert "欢迎语只能发一次，平台也不给查" in text
    assert "请王芳看一眼和林若溪northeast的聊天窗口" in text
    assert "externalcontact/send_welcome_msg" in text


def test_secrets_are_shortened_where_bodies_are_shown(console: Console) -> None:
    row = put(console, answer={"response_code": "RESPONSE-9876543210-zyxw"})
    text = page(console, f"/console/deliveries/{row}")
    assert "CODE-1234567890-abcdefgh" not in text
    assert "RESPONSE-9876543210-zyxw" not in text
    assert "CODE…efgh" in text


def test_a_row_is_told_in_the_words_of_its_channels_descriptor(console: Console, monkeypatch) -> None:
    monkeypatch.setitem(CHANNELS, "trial", TRIAL)
    row = put(console, channel="trial", status=OutboxStatus.NOT_SENT)
    text = page(console, f"/console/deliveries?open={row}&channel=trial")
    assert text.count("试发") > 2 and "trial/send" in text
    with console.db.read() as session, console.app.test_request_context():
        assert look(session, f"outbox-{row}").title == "试着发一句 · 王芳的新好友"


def test_a_reminder_does_not_borrow_the_state_of_the_task_that_it_reminds_of(console: Console) -> None:
    with console.db.write() as session:
        wang = session.get_one(Guide, console.ids["wangfang"])
        task = cast.task(session, cast.campaign(session), wang).id
    about = {"task_id": task, "status": OutboxStatus.SENT, "reason": ""}
    asked, reminder = put(console, channel="mass", **about), put(console, channel="notice", **about)
    text = page(console, "/console/deliveries")
    said = {row: text.partition(f'id="row-{row}"')[2].partition("</tr>")[0] for row in (asked, reminder)}
    assert {row: "等她在群发助手里确认" in words for row, words in said.items()} == {
        asked: True,
        reminder: False,
    }


def test_a_row_for_many_names_them_and_says_how_many_more(console: Console, monkeypatch) -> None:
    row = put(console, channel="card", payload={"guides": [console.ids["wangfang"], console.ids["zhoumei"]]})
    assert "发给：王芳、周梅" in page(console, f"/console/deliveries/{row}")
    monkeypatch.setattr(delivery_timeline, "NAMED", 1)
    assert "发给：王芳，和另外 1 位" in page(console, f"/console/deliveries/{row}")
    with console.db.write() as session:
        post = cast.campaign(session, channel="moment")
        tasks = [
            cast.task(session, post, session.get_one(Guide, console.ids[one])).id or 0
            for one in ("wangfang", "zhoumei")
        ]
        number = post.id
    row = put(console, channel="moment", campaign_id=number, payload={"first": tasks[0], "last": tasks[-1]})
    assert "发给：王芳，和另外 1 位" in page(console, f"/console/deliveries/{row}")


def test_what_we_only_noted_is_not_shown_as_if_it_had_been_sent(console: Console) -> None:
    row = put(console, notes={"poster": "shelf-key-4711"})
    text = page(console, f"/console/deliveries/{row}")
    assert "您好" in text and "4711" not in text


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("robot", "请到「店长群」里看一眼"),
        ("mass", "系统正在向平台查实"),
        ("card", "平台去重复的时间已经过了"),
        ("card_update", "请店长群看一眼手机"),
    ],
)
def test_every_unknown_result_says_who_can_settle_it(console: Console, channel: str, words: str) -> None:
    row = put(console, channel=channel, lane="bulk", friend_id=None, target="店长群", deadline=None)
    assert words in page(console, f"/console/deliveries/{row}")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", "轮到它时先写下请求"),
        ("expired", "请求没有发出去"),
        ("cancelled", "没有发，已撤下"),
        ("calling", "请求在路上"),
    ],
)
def test_a_row_that_has_not_left_says_so(console: Console, status: str, words: str) -> None:
    row = put(console, status=status, written_at=None, request=None, done_at=None, reason="", deadline=None)
    assert words in page(console, f"/console/deliveries/{row}")


@pytest.mark.parametrize(
    ("values", "words", "place"),
    [
        ({"channel": "robot", "group_id": "group_northeast"}, "去这个群改", "/console/groups/"),
        ({"channel": "mass"}, "去看这位导购", "/console/guides/"),
    ],
)
def test_a_failure_leads_to_where_it_is_mended(
    console: Console, values: dict[str, Any], words: str, place: str
) -> None:
    known = {
        name: console.ids.get(value, value) if name == "group_id" else value for name, value in values.items()
    }
    failed = put(console, status="not_sent", friend_id=None, reason="这个群没有可用的机器人", **known)
    shown = page(console, f"/console/deliveries/{failed}")
    link = re.search(rf'href="({place}\d+)">{words}', shown)
    assert link and console.signed_in("zhou").get(link[1]).status_code == 200
    sent = put(console, status="sent", friend_id=None, **known)
    assert words not in page(console, f"/console/deliveries/{sent}")


def test_what_nobody_has_to_care_about_is_grey(console: Console) -> None:
    row = put(console, channel="card_update", status="needless", friend_id=None, reason="凭证已用过")
    shown = page(console, f"/console/deliveries/{row}")
    assert "不用更新" in shown and "state bad" not in shown and "再发一次" not in shown
