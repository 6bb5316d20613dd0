"""/demo outside of the demo, what its parts say, and how secrets look in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

import pages
from models.accounts import Account, Role
from models.db import Database
from models.encryption import Encryption
from models.job_runs import JobRun
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox, OutboxStatus
from pages.demo import chaos, runs, timeline
from pages.demo.crosscheck import CheckLine, Proof
from pages.demo.emulator_client import EmulatorClient, NotPressed
from pages.demo.runs import Run
from pages.web.site import Site
from scheduler.queue import recovery
from tests.cast import XU
from tests.wecom_world import World

NOW = datetime(2026, 11, 19, 6, 31, 48, tzinfo=UTC)
EVENT = (
    "<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><MsgType><![CDATA[event]]></MsgType>"
    "<UserID><![CDATA[wangfang]]></UserID><State><![CDATA[poster-0412]]></State><WelcomeCode><![CDATA[CODE1234567890c91e]]></WelcomeCode></xml>"
)
PATHS = ("", "/state.json", "/hq", "/timeline.json", "/timeline/inbox-1.json")


def app_on(database: Database, *, demo: bool, emulator_url: str = "http://127.0.0.1:1") -> Flask:
    app = Flask("pages under test", static_folder=None)
    site = Site(
        db=database,
        clock=lambda: NOW,
        zone=ZoneInfo("Asia/Shanghai"),
        secret_keys=["k" * 40],
        encryption=Encryption("k" * 40),
        decide=recovery.decide,
        public_url="http://localhost",
        demo=demo,
        emulator_url=emulator_url if demo else "",
    )
    pages.register(app, site, static_dir=Path("not built"))
    return app


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


# ---- who may see it


@pytest.mark.parametrize("path", PATHS)
def test_outside_the_demo_there_is_no_such_page(sqlite_database: Database, path: str):
    assert app_on(sqlite_database, demo=False).test_client().get(f"/demo{path}").status_code == 404


@pytest.mark.parametrize("path", ["/step/1", "/restart", "/break/kill"])
def test_outside_the_demo_no_button_does_anything(sqlite_database: Database, path: str):
    assert app_on(sqlite_database, demo=False).test_client().post(f"/demo{path}").status_code in (400, 404)


def test_a_button_needs_the_pages_own_token(sqlite_database: Database):
    assert app_on(sqlite_database, demo=True).test_client().post("/demo/break/kill").status_code == 400


def test_one_visit_signs_the_browser_in_as_the_invented_hq(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(Account(role=Role.HQ, name="周岚", login="demo", created_at=NOW))
    client = app_on(sqlite_database, demo=True).test_client()
    answer = client.get("/demo")
    assert answer.status_code == 302 and client.get_cookie("onetap_console") is not None
    assert client.get("/console/campaigns").status_code == 200


def test_a_browser_under_another_name_of_this_host_is_brought_to_the_public_address(
    sqlite_database: Database,
):
    answer = app_on(sqlite_database, demo=True).test_client().get("/demo", headers={"Host": "127.0.0.1:8000"})
    assert answer.headers["Location"] == "http://localhost/demo"


def test_before_the_first_visit_there_is_nothing_to_poll(sqlite_database: Database):
    assert app_on(sqlite_database, demo=True).test_client().get("/demo/state.json").status_code == 409


def test_while_the_built_in_wecom_is_down_the_page_says_so(sqlite_database: Database):
    answer = app_on(sqlite_database, demo=True).test_client().get("/demo?signed")
    assert answer.status_code == 503 and "内置的企业微信没有回答" in answer.text


# ---- emulator


def test_a_refusal_of_the_phone_is_said_in_its_own_words(world: World):
    with pytest.raises(NotPressed, match="没有这个任务"):
        EmulatorClient(world.url).press("/phone/guide/wangfang/confirm", msgid="none")


def test_the_book_is_read_to_its_end_and_its_last_row_is_known(world: World):
    hands = EmulatorClient(world.url)
    before = hands.last()
    hands.press(f"/phone/customer/{XU}/delete", userid="wangfang", wait=True)
    rows = hands.ledger(before, "callback")
    assert [row["what"]["event"] for row in rows] == ["change_external_contact.del_follow_user"]
    assert hands.last() == rows[-1]["id"]


def test_switches_become_chaos_of_the_platform(world: World):
    hands = EmulatorClient(world.url)
    hands.press("/control/chaos", **chaos.chaos({"copies": True, "busy": True, "slow": True}))
    found = world.state()["chaos"]
    assert found["callbacks"]["copies"] == 3
    assert {(rule["api"], rule["errcode"], rule["delay"]) for rule in found["rules"]} >= {
        ("message/send", 45009, 0.0),
        ("externalcontact/get_groupmsg_task", None, 11),
    }
    hands.press("/control/chaos", **chaos.chaos({"copies": False}))
    assert world.state()["chaos"]["rules"] == [] and world.state()["chaos"]["callbacks"]["copies"] == 1


# ---- the proof


def test_both_sides_agree_only_when_every_counter_does():
    good, bad = CheckLine("好友", "位", 2, 2), CheckLine("群发触达", "位客户", 87, 0, words="等下一次读结果")
    assert Proof((good,)).said() == "两边对得上：好友 2 位"
    assert not Proof((good, bad)).agree
    assert Proof((good, bad)).said() == "还在对：群发触达 平台 87、我们 0 位客户，等下一次读结果"
    assert Proof((CheckLine("好友", "位", 0, 0),)).said() == "两边都还没有数字"


def test_an_unknown_outcome_may_be_on_either_side_and_is_said():
    assert (
        CheckLine("欢迎语", "条", 3, 2, unknown=1).agree and CheckLine("欢迎语", "条", 2, 2, unknown=1).agree
    )
    assert not CheckLine("欢迎语", "条", 4, 2, unknown=1).agree
    assert "结果不明，没有重发" in CheckLine("欢迎语", "条", 3, 2, unknown=1).said()


# ---- the timeline


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
        for number, words in enumerate(("", "读结果 65", "读结果 65，新确认 6")):
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


def test_a_run_is_kept_over_a_restart(sqlite_database: Database):
    with sqlite_database.write() as session:
        first = runs.begin(session, 41, NOW)
        first.switches = {"copies": True}
        runs.keep(session, first)
    with sqlite_database.write() as session:
        again = runs.read(session)
        assert again == first
        assert runs.begin(session, 99, NOW).number == 2


def test_a_page_that_shall_not_play_by_itself_stays_so_after_signing_in(sqlite_database: Database):
    with sqlite_database.write() as session:
        session.add(Account(role=Role.HQ, name="周岚", login="demo", created_at=NOW))
    answer = app_on(sqlite_database, demo=True).test_client().get("/demo?hold")
    assert answer.headers["Location"] == "/demo?signed&hold"
