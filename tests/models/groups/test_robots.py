"""Webhook robots: whose key is whose, where they may not live, and who signed in."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import groups
from models.encryption import Encryption
from models.errors import Refused
from models.groups import Group, GroupKind, Voice, robots
from models.groups.robots import Robot
from models.ledger.outbox import Outbox
from tests import cast
from tests.cast import NOW

KEY = "2e7c1f4a-77aa-4c0e-9d51-0f6a7d1b9c11"
ENCRYPTION = Encryption("test-secret")


@pytest.fixture
def session(database, people):
    with database.write() as session:
        yield session


def test_a_robot_keeps_its_key_encrypted(session):
    group = cast.internal_group(session)
    robot = robots.add(
        session,
        group,
        name="",
        encryption=ENCRYPTION,
        who="周岚",
        now=NOW,
        key=f" https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY} ",
    )
    assert (robot.name, robot.key_tail) == (group.name, "9c11")
    assert KEY not in str(session.exec(select(Robot)).one().model_dump())
    assert ENCRYPTION.decrypt(robot.encrypted_key) == KEY
    assert robots.robot_of(session, group.id) is robot


def test_a_customer_group_cannot_have_one_and_says_what_to_do(session):
    group = groups.met(session, "wrCustomers", GroupKind.CUSTOMER, NOW)
    with pytest.raises(Refused, match="群发助手"):
        robots.add(session, group, name="小霁", key=KEY, encryption=ENCRYPTION, who="周岚", now=NOW)


def test_a_key_serves_one_group(session):
    robots.add(
        session,
        cast.internal_group(session, "甲群"),
        name="小霁",
        key=KEY,
        encryption=ENCRYPTION,
        who="周岚",
        now=NOW,
    )
    with pytest.raises(Refused, match="「甲群」"):
        robots.add(
            session,
            cast.internal_group(session, "乙群"),
            name="小霁",
            key=KEY,
            encryption=ENCRYPTION,
            who="周岚",
            now=NOW,
        )


@pytest.mark.parametrize(
    "key", ["", "abc", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", "a b" * 9, "钥匙" * 9]
)
def test_what_is_not_a_key_is_refused_in_words(session, key):
    with pytest.raises(Refused, match="Webhook"):
        robots.add(
            session,
            cast.internal_group(session),
            name="小霁",
            key=key,
            encryption=ENCRYPTION,
            who="周岚",
            now=NOW,
        )


def test_a_dismissed_group_gets_none(session):
    group = cast.internal_group(session)
    groups.dismissed(session, group.chat_id, NOW)
    with pytest.raises(Refused, match="解散"):
        robots.add(session, group, name="小霁", key=KEY, encryption=ENCRYPTION, who="周岚", now=NOW)


def test_a_disabled_robot_no_longer_announces(session):
    group = cast.internal_group(session)
    robot = robots.add(session, group, name="小霁", key=KEY, encryption=ENCRYPTION, who="周岚", now=NOW)
    robots.died(session, robot, "平台说这个机器人已经不在群里")
    session.flush()
    assert robots.robot_of(session, group.id) is None


def test_a_new_secret_key_takes_over_what_an_older_one_encrypted(session):
    keys = {
        "old": KEY,
        "new": "3f8d2a5b-0000-4000-8000-000000000001",
        "lost": "4a9e3b6c-0000-4000-8000-000000000002",
    }
    for secret, key in keys.items():
        group = cast.internal_group(session, secret)
        robots.add(session, group, name=secret, key=key, encryption=Encryption(secret), who="周岚", now=NOW)
    both = Encryption("new", "old")
    assert robots.secret_keys_used(session, both) == {0: 1, 1: 1, None: 1}
    before = {one.name: one.encrypted_key for one in session.exec(select(Robot))}
    robots.rotate(session, both)
    session.flush()
    after = {one.name: one.encrypted_key for one in session.exec(select(Robot))}
    assert Encryption("new").decrypt(after["old"]) == keys["old"]
    assert (after["new"], after["lost"]) == (before["new"], before["lost"]), "nothing else was touched"


def test_days_are_counted_within_the_month(session):
    days = [
        robots.sign_in(session, cast.WANG, "wr1", NOW + timedelta(days=number), cast.ZONE).days_this_month
        for number in (0, 1, 1, 11, 12)
    ]
    assert days == [1, 2, 2, 3, 1]


def test_a_pasted_key_is_no_working_robot_until_its_first_line_went_through(session):
    group = cast.internal_group(session)
    robot = robots.add(session, group, name="小霁", key=KEY, encryption=ENCRYPTION, who="周岚", now=NOW)
    (line,) = session.exec(select(Outbox).where(Outbox.group_id == group.id)).all()
    assert (robot.status, line.payload) == ("untried", {"text": robots.TEST_LINE, "robot_id": robot.id})
    assert robots.voice(group, robot, None) == Voice.TRYING
    robots.posted(session, robot)
    assert robots.voice(group, robot, None) == Voice.ROBOT


@pytest.mark.parametrize(
    ("status", "voice"),
    [("untried", "trying"), ("active", "robot"), ("dead", "dead"), ("disabled", "silent"), (None, "silent")],
)
def test_an_internal_group_is_as_good_as_its_robot(session, status, voice):
    group = cast.internal_group(session)
    robot = Robot(group_id=group.id, encrypted_key="x", key_hash="x", status=status, created_at=NOW)
    assert robots.voice(group, robot if status else None, None) == voice


def test_an_untried_robot_does_not_take_the_place_of_one_that_works(session):
    group = cast.internal_group(session)
    old = robots.add(
        session, group, name="旧", key=KEY, encryption=ENCRYPTION, who="周岚", now=NOW, tried=True
    )
    key = "3f8d2a5b-0000-4000-8000-000000000001"
    new = robots.add(session, group, name="新", key=key, encryption=ENCRYPTION, who="周岚", now=NOW)
    assert robots.robot_of(session, group.id) is old and robots.shown([new, old]) == {group.id: old}
    robots.died(session, old, "平台说它不在了")
    session.flush()
    assert robots.robot_of(session, group.id) is new and robots.shown([new, old]) == {group.id: new}
    assert not session.exec(select(Group).where(*robots.fallen_silent())).all()
    robots.died(session, new, "平台说它不在了")
    session.flush()
    assert session.exec(select(Group).where(*robots.fallen_silent())).all() == [group]


def test_what_a_person_took_out_is_not_called_dead_afterwards(session):
    group = cast.internal_group(session)
    robot = robots.add(session, group, name="小霁", key=KEY, encryption=ENCRYPTION, who="周岚", now=NOW)
    assert robots.take_out(session, robot, "周岚", NOW) and not robots.take_out(session, robot, "周岚", NOW)
    robots.died(session, robot, "平台说它不在了")
    assert (robot.status, robot.reason) == ("disabled", "周岚 停用")
    session.flush()
    assert not session.exec(select(Group).where(*robots.fallen_silent())).all()
