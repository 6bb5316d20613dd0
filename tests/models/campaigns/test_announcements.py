"""Announcements beside the platform: a stop in the middle, verbs that make no sense, what became of each group."""

import pytest
from sqlmodel import select

from models.campaigns import announcement_launch, announcements
from models.campaigns.announcements import Announcement, AnnouncementGroup, AnnouncementStatus
from models.errors import Refused
from models.groups import Group, GroupKind
from models.groups.robots import Robot
from models.ledger.outbox import Outbox
from tests import cast
from tests.cast import NOW


@pytest.fixture
def groups(sqlite_database):
    """Three internal groups with a robot each, and a customer group of 王芳."""
    with sqlite_database.write() as session:
        people = cast.play(session)
        inside = [cast.internal_group(session, f"店内群 {number}") for number in range(3)]
        session.add_all(
            Robot(group_id=one.id, encrypted_key="x", key_hash=one.chat_id, created_at=NOW) for one in inside
        )
        return [*inside, cast.customer_group(session, people.wang, "wrVIP")]


@pytest.fixture
def number(sqlite_database, groups):
    with sqlite_database.write() as session:
        return announcements.plan(
            session,
            title="初雪",
            text="今晚有雪",
            groups=[one.id for one in groups],
            launch_at=NOW,
            now=NOW,
            who="周岚",
        ).id


@pytest.fixture
def do(sqlite_database, number):
    def verb(change, *args):
        with sqlite_database.write() as session:
            return change(session, session.get_one(Announcement, number), *args)

    return verb


def test_a_stop_in_the_middle_of_the_fan_out_halts_it_F14(sqlite_database, number, do, monkeypatch):
    monkeypatch.setattr(announcement_launch, "GROUPS_AT_ONCE", 1)
    said = []

    def stop(_offers):  # right after the first group's commit
        sqlite_database.offer = None
        said.append(do(announcements.cancel, "周岚", NOW))

    sqlite_database.offer = stop
    assert announcement_launch.launch_due(sqlite_database, NOW) == []
    assert said == ["周岚 停止，撤下 1 件；0 个群的已经交给平台，收不回来"]
    with sqlite_database.read() as session:
        assert [row.status for row in session.exec(select(Outbox))] == ["cancelled"]
        states = announcements.states(session, session.get_one(Announcement, number))
    assert [state.words for state in states] == ["周岚 停止了公告", *["没有发出"] * 3]


def test_a_group_that_changed_hands_during_a_killed_launch_is_still_asked_of_its_new_owner(
    sqlite_database, number, groups
):
    """王芳 has her call already when the process dies; then she takes over one more group of the same announcement."""
    assert announcement_launch.launch_due(sqlite_database, NOW) == [number]
    with sqlite_database.write() as session:
        owner = session.get_one(Group, groups[3].id).owner_id
        late = cast.add(
            session,
            Group(chat_id="wrNEW", kind=GroupKind.CUSTOMER, name="新客群", owner_id=owner, created_at=NOW),
        )
        unfinished = session.get_one(Announcement, number)
        unfinished.groups, unfinished.status = [*unfinished.groups, late.id], AnnouncementStatus.SCHEDULED
    assert announcement_launch.launch_due(sqlite_database, NOW) == [number]
    with sqlite_database.read() as session:
        asked = [
            row.payload["chats"] for row in session.exec(select(Outbox).where(Outbox.channel == "group_mass"))
        ]
    assert asked == [["wrVIP"], ["wrNEW"]]


def test_stopping_twice_changes_nothing(do):
    first = do(announcements.cancel, "周岚", NOW)
    assert do(announcements.cancel, "陈默", NOW) == first


def test_only_what_waits_for_hq_can_be_sent_late(do):
    with pytest.raises(Refused, match="没有在等"):
        do(announcements.resume, "周岚", NOW)
    do(lambda _session, one: setattr(one, "status", AnnouncementStatus.WAITING))
    assert do(announcements.resume, "周岚", NOW) == "现在补发"
    do(announcements.cancel, "周岚", NOW)
    with pytest.raises(Refused, match="没有在等"):
        do(announcements.resume, "周岚", NOW)


def test_a_stopped_announcement_does_not_start(sqlite_database, number, do):
    do(announcements.cancel, "周岚", NOW)
    assert announcement_launch.launch_due(sqlite_database, NOW) == []
    with sqlite_database.read() as session:
        assert session.get_one(Announcement, number).status == AnnouncementStatus.CANCELLED
        assert session.exec(select(Outbox)).all() == []


@pytest.mark.parametrize(
    ("fields", "state", "words"),
    [
        ({}, "queued", "排队中"),
        ({"ready_at": NOW}, "waiting", "等群主在群发助手点一次发送"),
        ({"ready_at": NOW, "confirmed_at": NOW}, "sent", "群主已在群发助手确认"),
        ({"ready_at": NOW, "confirmed_at": NOW, "result": 1}, "sent", "群主已在群发助手确认"),
        ({"ready_at": NOW, "confirmed_at": NOW, "result": 2}, "not_sent", "群已不在群主名下"),
        ({"ready_at": NOW, "confirmed_at": NOW, "result": 3}, "not_sent", "这个群这个周期的群发已收满"),
        ({"skipped": "群已解散"}, "not_sent", "群已解散"),
    ],
)
def test_what_became_of_a_customer_group_is_said_as_far_as_it_is_known(
    sqlite_database, groups, number, fields, state, words
):
    with sqlite_database.write() as session:
        session.add(AnnouncementGroup(announcement_id=number, group_id=groups[3].id, way="owner", **fields))
        session.flush()
        found = announcements.states(session, session.get_one(Announcement, number))[3]
    assert (found.group.name, found.state, found.words) == ("会员群", state, words)
