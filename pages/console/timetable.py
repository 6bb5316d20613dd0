"""时间表: what runs by itself, when it last ran and what it did, and which of the platform's windows are closed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from models import job_runs
from models.job_runs import JobRun, JobRunState
from models.ledger import closed_windows
from models.org import removal_guard
from pages.web import access, lists
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("timetable", __name__, url_prefix="/console/timetable")
QUIET = timedelta(minutes=2)
"""Without any run for this long nobody leads."""
BROKEN_OFF = timedelta(hours=1)
"""A run that has not ended after this long ended with its process."""
RECENT = 12
WISHED = {"directory": "通讯录", "friends": "好友名单", "groups": "客户群"}
"""Comparisons that pages of people and groups may ask for."""


@dataclass(frozen=True)
class JobLine:
    """One plan and its last run."""

    name: str
    label: str
    rhythm: str
    run: JobRun | None
    state: JobRunState
    wished: bool
    often: bool


@blueprint.get("")
@access.hq_only
def all_plans() -> ResponseReturnValue:
    now = site().clock()
    with site().db.read() as session:
        last = job_runs.last_runs(session)
        wished = job_runs.asked(session)
        windows = closed_windows.open_windows(session, now)
        pending = removal_guard.waiting(session)
        newest_first = select(JobRun).order_by(col(JobRun.due_at).desc()).limit(RECENT)
        failed = list(session.exec(newest_first.where(JobRun.failed)))
        spoke = list(session.exec(newest_first.where(JobRun.outcome != "", ~col(JobRun.failed))))
    newest = max((run.started_at for run in last.values()), default=None)
    lines = _lines(last, wished, now)
    lines.sort(key=lambda line: (line.state != JobRunState.FAILED, line.often))
    return render_template(
        "console/timetable.html",
        lines=lines,
        newest=newest,
        leads=newest is not None and now - newest < QUIET,
        windows=windows,
        pending=pending,
        failed=failed,
        spoke=spoke,
        labels={line.name: line.label for line in lines},
        notice_=_notice(),
    )


@blueprint.post("/<plan>/run")
@access.hq_only
def run(plan: str) -> ResponseReturnValue:
    """Ask for a run now; the timetable begins within seconds."""
    known = {one.name for one in site().plans} or set(WISHED)
    if plan not in known | set(WISHED):
        abort(404)
    with site().db.write() as session:
        job_runs.ask_now(session, plan, access.viewer().name, site().clock())
    back = access.safe_next(request.form.get("back") or url_for("timetable.all_plans"))
    return redirect(lists.with_done(back, "asked"), 303)


def _notice() -> str:
    said = {
        "asked": _("已记下，几秒内开始跑。"),
        "confirmed": _("已写上你的名字，几秒内照名单对账。做了什么会写在下面的「结果」里。"),
        "moot": _("现在没有等确认的，什么都没有改。"),
    }
    return said.get(request.args.get("done", ""), "")


def _lines(last: dict[str, JobRun], wished: dict[str, datetime], now: datetime) -> list[JobLine]:
    plans = [(one.name, _(one.label), _rhythm(one), bool(one.every)) for one in site().plans]
    if not plans:  # pages alone, without the program's timetable: what ran is still known
        plans = [(name, name, "", False) for name in sorted(last)]
    return [
        JobLine(name, label, rhythm, last.get(name), _state(last.get(name), now), name in wished, often)
        for name, label, rhythm, often in plans
    ]


def _rhythm(plan: Any) -> str:
    if plan.daily:
        return _("每天 {t}", t=plan.daily)
    return _("每 {n} 秒", n=plan.every) if plan.every < 120 else _("每 {n} 分钟", n=plan.every // 60)


def _state(run: JobRun | None, now: datetime) -> JobRunState:
    if run is None:
        return JobRunState.NEVER
    if run.ended_at is None:
        return JobRunState.RUNNING if now - run.started_at < BROKEN_OFF else JobRunState.FAILED
    return JobRunState.FAILED if run.failed else JobRunState.DONE
