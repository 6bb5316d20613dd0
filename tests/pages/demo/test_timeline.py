"""What came in, was decided and went out, hung together and looked at closely."""

from datetime import datetime, timedelta

import pytest

from models.db import Database
from models.job_runs import JobRun
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox, OutboxStatus
from pages.demo import runs, timeline
from pages.demo.runs import Run
from scheduler.timetable.plan import said
from tests.pages.demo.app import NOW, app_on

EVENT = (
    "<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><MsgType><![CDATA[event]]></MsgType>"
    "<UserID><![CDATA[wangfang]]></UserID><State><![CDATA[poster-0412]]></State><WelcomeCode><![CDATA[CODE1234567890c91e]]></WelcomeCode></xml>"
)


def run_from(begun: datetime, ledger: int = 0) -> Run:
    return Run(1, begun.isoformat(), ledger, dict.fromkeys(runs.TABLES, 0))


def arrived(**more: object) -> Inbox:
    values = {
        "key": "k1",
        "source": "app",
        "kind": "change_external_contact.add_external_contact",
        "body": EVENT,
        "received_at": NOW,
        "status": "handled",
        "handled_at": NOW + timedelta(seconds=0.2),
        "decision": "王芳多了一位好友。扫的是王芳的码。欢迎语已排队",
    }
    return Inbox(**{**values, **more})


def test_what_came_in_was_decided_and_went_out_hangs_together(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(arrived(copies=3))
        session.flush()
        session.add(
            Outbox(
                key="w",
                channel="welcome",
                lane="welcome",
                status=OutboxStatus.SENT,
                due_at=NOW,
                created_at=NOW,
                inbox_id=1,
                called_at=NOW + timedelta(seconds=0.3),
                done_at=NOW + timedelta(seconds=0.8),
            )
        )
    with sqlite_database.read() as session:
        made = timeline.items(session, run_from(NOW - timedelta(seconds=5)), NOW + timedelta(seconds=2))
    assert [(one["lane"], one["label"], one["of"], one["copies"]) for one in made] == [
        ("in", "加好友", "", 3),
        ("decided", "扫的是王芳的码", "inbox-1", 1),
        ("out", "发欢迎语 0.80 秒", "decided-1", 1),
    ]


def test_rows_of_an_earlier_run_stay_out(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(arrived())
    with sqlite_database.read() as session:
        later = run_from(NOW - timedelta(seconds=5))
        later.first["inbox"] = 1
        assert timeline.items(session, later, NOW) == []


def test_a_run_of_the_timetable_is_shown_only_with_news(sqlite_database: Database):
    with sqlite_database.write() as session:
        for number, words in enumerate(("", said(("读结果", 65)), said(("读结果", 65), ("新确认", 6)))):
            session.add(
                JobRun(
                    plan="results",
                    due_at=NOW + timedelta(seconds=number),
                    started_at=NOW,
                    ended_at=NOW,
                    outcome=words,
                )
            )
    with sqlite_database.read() as session:
        assert [one["label"] for one in timeline.items(session, run_from(NOW), NOW)] == ["新确认 6"]


def test_a_close_look_shows_the_decrypted_event_with_its_code_shortened(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(arrived(copies=3))
    app = app_on(sqlite_database, demo=True)
    with app.test_request_context(), sqlite_database.read() as session:
        close = timeline.look(session, "inbox-1")
    assert close is not None and close.more == "收到 3 次，处理 1 次"
    assert "<WelcomeCode>CODE…c91e</WelcomeCode>" in close.code and "CODE1234567890c91e" not in close.code
    assert "<UserID>wangfang</UserID>" in close.code and "<State>poster-0412</State>" in close.code


def test_a_close_look_at_a_call_shows_request_answer_and_reason(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(
            Outbox(
                key="c",
                channel="card",
                lane="quick",
                status=OutboxStatus.NOT_SENT,
                due_at=NOW,
                created_at=NOW,
                called_at=NOW,
                done_at=NOW,
                attempts=2,
                target="王芳",
                reason="她不在应用的可见范围",
                answer={"errcode": 81013},
                request={
                    "touser": "wangfang",
                    "response_code": "R" * 30,
                    "list": list(range(9)),
                },
                notes={"ours": 1},
            )
        )
    app = app_on(sqlite_database, demo=True)
    with app.test_request_context(), sqlite_database.read() as session:
        close = timeline.look(session, "outbox-1")
    assert close is not None and (close.tone, close.state) == ("bad", "没送出")
    assert (
        "R" * 11 not in close.code
        and "ours" not in close.code
        and "共 9 个" in close.code
        and "她不在应用的可见范围" in close.code
    )


@pytest.mark.parametrize("name", ["inbox-9", "nothing-1", "inbox-", "outbox-x", "run-1"])
def test_a_close_look_at_nothing_is_nothing(sqlite_database: Database, name: str):
    with sqlite_database.read() as session:
        assert timeline.look(session, name) is None


def test_words_stay_whole_and_only_ids_and_codes_are_shortened():
    assert (
        timeline.shorten("content", "沈阳今晚有雪，新到的雪地靴我试过了，零下二十五度也不冷")
        == "沈阳今晚有雪，新到的雪地靴我试过了，零下二十五度也不冷"
    )
    assert timeline.shorten("State", "poster-0412-8812") == "poster-0412-8812"
    assert timeline.shorten("x", "a" * 40) == "aaaa…aaaa"
