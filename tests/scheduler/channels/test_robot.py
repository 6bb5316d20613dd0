"""A robot's posts: one group, one key that is shown nowhere, and nothing is said twice."""

import pytest
from sqlmodel import select

from models.groups import Group, GroupKind, robots
from models.groups.robots import Robot
from models.ledger.outbox import Outbox, OutboxStatus
from scheduler.channels import SENDERS
from scheduler.channels.base import NotYet
from scheduler.queue import recovery
from tests import cast
from tests.wecom_world import WEBHOOK


def post(stage, group: int, **payload):
    return stage.deliver(stage.put("robot", group_id=group, payload=payload))


def robot(stage) -> Robot:
    with stage.db.read() as session:
        return session.exec(select(Robot)).one()


def test_a_robot_posts_text_with_mentions_and_markdown(stage):
    group = stage.robot()
    assert post(stage, group, text="今晚有雪", mention=["@all"]).status == OutboxStatus.SENT
    assert post(stage, group, markdown="**今晚有雪**").status == OutboxStatus.SENT
    rows = stage.world.ledger("robot")
    assert [row["what"]["msgtype"] for row in rows] == ["text", "markdown"]
    assert "@all" in str(rows[0]["what"])


def test_the_robots_key_is_in_no_row(stage):
    group = stage.robot()
    row = post(stage, group, text="今晚有雪")
    with stage.db.read() as session:
        key = stage.runtime.encryption.decrypt(session.exec(select(Robot)).one().encrypted_key)
    assert key not in f"{row.request} {row.payload} {row.answer} {row.reason}"


def test_a_robot_that_was_removed_is_disabled_with_words_H11(stage):
    group = stage.robot("99999999-0000-0000-0000-000000000000")
    row = post(stage, group, text="今晚有雪")
    assert (row.status, row.errcode) == (OutboxStatus.NOT_SENT, 93000)
    assert (robot(stage).status, robot(stage).reason) == ("dead", row.reason)
    again = post(stage, group, text="明晚也有雪")
    assert (again.status, "没有可用的机器人" in again.reason) == (OutboxStatus.NOT_SENT, True)
    assert len(stage.calls("webhook/send")) == 1


def replace_robot(stage, group: int) -> None:
    """HQ takes the only robot out of a group and puts another one in."""
    with stage.db.write() as session:
        robots.take_out(session, session.exec(select(Robot)).one(), "周岚", stage.now)
        shop, encryption = session.get_one(Group, group), stage.runtime.encryption
        how = {"encryption": encryption, "who": "周岚", "now": stage.now, "tried": True}
        robots.add(session, shop, name="新的", key=WEBHOOK, **how)


class Slow:
    """Robots, in a shop whose robot is replaced while the first post is out."""

    def __init__(self, stage, group: int) -> None:
        self.stage, self.group, self.robots = stage, group, stage.runtime.robots

    def send(self, key: str, message: dict) -> dict:
        self.stage.runtime.robots = self.robots
        replace_robot(self.stage, self.group)
        return self.robots.send(key, message)


def test_a_dead_robots_late_post_leaves_the_robot_that_replaced_it_alone_H11(stage):
    group = stage.robot("99999999-0000-0000-0000-000000000000")
    stage.runtime.robots = Slow(stage, group)
    late = post(stage, group, text="今晚有雪")
    assert (late.status, late.errcode) == (OutboxStatus.NOT_SENT, 93000)
    with stage.db.read() as session:
        assert dict(session.exec(select(Robot.name, Robot.status)).all()) == {
            "总部播报": "disabled",
            "新的": "active",
        }
    assert post(stage, group, text="明晚也有雪").status == OutboxStatus.SENT
    assert late.request == {"msgtype": "text", "text": {"content": "今晚有雪"}} and late.notes["robot"]


def test_a_robot_that_is_replaced_just_before_a_post_leaves_is_not_used_any_more(stage):
    group = stage.robot("99999999-0000-0000-0000-000000000000")
    row = stage.row(stage.put("robot", group_id=group, payload={"text": "今晚有雪"}))
    robot_sender = SENDERS["robot"]
    with stage.db.read() as session:
        draft = robot_sender.build(stage.runtime, session, row, stage.now)
    row.notes = draft.notes
    replace_robot(stage, group)
    with pytest.raises(NotYet):
        robot_sender.send(stage.runtime, row, draft.request)
    assert stage.calls("webhook/send") == []
    assert stage.deliver(row.id).status == OutboxStatus.SENT


def test_a_robot_over_its_rate_waits_and_the_others_do_not_B02(stage):
    """45009 closes that robot's window, not everybody's."""
    group, other = stage.robot(), stage.robot("88888888-0000-0000-0000-000000000000")
    stage.world.chaos({"api": "webhook/send", "errcode": 45009, "times": 1})
    row = post(stage, group, text="一")
    assert (row.status, row.attempts) == (OutboxStatus.QUEUED, 0)
    assert post(stage, group, text="二").status == OutboxStatus.QUEUED
    assert post(stage, other, text="三").errcode == 93000
    stage.clock.move(seconds=62)
    assert stage.deliver(row.id).status == OutboxStatus.SENT


def test_a_customer_group_takes_no_robot(stage):
    group = stage.robot()
    with stage.db.write() as session:
        session.get_one(Group, group).kind = GroupKind.CUSTOMER
    assert "客户群里不能放机器人" in post(stage, group, text="今晚有雪").reason
    assert stage.calls("webhook/send") == []


def test_a_post_longer_than_a_robot_takes_is_refused_in_bytes(sqlite_stage):
    row = post(sqlite_stage, sqlite_stage.robot(), text="雪" * 700)
    assert row.status == OutboxStatus.NOT_SENT
    assert "字节" in row.reason


def test_a_key_encrypted_with_another_secret_is_said_and_nothing_leaves(sqlite_stage):
    stage = sqlite_stage
    group = stage.robot()
    with stage.db.write() as session:
        session.exec(select(Robot)).one().encrypted_key = "gAAAA-not-ours"
    assert "重新填写" in post(stage, group, text="今晚有雪").reason


def test_a_robots_lost_answer_is_never_repeated(stage):
    group = stage.robot()
    stage.world.chaos({"api": "webhook/send", "reset": "after", "times": 1})
    row = post(stage, group, text="今晚有雪")
    assert row.status == OutboxStatus.UNKNOWN
    stage.clock.move(minutes=5)
    recovery.lapse(stage.runtime, stage.now)
    assert stage.deliver(row.id).status == OutboxStatus.UNKNOWN
    assert len(stage.world.ledger("robot")) == 1


@pytest.mark.parametrize(
    ("key", "status"), [(WEBHOOK, "active"), ("99999999-0000-0000-0000-000000000000", "dead")]
)
def test_a_new_robot_says_a_line_and_is_what_became_of_it(stage, key, status):
    with stage.db.write() as session:
        group = cast.internal_group(session)
        encryption = stage.runtime.encryption
        robots.add(session, group, name="小霁", key=key, encryption=encryption, who="周岚", now=stage.now)
        row = session.exec(select(Outbox.id)).one()
    assert robot(stage).status == "untried"
    stage.deliver(row)
    assert robot(stage).status == status
    said = [one["what"]["text"]["content"] for one in stage.world.ledger("robot")]
    assert said == ([robots.TEST_LINE] if status == "active" else [])
