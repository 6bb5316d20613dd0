"""A Moments campaign at the platform: one job makes one post for many guides; who published it, who sees it, what was said."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, UniqueConstraint, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.campaigns import Campaign, Task, cards, variants
from models.db import count, defaults, insert_once, pieces, rows_changed
from models.db.sentence_column import sentence_column
from models.ledger import outbox
from models.ledger.channels import MOMENT, MOMENT_CANCEL
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from models.sentences import Sentence

TOLD_AT_ONCE = 25
LAST_LOOK = timedelta(minutes=10)
"""A post that was taken back is read a little longer: some guide may have been quicker."""
NOT_HERS = "平台没有给她这条朋友圈：她不在应用的可见范围，或没有客户联系功能"
AGES = ((60, 5), (600, 60), (3600, 180), (6 * 3600, 600))
"""A job (younger than so many seconds) is looked at every so many seconds: one list tells of all its guides."""
SLOWEST, IN_DEMO = 1800, 3


class MomentJob(SQLModel, table=True):
    """One job of the platform, which becomes one post in the phones of its guides."""

    __tablename__ = "moment_job"
    __table_args__ = (UniqueConstraint("campaign_id", "part"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    part: int = 0
    """A job takes 100,000 guides; who has more needs several. Below 0: a second copy, which is taken back."""
    first_task: int
    last_task: int
    """Its guides: those of the campaign's tasks from this number to that one"""
    jobid: str = Field(default="", max_length=64)
    """Empty where its answer was lost and the post itself was found."""
    moment_id: str = Field(default="", max_length=64, index=True)
    reason: str = Field(default="", sa_column=sentence_column())
    """Why there will be no post, in words"""
    created_at: datetime
    told_at: datetime | None = None
    """When every guide had it on her card"""
    poll_at: datetime = Field(index=True)
    settled_at: datetime | None = Field(default=None, index=True)
    """Everybody has published, or nobody will any more: not read again."""


# ---- the call and its job


def call(session: Session, campaign: Campaign, now: datetime) -> None:
    """Write the one call for all guides who get the same (one for each 100,000); again is harmless: they are frozen."""
    for part, some in enumerate(_calls(session, campaign)):
        outbox.put(
            session,
            MOMENT,
            f"moment:{campaign.id}:{part}",
            now=now,
            since=campaign.launched_at,
            deadline=campaign.ends_at,
            campaign_id=campaign.id,
            target=Sentence("{n:,} 位导购", n=len(some)),
            why=Sentence("活动「{campaign}」", campaign=campaign.name),
            payload={"part": part, "first": some[0], "last": some[-1]},
        )


def _calls(session: Session, campaign: Campaign) -> Iterator[list[int]]:
    """The tasks of each call: of HQ's version, and of each branch's variant."""
    mine = Task.campaign_id == campaign.id, Task.skipped == ""
    rows = session.exec(select(col(Task.id), col(Task.branch_id)).where(*mine).order_by(col(Task.id))).all()
    own = variants.that_go(session, campaign.id or 0)
    most = campaign.way.most("user_list")
    for _variant, group in groupby(rows, key=lambda row: row[1] if row[1] in own else None):
        yield from (list(some) for some in pieces([task or 0 for task, _branch in group], most))


def accepted(session: Session, row: Outbox, jobid: str, moment_id: str, now: datetime) -> None:
    """The platform took it: what becomes of the job is read back."""
    _keep(session, row, int(row.payload["part"]), jobid, moment_id, now)


def accepted_again(session: Session, row: Outbox, jobid: str, now: datetime) -> None:
    """The platform took a second copy: it is read back only to be taken back, and is for nobody."""
    _keep(session, row, -1 - int(row.payload["part"]), jobid, "", now)


def _keep(session: Session, row: Outbox, part: int, jobid: str, moment_id: str, now: datetime) -> None:
    values = {
        "campaign_id": row.campaign_id,
        "part": part,
        "first_task": int(row.payload["first"]) if part >= 0 else 0,
        "last_task": int(row.payload["last"]) if part >= 0 else 0,
        "jobid": jobid,
        "moment_id": moment_id,
        "created_at": now,
        "poll_at": now,
    }
    insert_once(session, MomentJob, {**defaults(MomentJob), **values}, key=("campaign_id", "part"))


def failed(session: Session, campaign_id: int, first: int, last: int, words: str) -> None:
    """There will be no post: its guides have nothing to publish."""
    mine = col(Task.campaign_id) == campaign_id, col(Task.id).between(first, last), col(Task.skipped) == ""
    session.execute(update(Task).where(*mine, col(Task.ready_at).is_(None)).values(skipped=words))


def senders(session: Session, campaign_id: int, first: int, last: int) -> list[str]:
    """Userids of the guides whose tasks are meant, in the order of the tasks."""
    query = select(Guide.userid).join(Task, col(Task.guide_id) == col(Guide.id))
    mine = Task.campaign_id == campaign_id, col(Task.id).between(first, last), Task.skipped == ""
    return list(session.exec(query.where(*mine).order_by(col(Task.id))))


# ---- the post and its guides


def due(session: Session, now: datetime, limit: int) -> list[MomentJob]:
    """Jobs that should be looked at now."""
    open_ = col(MomentJob.settled_at).is_(None), col(MomentJob.poll_at) <= now
    return list(session.exec(select(MomentJob).where(*open_).order_by(col(MomentJob.poll_at)).limit(limit)))


def again(job: MomentJob, now: datetime, *, demo: bool) -> datetime:
    """When it is looked at next."""
    age = (now - job.created_at).total_seconds()
    seconds = next((wait for limit, wait in AGES if age < limit), SLOWEST)
    return now + timedelta(seconds=IN_DEMO if demo else seconds)


def later(session: Session, job_id: int, at: datetime) -> None:
    """Nothing more is known yet."""
    session.get_one(MomentJob, job_id).poll_at = at


def look_now(session: Session, campaign: Campaign, now: datetime) -> int:
    """HQ does not want to wait; of how many guides something may still be news."""
    mine = col(MomentJob.campaign_id) == campaign.id, col(MomentJob.settled_at).is_(None)
    session.execute(update(MomentJob).where(*mine).values(poll_at=now))
    published = col(Task.confirmed_at).is_not(None), col(Task.settled_at).is_(None)
    posts = update(Task).where(col(Task.campaign_id) == campaign.id, *published).values(poll_at=now)
    looked_at = rows_changed(session, posts)
    if not count(session, MomentJob, *mine):
        return looked_at
    waiting = Task.campaign_id == campaign.id, Task.skipped == "", col(Task.confirmed_at).is_(None)
    return looked_at + count(session, Task, *waiting)


def gone(session: Session, job_id: int, words: str, now: datetime) -> None:
    """The job ended without a post."""
    job = session.get_one(MomentJob, job_id)
    job.reason, job.settled_at = words, now
    failed(session, job.campaign_id, job.first_task, job.last_task, words)


def made(session: Session, job_id: int, moment_id: str, refused: Collection[str], now: datetime) -> None:
    """The post exists, for all of its guides but these."""
    job = session.get_one(MomentJob, job_id)
    job.moment_id, job.poll_at = moment_id, now
    for task in _tasks_of(session, job, refused, col(Task.ready_at).is_(None)):
        task.skipped = NOT_HERS
    campaign = session.get_one(Campaign, job.campaign_id)
    if campaign.over or job.part < 0:
        take_back_post(session, job, now)


def tell(session: Session, job_id: int, now: datetime, zone: ZoneInfo) -> int:
    """The next guides get the post on their cards; how many. None once the campaign is over."""
    job = session.get_one(MomentJob, job_id)
    campaign = session.get_one(Campaign, job.campaign_id)
    waiting = select(Task).where(*_mine(job), col(Task.ready_at).is_(None)).limit(TOLD_AT_ONCE)
    tasks = [] if campaign.over else list(session.exec(waiting))
    for task in tasks:
        task.ready_at = now
        cards.show(session, task, now, zone, since=job.created_at)
    if not tasks:
        job.told_at = job.told_at or now
    return len(tasks)


def published(session: Session, job_id: int, userids: Collection[str], now: datetime) -> int:
    """The platform says that these guides have published it; for how many that is news. It does not say when."""
    job = session.get_one(MomentJob, job_id)
    news = 0
    for task in _tasks_of(session, job, userids, col(Task.confirmed_at).is_(None)):
        task.ready_at, task.poll_at = task.ready_at or now, now
        news += cards.confirm(session, task, now, now)
    return news


def looked(session: Session, job_id: int, now: datetime, *, demo: bool) -> None:
    """Its list was read: when again, or never."""
    job = session.get_one(MomentJob, job_id)
    campaign = session.get_one(Campaign, job.campaign_id)
    job.poll_at = again(job, now, demo=demo)
    over = campaign.closed_at is not None and now - campaign.closed_at > LAST_LOOK
    if over or not count(session, Task, *_mine(job), col(Task.confirmed_at).is_(None)):
        job.settled_at = now


def _tasks_of(
    session: Session, job: MomentJob, userids: Collection[str], *tasks: ColumnElement[bool]
) -> list[Task]:
    """Those of its tasks that belong to these guides, however the platform writes their userids."""
    names = {one.lower() for one in userids}
    if not names:
        return []
    found = select(Task, Guide.userid).join(Guide, col(Guide.id) == col(Task.guide_id))
    return [task for task, name in session.exec(found.where(*_mine(job), *tasks)) if name.lower() in names]


def _mine(job: MomentJob) -> tuple[ColumnElement[bool], ...]:
    """Its tasks that have something to publish."""
    return (
        col(Task.campaign_id) == job.campaign_id,
        col(Task.id).between(job.first_task, job.last_task),
        col(Task.skipped) == "",
    )


# ---- who sees it


@dataclass(frozen=True)
class PostLook:
    """One guide's published copy, of which more should be read."""

    task_id: int
    userid: str
    moment_id: str
    confirmed_at: datetime


def posts_due(session: Session, now: datetime, limit: int) -> list[PostLook]:
    """Published copies whose viewers, likes and comments should be read now."""
    query = (
        select(col(Task.id), Guide.userid, MomentJob.moment_id, col(Task.confirmed_at))
        .join(MomentJob, col(MomentJob.campaign_id) == col(Task.campaign_id))
        .join(Guide, col(Guide.id) == col(Task.guide_id))
        .where(
            col(Task.id).between(MomentJob.first_task, MomentJob.last_task),
            col(Task.confirmed_at).is_not(None),
            col(Task.settled_at).is_(None),
            col(Task.poll_at) <= now,
            MomentJob.moment_id != "",
        )
        .order_by(col(Task.poll_at), col(Task.id))
        .limit(limit)
    )
    return [
        PostLook(task_id or 0, userid, moment_id, confirmed_at or now)
        for task_id, userid, moment_id, confirmed_at in session.exec(query)
    ]


def heard(session: Session, task_id: int, likes: int, comments: int) -> None:
    """How often her copy was liked and commented on; the platform does not tell what was written."""
    task = session.get_one(Task, task_id)
    task.likes, task.comments = likes, comments


# ---- taking it back


def take_back(session: Session, campaign: Campaign, now: datetime) -> None:
    """Who has not published cannot any more; again is harmless. A post in the making follows when it is made."""
    for job in session.exec(select(MomentJob).where(MomentJob.campaign_id == campaign.id)):
        if job.moment_id:
            take_back_post(session, job, now)


def take_back_post(session: Session, job: MomentJob, now: datetime) -> None:
    outbox.put(
        session,
        MOMENT_CANCEL,
        f"moment_cancel:{job.moment_id}",
        now=now,
        campaign_id=job.campaign_id,
        target=Sentence("还没发表的导购"),
        why=Sentence("活动结束，撤下没发的"),
        payload={"moment_id": job.moment_id},
    )


def being_taken_back(session: Session, campaign: Campaign) -> bool:
    """Whether a guide may still be able to publish a post of this ended campaign."""
    jobs = session.exec(select(MomentJob).where(MomentJob.campaign_id == campaign.id)).all()
    sent = select(Outbox.key).where(Outbox.channel == MOMENT_CANCEL, Outbox.status == OutboxStatus.SENT)
    gone_ = set(session.exec(sent.where(Outbox.campaign_id == campaign.id)))
    return any(not job.reason and f"moment_cancel:{job.moment_id}" not in gone_ for job in jobs)
