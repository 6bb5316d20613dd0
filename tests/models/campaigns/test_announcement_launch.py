"""An announcement starts in time, once, and goes on where it was killed."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import announcement_launch, announcements
from models.campaigns.announcements import Announcement, AnnouncementStatus
from models.groups import Group, GroupKind
from models.groups.robots import Robot
from models.ledger import lease
from models.ledger.outbox import Outbox
from models.org import Guide
from scheduler import jobs
from scheduler.channels import SENDERS
from scheduler.queue.delivery import Attempt
from tests.models.campaigns.announced import plan, read, states
from tests.models.campaigns.test_announcements_delivered import ADD


def test_dismissed_groups_and_missing_owners_are_said_and_the_others_go_on_F09(stage, groups):
    """Known before the start."""
    inside, outside = groups
    with stage.db.write() as session:
        gone = Group(
            chat_id="wrGONE", kind=GroupKind.INTERNAL, name="已散", status="dismissed", created_at=stage.now
        )
        bare = Group(chat_id="wrBARE", kind=GroupKind.INTERNAL, name="没有机器人", created_at=stage.now)
        session.add_all([gone, bare])
        session.get_one(Guide, stage.people.zhou.id).leave("change_contact", stage.now)
    number = plan(stage, gone, bare, outside, inside)
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    assert [words for _, _, words in states(stage, number)] == [
        "群已解散",
        announcement_launch.NO_ROBOT,
        announcement_launch.NO_OWNER,
        "机器人已发出",
    ]
    assert len(stage.arrived("robot")) == 1 and stage.calls(ADD) == []


def test_a_late_announcement_asks_hq_instead_of_leaving_E01(stage, groups):
    number = plan(stage, *groups)
    stage.advance(minutes=40)
    jobs.launch(stage.runtime, stage.now)
    late = read(stage, number)
    assert (
        late.status == AnnouncementStatus.WAITING
        and "已晚 40 分钟" in late.status_words
        and stage.rows() == []
    )
    with stage.db.write() as session:
        announcements.resume(session, session.get_one(Announcement, number), "周岚", stage.now)
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    assert len(stage.arrived("robot")) == 1


def test_a_stop_before_the_start_sends_nothing_and_after_it_counts_what_went_E06(stage, groups):
    before, after = plan(stage, *groups, launch_at=stage.now + timedelta(hours=1)), plan(stage, *groups)
    jobs.launch(stage.runtime, stage.now)
    with stage.db.write() as session:
        assert "0 个群的已经交给平台" in announcements.cancel(
            session, session.get_one(Announcement, before), "周岚", stage.now
        )
        words = announcements.cancel(session, session.get_one(Announcement, after), "周岚", stage.now)
    assert words == "周岚 停止，撤下 2 件；0 个群的已经交给平台，收不回来"
    stage.advance(hours=2)
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    assert stage.arrived("robot") == [] and read(stage, after).status == AnnouncementStatus.CANCELLED
    assert states(stage, before)[0][1] == "cancelled"


def test_a_killed_launch_goes_on_with_the_groups_that_are_left_H10(stage, groups):
    """Per-group rows, each once."""
    with stage.db.write() as session:
        more = [
            Group(chat_id=f"wr{number}", kind=GroupKind.INTERNAL, name=f"群{number}", created_at=stage.now)
            for number in range(120)
        ]
        session.add_all(more)
        session.flush()
        session.add_all(
            Robot(
                group_id=group.id,
                name="r",
                encrypted_key="x",
                key_hash=f"hash{group.id}",
                created_at=stage.now,
            )
            for group in more
        )
    number = plan(stage, *more)

    def killed_after_the_first_commit(offers):
        stage.db.offer = None
        raise KeyboardInterrupt

    stage.db.offer = killed_after_the_first_commit
    with pytest.raises(KeyboardInterrupt):
        announcement_launch.launch_due(stage.db, stage.now)
    with stage.db.read() as session:
        assert len(session.exec(select(Outbox)).all()) == 50
    stage.advance(minutes=50)
    assert announcement_launch.launch_due(stage.db, stage.now) == [number]
    with stage.db.read() as session:
        rows = session.exec(select(Outbox.group_id)).all()
    assert len(rows) == 120 and len(set(rows)) == 120


def test_what_is_on_its_way_while_hq_stops_stays_here_and_what_lands_is_taken_back_F14(stage, groups):
    """A process had both calls in its hands; the owner's task was made at the platform, and not told to us yet."""
    number = plan(stage, *groups)
    jobs.launch(stage.runtime, stage.now)
    attempts = {}
    with stage.db.write() as session:
        for row in stage.rows():
            frozen = lease.claim(session, row.id, stage.now)
            draft = SENDERS[row.channel].build(stage.runtime, session, frozen, stage.now)
            lease.write_request(session, frozen, draft.request, stage.now, draft.notes)
            attempts[row.channel] = Attempt(stage.runtime, frozen, repeated=False)
        announcements.cancel(session, session.get_one(Announcement, number), "周岚", stage.now)
    attempts["robot"].go()
    owners = attempts["group_mass"]
    owners.land(stage.world.call(ADD, owners.row.request))
    stage.work()
    assert stage.arrived("robot") == stage.arrived("notice") == []
    assert [row["cancelled"] is None for row in stage.world.state()["mass_tasks"]] == [False]
