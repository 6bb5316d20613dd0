"""What happens because time passed. Jobs change nouns and write rows; none of them calls the platform to send."""

from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session, func, select

from models import job_runs, preferences
from models.accounts import expiry
from models.campaigns import announcement_launch, recurrence
from models.campaigns.launch import launch_due
from models.db import PIECE
from models.friends import entry_codes, missing_codes, shown_codes
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.ledger import closed_windows, inbox, outbox
from models.org import shifts, uploads
from scheduler.channels.contact_way import payload_of
from scheduler.runtime import Runtime
from scheduler.timetable.plan import said

CODES_AT_ONCE = 100
PICTURES_AT_ONCE = 20
IDLE_RUNS_DAYS = 1
POSTER_DAYS = 30
"""A poster that nobody asked for in so long is drawn again when it is wanted."""


def launch(runtime: Runtime, now: datetime) -> str:
    """Start the campaigns and announcements whose time has come."""
    _coalesce(runtime, now)
    started = launch_due(runtime.db, now, runtime.zone)
    announced = announcement_launch.launch_due(runtime.db, now)
    return said(("开始活动", len(started)), ("发出公告", len(announced)))


def _coalesce(runtime: Runtime, now: datetime) -> None:
    """Of several times of one series that were missed only the newest starts (E02)."""
    with runtime.db.read() as session:
        older = recurrence.overdue(session, now)
    for campaign_id in older:
        runtime.db.run(partial(recurrence.coalesce, campaign_id=campaign_id, now=now))


def make_series(runtime: Runtime, now: datetime) -> str:
    """Make the campaigns of series whose time comes within a week."""
    with runtime.db.read() as session:
        wanted = {one.id or 0: recurrence.to_make(session, one, now) for one in recurrence.live(session)}
    made = [
        runtime.db.run(partial(recurrence.make, series_id=number, times=times, now=now))
        for number, times in wanted.items()
        if times
    ]
    return said(("建重复的活动", sum(made)))


def make_codes(runtime: Runtime, now: datetime) -> str:
    """Ask for the codes of guides who have none, and read the pictures that could not be read before."""
    asked = runtime.db.run(lambda session: missing_codes.make(session, now, CODES_AT_ONCE))
    return said(("申请入口码", asked), ("读出二维码", _read_pictures(runtime, now)))


def _read_pictures(runtime: Runtime, now: datetime) -> int:
    query = select(EntryCode).where(
        EntryCode.status == EntryCodeStatus.WAITING, EntryCode.payload == "", EntryCode.picture_url != ""
    )
    with runtime.db.read() as session:
        # by chance: some that nobody can read must not stand before the others for ever
        unread = list(session.exec(query.order_by(func.random()).limit(PICTURES_AT_ONCE)))
    read = 0
    for code in unread:
        payload = payload_of(runtime, code.picture_url)
        if payload:
            _ready(runtime, code.id or 0, payload, now)
            read += 1
    return read


def _ready(runtime: Runtime, code_id: int, payload: str, now: datetime) -> None:
    def write(session: Session) -> None:
        code = session.get_one(EntryCode, code_id)
        entry_codes.ready(session, code, code.config_id, code.picture_url, payload, now)

    runtime.db.run(write)


def forget_windows(runtime: Runtime, now: datetime) -> str:
    """Forget closed windows that have ended."""
    runtime.db.run(lambda session: closed_windows.forget_windows(session, now))
    return ""


def prune(runtime: Runtime, now: datetime) -> str:
    """Forget what the brand keeps no longer: bodies of callbacks, rows of both boxes, drawn posters, old runs of jobs."""
    with runtime.db.read() as session:
        kept = preferences.read(session)
    bodies, ledger = now - timedelta(days=kept.keep_bodies_days), now - timedelta(days=kept.keep_ledger_days)
    idle = now - timedelta(days=IDLE_RUNS_DAYS)
    runtime.db.run(lambda session: expiry.forget_old(session, now))
    runtime.db.run(lambda session: uploads.forget_old(session, now))
    return said(
        ("清空回调原文", runtime.db.run_in_pieces(lambda session: inbox.forget_bodies(session, bodies))),
        ("清掉回调", runtime.db.run_in_pieces(lambda session: inbox.prune(session, ledger))),
        ("清掉投递", runtime.db.run_in_pieces(lambda session: outbox.prune(session, ledger))),
        (
            "清掉排班",
            runtime.db.run_in_pieces(lambda session: shifts.prune(session, ledger.date(), PIECE)),
        ),
        (
            "清掉找店页给过的码",
            runtime.db.run_in_pieces(lambda session: shown_codes.prune(session, ledger, PIECE)),
        ),
        ("清掉海报", runtime.shelf.sweep(now - timedelta(days=POSTER_DAYS))),
        (
            "清掉时间表",
            runtime.db.run_in_pieces(lambda session: job_runs.prune(session, idle, ledger, PIECE)),
        ),
    )
