"""Who was addressed by a campaign and what became of each; this list and that of the guides as files."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.campaigns import TASK_WORDS, Campaign, Task, recipient_ledger
from models.campaigns.recipient_ledger import Fate, fate_words
from models.campaigns.scoped_funnel import TaskLine, newest, task_lines
from models.errors import Refused
from models.org import Guide
from models.sentences import Sentence
from pages.console import campaigns
from pages.web import access, formatting, lists, spreadsheets
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("campaign_recipients", __name__, url_prefix="/console/campaigns")
PER_PAGE = 50
TASKS_AT_ONCE = 500
FORMATS = ("csv", "xlsx")
AT_ONCE = threading.BoundedSemaphore(1)
"""A file of two million lines keeps a thread busy for minutes; pages and callbacks need the others."""
BUSY = "另一份导出正在进行，等它做完再来"


@blueprint.get("/<int:campaign_id>/recipients")
@access.staff
def all_recipients(campaign_id: int) -> ResponseReturnValue:
    """?result=limited, ?branch=3, ?store=7, ?guide=12"""
    return _page(campaign_id)


@blueprint.post("/<int:campaign_id>/recipients/export")
@access.offices
def export_recipients(campaign_id: int) -> ResponseReturnValue:
    """The chosen lines as a file, for a reason that the audit keeps."""
    header = [
        _(word) for word in ("分公司", "门店", "导购", "导购账号", "客户编号", "客户", "结果", "发出时间")
    ]
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id)
        tasks, _place = _chosen(session)
    fate = _fate()
    result = fate_words(fate, campaign.way) if fate else Sentence("全部")
    what = Sentence("导出客户名单（{result}）", result=result)
    lines = recipient_ledger.stream(site().db, campaign, tasks, fate)
    rows = (
        (
            one.branch,
            one.store,
            one.guide.name,
            one.guide.userid,
            one.known_as,
            one.name,
            _(one.words),
            _stamp(one.at),
        )
        for one in lines
    )
    return _file(campaign, what, f"recipients-{campaign_id}", header, rows, _page)


@blueprint.post("/<int:campaign_id>/tasks/export")
@access.offices
def export_tasks(campaign_id: int) -> ResponseReturnValue:
    """Every guide's task as a file."""
    words = ("门店", "导购", "导购账号", "进度", "没有任务的原因", "最近一步", "结果读到", "预计", "触达客户")
    header = [_(word) for word in (*words, "已收满", "已不是好友", "平台没有收")]
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id)
        tasks, _place = _chosen(session)
    rows = (_task_row(one, userid) for one, userid in _tasks(campaign_id, tasks))
    name = f"tasks-{campaign_id}"
    return _file(campaign, Sentence("导出导购名单"), name, header, rows, campaigns.task_page)


def _page(campaign_id: int, faults: dict[str, str] | None = None) -> str:
    fate = _fate()
    with site().db.read() as session:
        campaign = access.campaign(session, campaign_id)
        tasks, place = _chosen(session)
        counted = recipient_ledger.counts(session, campaign_id, *tasks)
        numbers = {one: people for one, (people, _guides) in counted.items()}
        listing = lists.list_page(
            [(_("全部"), sum(numbers.values()), lists.narrowed(result=""), fate is None)]
            + [
                (_(fate_words(one, campaign.way)), numbers[one], lists.narrowed(result=one), fate == one)
                for one in Fate
                if numbers[one] or fate == one
            ],
            lambda page: recipient_ledger.lines(
                session, campaign, tasks, fate, limit=page.size, offset=page.offset
            ),
            PER_PAGE,
        )
    return render_template(
        "console/campaigns/recipients.html",
        campaign=campaign,
        listing=listing,
        place=place,
        faults=faults or {},
        form=request.form,
    )


def _fate() -> Fate | None:
    asked = request.args.get("result", "")
    if asked and asked not in list(Fate):
        abort(404)
    return Fate(asked) if asked else None


def _chosen(session: Session) -> tuple[list[ColumnElement[bool]], str]:
    """The tasks that the address names, within reach, and the name of what was chosen."""
    tasks, place = campaigns.chosen_tasks(session)
    if number := lists.number("guide"):
        return [*tasks, col(Task.guide_id) == number], access.guide(session, number).name
    return tasks, place


def _tasks(campaign_id: int, tasks: list[ColumnElement[bool]]) -> Iterator[tuple[TaskLine, str]]:
    """All of them, some in each transaction."""
    after = 0
    while True:
        with site().db.read() as session:
            further = [*tasks, col(Task.id) > after]
            found = task_lines(session, campaign_id, *further, limit=TASKS_AT_ONCE, by_id=True)
            ids = [one.task.guide_id for one in found]
            names = dict(session.exec(select(Guide.id, Guide.userid).where(col(Guide.id).in_(ids))).all())
        yield from ((one, names.get(one.task.guide_id, "")) for one in found)
        if len(found) < TASKS_AT_ONCE:
            return
        after = found[-1].task.id or 0


def _task_row(line: TaskLine, userid: str) -> spreadsheets.Row:
    task = line.task
    return (
        line.store,
        line.guide,
        userid,
        _(TASK_WORDS[task.state]),
        _(task.skipped) if task.skipped else "",
        _stamp(newest(task)),
        _stamp(task.collected_at),
        task.customer_count,
        task.reached,
        task.limited,
        task.not_friend,
        task.refused_count,
    )


def _stamp(at: datetime | None) -> str:
    return f"{formatting.local(at):%Y-%m-%d %H:%M}" if at else ""


def _file(
    campaign: Campaign,
    what: Sentence,
    name: str,
    header: list[str],
    rows: Iterator[Any],
    again: Callable[[int, dict[str, str]], str],
) -> ResponseReturnValue:
    """Answered while it is read. The line of the audit stands before the first name leaves."""
    kind = request.form.get("format", "")
    if kind not in FORMATS:
        abort(404)
    if not AT_ONCE.acquire(blocking=False):
        return make_response(again(campaign.id or 0, {"format": BUSY}), 409)
    try:
        with site().db.write() as session:
            reason, who = request.form.get("reason", ""), access.viewer().name
            recipient_ledger.note_export(session, campaign, what, reason, who, site().clock())
        rows = stream_with_context(rows)
        body = (
            spreadsheets.csv_pieces(header, rows)
            if kind == "csv"
            else spreadsheets.blocks(spreadsheets.workbook(header, rows))
        )
    except BaseException as error:
        AT_ONCE.release()
        if isinstance(error, Refused):
            return make_response(again(campaign.id or 0, error.faults), 422)
        raise
    answer = Response(body, mimetype="text/csv" if kind == "csv" else spreadsheets.XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer.call_on_close(AT_ONCE.release)
    return answer
