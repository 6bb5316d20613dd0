"""客户名单: who was addressed and what became of each, within reach, as a page and as a file."""

import csv
import io

import pytest
from openpyxl import load_workbook
from pyroaring import FrozenBitMap
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import Task, TaskAudience
from pages.console.campaigns import recipients
from tests import cast
from tests.pages.conftest import Console


@pytest.fixture
def path(console: Console) -> str:
    """A campaign with a task of each branch: one customer reached in one, one refused in the other."""
    number = console.ids["campaign_northeast"]
    with console.db.write() as session:
        session.execute(TaskAudience.__table__.delete())
        first = session.get_one(Task, console.ids["task_northeast"])
        other = session.get_one(Task, console.ids["task_east"])
        other.campaign_id = number
        for task, name, result in ((first, "=wm-a", "reached"), (other, "wm-b", "refused")):
            members = cast.customers(session, name)
            task.msgid, task.confirmed_at, task.skipped = f"m{task.id}", console.clock.now, ""
            task.customer_count, task.reached, task.refused_count = (
                1,
                result == "reached",
                result == "refused",
            )
            task.not_friend = task.limited = 0
            one = FrozenBitMap(members)
            session.add(TaskAudience(task_id=task.id, members=one, **{result: one}))
    return f"/console/campaigns/{number}"


def exported(console: Console, path: str, kind: str = "csv", who: str = "zhou", reason: str = "核对名单"):
    client = console.signed_in(who)
    answer = console.post(client, path, {"reason": reason, "format": kind})
    answer.get_data()
    answer.close()
    return answer


def rows_of(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_the_list_says_who_got_it_and_filters_by_result(console: Console, path: str) -> None:
    client = console.signed_in("zhou")
    whole = client.get(f"{path}/recipients").get_data(as_text=True)
    assert "=wm-a" in whole and "wm-b" in whole and "平台建任务时就没有收" in whole
    reached = client.get(f"{path}/recipients?result=reached").get_data(as_text=True)
    assert "=wm-a" in reached and "wm-b" not in reached
    assert client.get(f"{path}/recipients?result=nonsense").status_code == 404


def test_a_branch_sees_and_takes_away_only_its_own(console: Console, path: str) -> None:
    page = console.signed_in("chen").get(f"{path}/recipients").get_data(as_text=True)
    assert "=wm-a" in page and "wm-b" not in page
    assert [row[4] for row in rows_of(exported(console, f"{path}/recipients/export", who="chen"))[1:]] == [
        "'=wm-a"
    ]


def test_the_file_holds_every_line_and_the_audit_who_took_it_and_why_K06(console: Console, path: str) -> None:
    answer = exported(console, f"{path}/recipients/export")
    header, *lines = rows_of(answer)
    assert answer.headers["Content-Disposition"].endswith('.csv"') and header[4] == "客户编号"
    assert [(row[4], row[6]) for row in lines] == [("'=wm-a", "已收到"), ("wm-b", "平台建任务时就没有收")]
    with console.db.read() as session:
        kept = session.exec(select(Audit).where(Audit.verb == "campaign.export")).one()
    assert (kept.actor, kept.detail) == ("周岚", "导出客户名单（全部）：核对名单")


def test_the_same_as_a_workbook(console: Console, path: str) -> None:
    answer = exported(console, f"{path}/recipients/export?result=reached", "xlsx")
    sheet = load_workbook(io.BytesIO(answer.get_data())).active
    assert [sheet["E2"].value, sheet["E2"].data_type, sheet.max_row] == ["=wm-a", "s", 2]


@pytest.mark.parametrize("what", ["recipients", "tasks"])
def test_without_a_reason_nothing_leaves(console: Console, path: str, what: str) -> None:
    answer = exported(console, f"{path}/{what}/export", reason="")
    assert answer.status_code == 422 and "写导出来做什么" in answer.get_data(as_text=True)
    assert exported(console, f"{path}/{what}/export", "exe").status_code == 404
    assert exported(console, f"{path}/{what}/export").status_code == 200, "and the next one may"


def test_the_guides_as_a_file(console: Console, path: str) -> None:
    header, *lines = rows_of(exported(console, f"{path}/tasks/export?step=confirmed"))
    assert header[3] == "进度" and len(lines) == 2 and {row[3] for row in lines} == {"平台已确认"}
    assert {(row[8], row[11]) for row in lines} == {("1", "0"), ("0", "1")}


def test_two_large_files_are_not_made_at_once(console: Console, path: str) -> None:
    recipients.AT_ONCE.acquire()
    try:
        answer = exported(console, f"{path}/recipients/export")
    finally:
        recipients.AT_ONCE.release()
    assert answer.status_code == 409 and "另一份导出正在进行" in answer.get_data(as_text=True)
