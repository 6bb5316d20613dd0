"""A Moments campaign on its way: planned, its job taken and read back, published on a phone."""

from sqlmodel import select

from models.campaigns.moments import MomentJob
from scheduler.jobs.moments import collect_moments

ADD = "externalcontact/add_moment_task"
TEXT = "小雪到了，脚暖一整天都暖。"


def launch(stage, **changes):
    """Planned, launched, the job taken; its campaign."""
    return stage.launch(**{"channel": "moment", "text": TEXT, **changes})


def collect(stage, seconds=4):
    stage.advance(seconds=seconds)
    said = collect_moments(stage.runtime, stage.now)
    stage.work()
    return said


def publish(stage, userid):
    (post, *_) = stage.world.get(f"/phone/guide/{userid}")["moments"]
    return stage.world.post(f"/phone/guide/{userid}/publish", {"moment_id": post["moment_id"]})


def jobs(stage):
    with stage.db.read() as session:
        return list(session.exec(select(MomentJob)))
