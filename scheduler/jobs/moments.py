"""Read back from the platform what became of Moments: the job, who published, who sees it, likes and comments."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, col, update

from models.campaigns import RESULTS, Campaign, Result, looks, moments, results
from models.campaigns.looks import DEMO, PRODUCTION
from models.campaigns.moments import MomentJob, PostLook
from models.campaigns.results import Reading
from models.sentences import Sentence
from scheduler.jobs.results import Rationed, gather
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said
from wecom.errcodes import verdict
from wecom.errors import Action, PlatformError
from wecom.pagination import Incomplete, rows

JOBS_AT_ONCE, POSTS_AT_ONCE = 20, 200
LATER = timedelta(minutes=10)
"""A guide's copy that cannot be read is asked for again after so long."""
DONE = 3
LOST = "平台已查不到这个朋友圈任务的结果，不知道有没有建成，请到企业微信后台看一眼"
"""The platform keeps it for a day."""
RESULT, TASKS = "externalcontact/get_moment_task_result", "externalcontact/get_moment_task"
VIEWERS, COMMENTS = "externalcontact/get_moment_send_result", "externalcontact/get_moment_comments"
REACHED = next(status for status, kind in RESULTS.items() if kind == Result.REACHED)

log = logging.getLogger("onetap.moments")


def collect_moments(runtime: Runtime, now: datetime) -> str:
    """Ask about the jobs, then about the posts; no callback tells of either."""
    with runtime.db.read() as session:
        jobs = moments.due(session, now, JOBS_AT_ONCE)
    published = 0
    for job in jobs:
        later = partial(moments.later, job_id=job.id or 0)
        soon = moments.again(job, now, demo=runtime.demo)
        published += _tolerant(runtime, partial(_look, runtime, job, now), later, now, soon)
    with runtime.db.read() as session:
        posts = moments.posts_due(session, now, POSTS_AT_ONCE)
    for post in posts:
        wait = partial(looks.later, task_id=post.task_id)
        _tolerant(runtime, partial(_view, runtime, post, now), wait, now, now + LATER)
    if posts:
        gather(runtime)
    return said(("看朋友圈任务", len(jobs)), ("新发表", published), ("读发表的结果", len(posts)))


def _tolerant(
    runtime: Runtime, read: Callable[[], int], later: Callable[..., None], now: datetime, then: datetime
) -> int:
    """What one stumbles over stays with it: it is read again `then`, or when the platform says, and the others go on."""
    try:
        return read()
    except PlatformError as error:
        if error.retry_after:
            then = now + timedelta(seconds=error.retry_after)
    except Exception as error:
        log.exception("a moment cannot be read: %s", type(error).__name__)
    runtime.db.run(partial(later, at=then))
    return 0


# ---- the job


def _look(runtime: Runtime, job: MomentJob, now: datetime) -> int:
    """How many guides have published since the last look."""
    number = job.id or 0
    moment_id = job.moment_id or _made(runtime, job, now)
    if not moment_id:
        return 0
    tasks = _tasks(runtime, moment_id)
    if job.told_at is None and not job.jobid:
        _adopted(runtime, job, moment_id, tasks, now)
    if job.told_at is None:
        while runtime.db.run(partial(moments.tell, job_id=number, now=now, zone=runtime.zone)):
            pass
    userids = [userid for userid, status in tasks.items() if status]
    news = runtime.db.run(partial(moments.published, job_id=number, userids=userids, now=now))
    runtime.db.run(partial(moments.looked, job_id=number, now=now, demo=runtime.demo))
    runtime.db.run(partial(_note_time, campaign_id=job.campaign_id, now=now))
    return news


def _made(runtime: Runtime, job: MomentJob, now: datetime) -> str:
    """What the platform calls the post, once it exists."""
    number = job.id or 0
    try:
        answer = Rationed(runtime).call(RESULT, {"jobid": job.jobid})
    except PlatformError as error:
        if error.action is not Action.REFUSED:
            raise
        runtime.db.run(partial(moments.gone, job_id=number, words=LOST, now=now))
        return ""
    if answer.get("status") != DONE:
        later = moments.again(job, now, demo=runtime.demo)
        runtime.db.run(partial(moments.later, job_id=number, at=later))
        return ""
    result: dict[str, Any] = answer.get("result") or {}
    moment_id, errcode = str(result.get("moment_id") or ""), int(result.get("errcode") or 0)
    if not moment_id:
        words = Sentence("平台没有建成这条朋友圈：{words}", words=verdict(RESULT, errcode).words)
        runtime.db.run(partial(moments.gone, job_id=number, words=words, now=now))
        return ""
    refused = [str(one) for one in (result.get("invalid_sender_list") or {}).get("user_list") or []]
    runtime.db.run(partial(moments.made, job_id=number, moment_id=moment_id, refused=refused, now=now))
    return moment_id


def _adopted(runtime: Runtime, job: MomentJob, moment_id: str, tasks: dict[str, int], now: datetime) -> None:
    """The answer of its job is lost for ever: who is not in the post's list was refused."""

    def write(session: Session) -> None:
        wanted = moments.senders(session, job.campaign_id, job.first_task, job.last_task)
        refused = [one for one in wanted if one.lower() not in tasks]
        moments.made(session, job.id or 0, moment_id, refused, now)

    runtime.db.run(write)


def _tasks(runtime: Runtime, moment_id: str) -> dict[str, int]:
    """Userid (lower case, as the platform may write it) → whether she has published. Of an endless list, what it did
    tell is true."""
    found: dict[str, int] = {}
    try:
        for row in rows(Rationed(runtime), TASKS, {"moment_id": moment_id, "limit": 1000}, "task_list"):
            found[str(row.get("userid") or "").lower()] = int(row.get("publish_status") or 0)
    except Incomplete:
        log.warning("the task list of a moment does not end")
    return found


def _note_time(session: Session, campaign_id: int, now: datetime) -> None:
    session.execute(update(Campaign).where(col(Campaign.id) == campaign_id).values(collected_at=now))


# ---- one guide's copy


def _view(runtime: Runtime, post: PostLook, now: datetime) -> int:
    """In whose Moments it stands, and how often it was liked and commented on."""
    asked = {"moment_id": post.moment_id, "userid": post.userid}
    shown: dict[str, int] = {}
    try:
        for row in rows(Rationed(runtime), VIEWERS, {**asked, "limit": 5000}, "customer_list"):
            shown[str(row.get("external_userid") or "")] = REACHED
    except Incomplete:
        log.warning("the list of viewers of a moment does not end")
    told = Rationed(runtime).call(COMMENTS, asked)
    likes, comments = (len(told.get(name) or []) for name in ("like_list", "comment_list"))

    def write(session: Session) -> int:
        plan = DEMO if runtime.demo else PRODUCTION
        results.learn(session, post.task_id, Reading(post.confirmed_at, shown), now, plan)
        moments.heard(session, post.task_id, likes, comments)
        return 1

    return runtime.db.run(write)
