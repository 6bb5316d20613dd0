"""The clockwork: fires the plans of JOBS, each due run once, in whichever process leads."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from models import job_runs
from models.sentences import Sentence
from scheduler.queue import Queue
from scheduler.queue.crash_points import crash_point
from scheduler.runtime import Runtime
from scheduler.timetable.leader import Leader, leader_of
from scheduler.timetable.plan import Plan

THREADS = 6
WATCH_SECONDS = 5.0
WISH_SECONDS = 2
"""How soon a run begins that a person asked for in the console."""
ABANDONED = timedelta(minutes=15)
"""A run that has not ended for so long is taken over; the process that lost the lead may still be at it before."""
LONG = timedelta(minutes=1)
"""A plan that is due again while it has been at work for so long gets a line in the log, once."""
LOOK_MINUTES = 10
JUMP_SECONDS = 30.0
"""When the wall clock moved so much more or less than the seconds that passed, it was set."""

log = logging.getLogger("onetap.timetable")
overlaps = logging.getLogger("onetap.timetable.overlaps")
overlaps.setLevel(logging.ERROR)
"""APScheduler's: it would warn of each due time that falls into a run of the same plan, which does the work of both."""


class Timetable:
    """APScheduler only says when; the row (plan, due_at) decides that a run happens once."""

    def __init__(self, runtime: Runtime, plans: Sequence[Plan], leader: Leader) -> None:
        self.runtime, self.plans, self.leader = runtime, plans, leader
        self._led = False
        self._since: dict[str, datetime] = {}
        """Plans at work in this process, and when each began."""
        self._at_work: set[int] = set()
        """Runs that this process is still at: they did not die."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._mind_the_clock, name="clock-watch", daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone=runtime.zone,
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1},
            logger=overlaps,
        )
        self._scheduler.add_listener(self._still_at_it, EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        for plan in self.plans:
            self._scheduler.add_job(
                self.fire,
                plan.trigger(self.runtime.zone),
                args=[plan],
                id=plan.name,
                name=plan.label,
                misfire_grace_time=plan.grace,
            )
        self._scheduler.add_job(self._look, id="first")
        self._scheduler.add_job(self._look, "interval", minutes=LOOK_MINUTES, id="look")
        self._scheduler.add_job(
            self.answer_wishes, "interval", seconds=WISH_SECONDS, id="wishes", misfire_grace_time=None
        )
        self._scheduler.start()
        self._watch.start()

    def stop(self, seconds: float = 20.0) -> None:
        """No new runs; what runs may end within `seconds`."""
        self._stop.set()
        ending = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        ending.start()
        ending.join(seconds)
        self._watch.join(1.0)
        self.leader.resign()

    def fire(self, plan: Plan) -> bool:
        """One due time. False when another process leads, or somebody already has this run."""
        try:
            if not self._leads():
                return False
            now = self.runtime.clock()
            return self._run(plan, plan.last_due(now, self.runtime.zone), now)
        except SQLAlchemyError as error:
            log.warning("plan %s: the database did not answer (%s)", plan.name, type(error).__name__)
            return False

    def answer_wishes(self) -> int:
        """Run what people asked for, one after the other; how many."""
        try:
            if not self._leads():
                return 0
            with self.runtime.db.read() as session:
                wanted = job_runs.asked(session)
            return sum(self._run_asked(plan) for plan in self.plans if plan.name in wanted)
        except SQLAlchemyError as error:
            log.warning("what people asked for waits: the database did not answer (%s)", type(error).__name__)
            return 0

    def _run_asked(self, plan: Plan) -> bool:
        now = self.runtime.clock()
        run_id = self.runtime.db.run(lambda session: job_runs.start_asked(session, plan.name, now))
        if run_id is None:
            return False
        self._work(plan, run_id, now)
        return True

    def catch_up(self) -> None:
        """After a stop: run what was missed and may still run, once each, and write down what may not any more."""
        now = self.runtime.clock()
        with self.runtime.db.read() as session:
            newest = job_runs.last_runs(session)
        for plan in self.plans:
            if plan.daily:
                self._catch_up(plan, newest.get(plan.name), now)

    def _catch_up(self, plan: Plan, last: job_runs.JobRun | None, now: datetime) -> None:
        due, db = plan.last_due(now, self.runtime.zone), self.runtime.db
        if last is not None and last.due_at >= due:
            if last.due_at == due and last.ended_at is None:
                self._take_over(plan, last, now)
            return
        if last is None or now - due <= timedelta(seconds=plan.grace):
            self._run(plan, due, now)
            return
        words = Sentence("当时没有在运行，过了 {grace} 分钟的宽限，没有补", grace=plan.grace // 60)
        db.run(lambda session: job_runs.miss(session, plan.name, due, now, words))

    def _take_over(self, plan: Plan, last: job_runs.JobRun, now: datetime) -> None:
        """Do a run again whose process died in the middle; one that somebody may still be at is left alone."""
        run_id, db = last.id or 0, self.runtime.db
        dead = run_id not in self._at_work and (self.leader.alone or now - last.started_at > ABANDONED)
        if dead and db.run(lambda session: job_runs.take_over(session, run_id, last.started_at, now)):
            self._work(plan, run_id, now)

    def _run(self, plan: Plan, due: datetime, now: datetime) -> bool:
        run_id = self.runtime.db.run(lambda session: job_runs.start_run(session, plan.name, due, now))
        if run_id is None:
            return False
        crash_point("run_claimed")
        self._work(plan, run_id, now)
        return True

    def _work(self, plan: Plan, run_id: int, now: datetime) -> None:
        """The job runner: whatever a job stumbles over stays in its row."""
        failed = False
        self._at_work.add(run_id)
        self._since[plan.name] = now
        try:
            words = plan.run(self.runtime, now)
        except Exception as error:
            log.exception("plan %s, run %s: %s", plan.name, run_id, type(error).__name__)
            words, failed = f"{type(error).__name__}: {error}".split("\n")[0], True
        finally:
            self._since.pop(plan.name, None)
        ended = self.runtime.clock()
        try:
            self.runtime.db.run(
                lambda session: job_runs.end_run(session, run_id, ended, words, failed=failed)
            )
        finally:
            self._at_work.discard(run_id)

    def _still_at_it(self, event: JobSubmissionEvent) -> None:
        began = self._since.get(event.job_id)
        if began is not None and self.runtime.clock() - began > LONG:
            self._since.pop(event.job_id, None)
            log.warning("plan %s is due again and still at work since %s", event.job_id, began)

    # ---- leading, and the clock

    def _look(self) -> None:
        """At the start, and now and then: is there a run that nobody made?"""
        try:
            if self._leads():
                self.catch_up()
        except SQLAlchemyError as error:
            log.warning("the timetable could not look at what it missed: %s", type(error).__name__)

    def _leads(self) -> bool:
        """Asked before every run; whoever begins to lead looks first at what was missed meanwhile."""
        leads = self.leader.leads()
        with self._lock:
            begins, self._led = leads and not self._led, leads
        if begins:
            log.info("this process leads the timetable")
            self.catch_up()
        return leads

    def _mind_the_clock(self) -> None:
        """APScheduler waits for a time of day: after the clock was set back it would wait for hours."""
        before = time.time() - time.monotonic()
        while not self._stop.wait(WATCH_SECONDS):
            drift = time.time() - time.monotonic()
            if abs(drift - before) > JUMP_SECONDS:
                log.warning("the clock was set by %.0f s: the timetable is laid out anew", drift - before)
                self.lay_out()
            before = drift

    def lay_out(self) -> None:
        """Compute every plan's next time from now, and when to look and to answer wishes next."""
        for plan in self.plans:
            self._scheduler.reschedule_job(plan.name, trigger=plan.trigger(self.runtime.zone))
        self._scheduler.reschedule_job("look", trigger="interval", minutes=LOOK_MINUTES)
        self._scheduler.reschedule_job("wishes", trigger="interval", seconds=WISH_SECONDS)


def start(runtime: Runtime, queue: Queue, plans: Sequence[Plan]) -> Timetable:
    """Start the timetable. Jobs only write rows; `queue` is told of them after each commit, through the database's offer."""
    if runtime.db.offer is None:
        runtime.db.offer = queue.offer
    clockwork = Timetable(runtime, plans, leader_of(runtime.db))
    clockwork.start()
    return clockwork
