"""What a restore held goes on only when HQ says so."""

from datetime import timedelta

from sqlmodel import select

from models import restored
from models.campaigns import Campaign, announcement_launch, announcements
from models.campaigns.announcements import Announcement, AnnouncementStatus
from tests import cast
from tests.cast import NOW


def test_hq_lets_a_launch_that_was_under_way_go_on_with_the_groups_that_are_left(database):
    begun, later = NOW - timedelta(minutes=90), NOW + timedelta(minutes=20)
    with database.write() as session:
        done, left = (cast.internal_group(session, name).id for name in ("一店内部群", "二店内部群"))
        planned = {"groups": [done, left], "launch_at": begun, "launched_at": begun, "created_at": begun}
        number = cast.add(session, Announcement(title="初雪", text="今晚有雪", **planned)).id
        session.add(announcements.AnnouncementGroup(announcement_id=number, group_id=done))
        restored.hold(session, later)
    with database.write() as session:
        announcements.resume(session, session.get_one(Announcement, number), "周岚", later)
    assert announcement_launch.launch_due(database, later) == [number]
    with database.read() as session:
        assert session.get_one(Announcement, number).status == AnnouncementStatus.LAUNCHED
        shares = session.exec(select(announcements.AnnouncementGroup.group_id).order_by("id"))
        assert list(shares) == [done, left]


def test_a_reminder_that_hq_asked_for_before_the_backup_is_not_sent_when_the_campaign_goes_on(database):
    with database.write() as session:
        made = Campaign(name="初雪", status="running", launch_at=NOW, ends_at=NOW, created_at=NOW)
        session.add(made)
        made.reminding = True
        restored.hold(session, NOW)
        session.refresh(made)
        assert not made.reminding
