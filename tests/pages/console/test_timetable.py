"""时间表: every plan with its last run, who leads, closed windows; and a run on demand, asked for once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models import job_runs
from models.db import Database
from models.job_runs import JobRun
from models.ledger import closed_windows
from scheduler.timetable import Timetable
from scheduler.timetable.leader import OnlyOne
from scheduler.timetable.plan import Plan
from tests.pages.conftest import NOON, Console, page


def ticked(
    console: Console, plan: str, ago: timedelta, outcome: str = "", failed: bool = False, ended: bool = True
) -> None:
    at = NOON - ago
    with console.db.write() as session:
        session.add(
            JobRun(
                plan=plan,
                due_at=at,
                started_at=at,
                ended_at=at if ended else None,
                outcome=outcome,
                failed=failed,
            )
        )


def with_plans(console: Console) -> Console:
    console.site.plans = (
        Plan("launch", "到点的活动和公告", lambda runtime, now: "", every=5),
        Plan("directory", "对账：导购与通讯录", lambda runtime, now: "", daily="02:10"),
    )
    return console


def test_each_plan_is_shown_with_its_rhythm_and_its_last_run(console: Console) -> None:
    with_plans(console)
    ticked(console, "directory", timedelta(hours=12), "新来 3 位")
    text = page(console, "/console/timetable")
    assert "每 5 秒" in text
    assert "每天 02:10" in text
    assert "新来 3 位" in text
    assert "还没跑过" in text


def test_a_failure_is_said_in_words_and_stands_first(console: Console) -> None:
    with_plans(console)
    ticked(console, "launch", timedelta(seconds=3))
    ticked(console, "directory", timedelta(hours=1), "PlatformError: 平台说太多", failed=True)
    text = page(console, "/console/timetable")
    assert text.index("对账：导购与通讯录") < text.index("到点的活动和公告")
    assert "PlatformError: 平台说太多" in text


def test_a_run_that_never_ended_counts_as_broken_off_after_an_hour(console: Console) -> None:
    with_plans(console)
    ticked(console, "directory", timedelta(hours=2), ended=False)
    assert "跑到一半程序停了" in page(console, "/console/timetable")


def test_silence_means_that_nobody_leads(console: Console) -> None:
    with_plans(console)
    ticked(console, "launch", timedelta(minutes=3))
    assert "没有程序在领头" in page(console, "/console/timetable")
    ticked(console, "launch", timedelta(seconds=2))
    assert "有程序在领头" in page(console, "/console/timetable")


def test_closed_windows_say_until_when(console: Console) -> None:
    with console.db.write() as session:
        closed_windows.close_window(
            session,
            "api:externalcontact/add_msg_template",
            NOON + timedelta(minutes=3),
            "平台说这一分钟太多",
            NOON,
        )
        closed_windows.close_window(
            session, "secret:0123abcd", NOON + timedelta(minutes=5), "平台不认密钥", NOON
        )
    text = page(console, "/console/timetable")
    assert "到 今天 14:35" in text
    assert "一个应用密钥的所有调用" in text
    assert "0123abcd" not in text


def test_a_run_is_asked_for_once_however_often_the_button_is_tapped(console: Console) -> None:
    client = console.signed_in("zhou")
    for _tap in range(2):
        answer = console.post(client, "/console/timetable/directory/run", {"back": "/console/guides"})
        assert answer.location == "/console/guides?done=asked"
    with console.db.read() as session:
        assert job_runs.asked(session) == {"directory": NOON}
    assert "马上对账" in page(console, "/console/guides")


def test_only_plans_that_exist_can_be_asked_for(console: Console) -> None:
    assert console.post(console.signed_in("zhou"), "/console/timetable/format-disk/run").status_code == 404
    assert console.post(console.signed_in("chen"), "/console/timetable/directory/run").status_code == 403


@dataclass
class HandlerContext:
    """As much of a runtime as the clockwork needs."""

    db: Database
    now: datetime
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")

    def clock(self) -> datetime:
        return self.now


def test_the_clockwork_runs_what_was_asked_for_exactly_once(sqlite_database: Database) -> None:
    runs: list[datetime] = []

    def work(_runtime: Any, now: datetime) -> str:
        runs.append(now)
        return "新来 3 位"

    clockwork = Timetable(
        HandlerContext(sqlite_database, NOON), [Plan("directory", "对账", work, daily="02:10")], OnlyOne()
    )  # type: ignore[arg-type]
    sqlite_database.run(lambda session: job_runs.ask_for(session, "directory", NOON))
    sqlite_database.run(lambda session: job_runs.ask_for(session, "unknown", NOON))
    clockwork._led = True  # it leads already: nothing to catch up with
    assert (clockwork.answer_wishes(), clockwork.answer_wishes()) == (1, 0)
    assert runs == [NOON]
    with sqlite_database.read() as session:
        assert job_runs.last_runs(session)["directory"].outcome == "新来 3 位"
        assert "directory" not in job_runs.asked(session)
