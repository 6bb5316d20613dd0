"""How far an announcement is: the database counts what its page says of each group, and the worst is said first."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import Session

from models.campaigns import announcements
from models.campaigns.announcement_progress import (
    LOOKED_BACK,
    AnnouncementProgress,
    AnnouncementStanding,
    not_arrived,
    progress_by_id,
    progress_of,
)
from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.db import Database
from models.groups import Group
from models.ledger.outbox import Outbox
from tests.cast import NOW

ROBOT, OWNER = {"way": "robot"}, {"way": "owner"}
SHARES = (
    (ROBOT | {"skipped": "群里没有可用的机器人"}, None),
    (ROBOT, "queued"),
    (ROBOT, "calling"),
    (ROBOT, "sent"),
    (ROBOT, "not_sent"),
    (ROBOT, "unknown"),
    (OWNER, "queued"),
    (OWNER | {"ready_at": NOW}, "sent"),
    (OWNER | {"ready_at": NOW, "confirmed_at": NOW}, "sent"),
    (OWNER | {"ready_at": NOW, "confirmed_at": NOW, "result": 2}, "sent"),
    (OWNER | {"ready_at": NOW, "result": 3}, "sent"),
)
"""Each way to stand, with the state of its call."""


def launched(session: Session, *shares: tuple[dict, str | None], at=NOW) -> Announcement:
    made = Announcement(
        title="初雪", text="今天开卖", groups=[], status="launched", launch_at=at, created_at=at
    )
    session.add(made)
    session.flush()
    groups = []
    for fields, status in shares:
        number = f"{made.id}-{len(groups)}"
        kind = "customer" if fields["way"] == "owner" else "internal"
        group = Group(chat_id=f"wr{number}", kind=kind, name=number, created_at=NOW)
        call = Outbox(
            key=number, channel="robot", lane="robot", status=status or "sent", due_at=NOW, created_at=NOW
        )
        session.add_all([group, call] if status else [group])
        session.flush()
        session.add(
            AnnouncementGroup(
                announcement_id=made.id, group_id=group.id, outbox_id=call.id if status else None, **fields
            )
        )
        groups.append(group.id)
    made.groups = groups
    session.flush()
    return made


def test_the_database_counts_what_the_page_says_of_each_group(database: Database) -> None:
    with database.write() as session:
        made = launched(session, *SHARES)
        said = Counter(one.state for one in announcements.states(session, made))
        assert progress_by_id(session, [made]) == {made.id: progress_of(said)}
        assert progress_of(said) == AnnouncementProgress(sent=2, failed=4, unknown=1, asked=1, going=3)


@pytest.mark.parametrize(
    ("progress", "standing"),
    [
        (AnnouncementProgress(going=2, sent=1), AnnouncementStanding.GOING),
        (AnnouncementProgress(sent=3), AnnouncementStanding.SENT),
        (AnnouncementProgress(failed=1), AnnouncementStanding.FAILED),
        (AnnouncementProgress(sent=9, failed=1), AnnouncementStanding.PARTLY),
        (AnnouncementProgress(going=9, failed=1), AnnouncementStanding.PARTLY),
        (AnnouncementProgress(sent=1, unknown=1), AnnouncementStanding.UNSURE),
        (AnnouncementProgress(sent=1, asked=1), AnnouncementStanding.ASKED),
    ],
)
def test_nothing_is_called_sent_that_did_not_arrive(progress, standing) -> None:
    assert progress.standing == standing


def test_what_did_not_arrive_waits_for_a_person_for_some_days(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        lost = launched(session, (ROBOT, "not_sent"), (ROBOT, "sent"))
        launched(session, (ROBOT, "sent"))
        everything = Announcement.id != 0
        assert not_arrived(session, everything, NOW) == [(lost, AnnouncementProgress(sent=1, failed=1))]
        assert not not_arrived(session, everything, NOW + LOOKED_BACK + timedelta(seconds=1))
