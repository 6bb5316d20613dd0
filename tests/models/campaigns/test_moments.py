"""One call for all guides of a Moments campaign, and what is written down of its job."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import Campaign, Task, TaskAudience, funnel, moments, recipient_ledger
from models.campaigns.moments import MomentJob
from models.ledger.outbox import Outbox
from tests import cast
from tests.cast import NOW, WANG, ZHAO


@pytest.fixture
def posts(sqlite_database):
    """A Moments campaign of 王芳, 赵倩 and 周梅, of whom 周梅 has nothing to publish; its id."""
    with sqlite_database.write() as session:
        people = cast.play(session)
        plan = cast.campaign(session, channel="moment", text="小雪到了")
        for guide, skipped in ((people.wang, ""), (people.zhao, ""), (people.zhou, "没有好友")):
            cast.task(session, plan, guide, msgid="", ready_at=None, skipped=skipped)
        moments.call(session, plan, NOW)
        return plan.id


def test_its_customers_wait_where_the_guides_publish_and_not_in_the_mass_assistant(sqlite_database, posts):
    with sqlite_database.write() as session:
        plan = session.get_one(Campaign, posts)
        wang, zhao, zhou = session.exec(select(Task).order_by(Task.id))
        for one in (wang, zhao):
            one.ready_at = NOW if one is wang else None
            session.add(TaskAudience(task_id=one.id, members=cast.customers(session, f"wm{one.id}")))
            one.customer_count = 1
        zhou.customer_count = 0
        session.flush()
        assert {(one.words, one.customers) for one in funnel.funnel(session, posts).reasons} == {
            ("导购还没在客户朋友圈里确认", 1),
            ("还没从平台读到朋友圈任务建好没有", 1),
        }
        words = [one.words for one in recipient_ledger.lines(session, plan, [], None, limit=9, offset=0)]
        assert words == ["导购还没在客户朋友圈里确认", "还没从平台读到朋友圈任务建好没有"]
        share = session.get_one(TaskAudience, wang.id)
        share.reached, wang.reached, wang.confirmed_at = share.members, 1, NOW
        session.flush()
        lines = recipient_ledger.lines(session, plan, [], recipient_ledger.Fate.REACHED, limit=9, offset=0)
        assert [one.words for one in lines] == [recipient_ledger.SEEN], "nobody tells who looked at it"


def row(session) -> Outbox:
    return session.exec(select(Outbox).where(Outbox.channel == "moment")).one()


def test_one_call_names_all_guides_and_is_written_once(sqlite_database, posts):
    with sqlite_database.write() as session:
        moments.call(session, session.get_one(Campaign, posts), NOW)
        call = row(session)
        first, last = call.payload["first"], call.payload["last"]
        assert moments.senders(session, posts, first, last) == [WANG, ZHAO]
        assert call.campaign_id == posts and call.task_id is None


def test_a_second_copy_is_for_nobody_and_is_taken_back(sqlite_database, posts):
    with sqlite_database.write() as session:
        moments.accepted(session, row(session), "job1", "", NOW)
        moments.accepted_again(session, row(session), "job2", NOW)
        first, second = session.exec(select(MomentJob).order_by(MomentJob.id))
        moments.made(session, second.id, "mom2", (), NOW)
        assert moments.tell(session, second.id, NOW, cast.ZONE) == 0
        moments.made(session, first.id, "mom1", (), NOW)
        keys = session.exec(select(Outbox.key).where(Outbox.channel == "moment_cancel")).all()
        assert keys == ["moment_cancel:mom2"]


def test_publishing_is_news_once_and_settles_the_job_when_all_have(sqlite_database, posts):
    with sqlite_database.write() as session:
        moments.accepted(session, row(session), "job1", "", NOW)
        job = session.exec(select(MomentJob)).one()
        moments.made(session, job.id, "mom1", (), NOW)
        assert moments.tell(session, job.id, NOW, cast.ZONE) == 2
        assert [moments.published(session, job.id, ["WangFang"], NOW) for _ in range(2)] == [1, 0]
        moments.looked(session, job.id, NOW, demo=False)
        assert job.settled_at is None and job.poll_at > NOW
        assert moments.published(session, job.id, [ZHAO], NOW) == 1
        moments.looked(session, job.id, NOW, demo=False)
        assert job.settled_at == NOW


def test_a_job_is_looked_at_less_often_with_its_age():
    job = MomentJob(campaign_id=1, first_task=1, last_task=1, created_at=NOW, poll_at=NOW)
    waits = [
        (moments.again(job, NOW + timedelta(seconds=age), demo=False) - NOW).total_seconds() - age
        for age in (0, 100, 3000, 7000, 10**6)
    ]
    assert waits == [5, 60, 180, 600, 1800]


def test_whom_the_platform_refused_reads_why(sqlite_database, posts):
    with sqlite_database.write() as session:
        moments.accepted(session, row(session), "job1", "", NOW)
        job = session.exec(select(MomentJob)).one()
        moments.made(session, job.id, "mom1", [ZHAO.upper()], NOW)
        skipped = session.exec(select(Task.skipped).where(Task.campaign_id == posts).order_by(Task.id)).all()
        assert [bool(one) for one in skipped] == [False, True, True] and skipped[1] == moments.NOT_HERS


def test_hq_may_look_at_once_while_somebody_may_still_publish(sqlite_database, posts):
    with sqlite_database.write() as session:
        plan = session.get_one(Campaign, posts)
        assert moments.look_now(session, plan, NOW) == 0
        moments.accepted(session, row(session), "job1", "", NOW)
        job = session.exec(select(MomentJob)).one()
        moments.later(session, job.id, NOW + timedelta(hours=1))
        session.flush()
        assert moments.look_now(session, plan, NOW) == 2
        session.refresh(job)
        assert job.poll_at == NOW
