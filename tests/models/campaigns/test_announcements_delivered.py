"""One text at one time: robots post it into internal groups, owners confirm it once for their customer groups."""

from datetime import timedelta

from sqlmodel import select

from models.campaigns import looks
from models.campaigns.announcements import Announcement, AnnouncementGroup, AnnouncementStatus
from models.campaigns.looks import PRODUCTION
from models.groups import Group, GroupKind
from models.groups.robots import Robot
from scheduler import jobs
from tests import cast
from tests.cast import CUSTOMER_CHAT, SHOP_CHAT, WANG, ZHOU
from tests.models.campaigns.announced import TEXT, plan, read, states

ADD, TASK = "externalcontact/add_msg_template", "externalcontact/get_groupmsg_task"


def test_the_robot_posts_once_and_the_owner_confirms_once(stage, groups):
    number = plan(stage, *groups)
    assert states(stage, number) == [("robot", "queued", "还没到时间"), ("owner", "queued", "还没到时间")]
    jobs.launch(stage.runtime, stage.now)
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    assert [(row["who"], row["what"]["text"]["content"]) for row in stage.arrived("robot")] == [
        (SHOP_CHAT, TEXT)
    ]
    assert stage.arrived("group_mass") == [], "only the owner's tap sends into a customer group"
    assert states(stage, number) == [
        ("robot", "sent", "机器人已发出"),
        ("owner", "waiting", "等群主在群发助手点一次发送"),
    ]
    assert "等你发到 1 个客户群：打开群发助手" in stage.arrived("notice", ZHOU)[0]["what"]["text"]["content"]

    with stage.db.read() as session:
        msgid = session.exec(select(AnnouncementGroup.msgid).where(AnnouncementGroup.way == "owner")).one()
    stage.world.confirm(ZHOU, msgid)
    stage.collect()
    assert [row["who"] for row in stage.arrived("group_mass")] == [CUSTOMER_CHAT]
    assert states(stage, number)[1] == ("owner", "sent", "群主已在群发助手确认")
    assert read(stage, number).status == AnnouncementStatus.LAUNCHED
    assert stage.collect() == "", "what is known is not read again"


def test_several_groups_of_one_owner_are_one_task(stage, groups):
    with stage.db.write() as session:
        second = cast.customer_group(session, stage.people.zhou, "wrSECOND", "二群", now=stage.now)
    stage.world.post(
        "/control/groups",
        {
            "create": {
                "chat_id": "wrSECOND",
                "name": "二群",
                "kind": "customer",
                "owner": ZHOU,
                "members": [ZHOU],
                "customers": [],
            }
        },
    )
    stage.work()
    plan(stage, groups[1], second)
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    assert len(stage.calls(ADD)) == 1 and len(stage.arrived("notice", ZHOU)) == 1
    stage.world.confirm(ZHOU, stage.rows("group_mass")[0].answer["msgid"])
    assert {row["who"] for row in stage.arrived("group_mass")} == {CUSTOMER_CHAT, "wrSECOND"}


def test_a_message_that_the_platform_does_not_let_us_read_is_asked_about_every_ten_minutes(stage, groups):
    plan(stage, groups[1])
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    stage.world.chaos({"api": TASK, "errcode": 40058})
    for _ in range(3):
        stage.collect()
    assert len(stage.calls(TASK)) == 1
    stage.world.chaos()
    stage.world.confirm(ZHOU, stage.rows("group_mass")[0].answer["msgid"])
    stage.advance(minutes=10)
    assert "新确认的群 1" in stage.collect()


def test_the_message_that_waited_longest_is_read_first_and_all_its_groups_count_as_one(stage_on_both):
    stage, zhou = stage_on_both, stage_on_both.people.zhou
    made = stage.now - timedelta(hours=9)
    waits = {"B": stage.now - timedelta(minutes=1), "A": stage.now - timedelta(minutes=2), "C": None}
    with stage.db.write() as session:
        announcement = cast.add(
            session, Announcement(title="公告", text=TEXT, launch_at=made, created_at=made)
        )
        for number, (msgid, poll_at) in enumerate([*waits.items(), *waits.items()]):
            group = cast.add(
                session, Group(chat_id=f"wr{number}", kind=GroupKind.CUSTOMER, name="群", created_at=made)
            )
            session.add(
                AnnouncementGroup(
                    announcement_id=announcement.id,
                    group_id=group.id,
                    way="owner",
                    guide_id=zhou.id,
                    msgid=msgid,
                    ready_at=made,
                    poll_at=poll_at,
                )
            )
    with stage.db.read() as session:
        due = [
            [look.msgid for look in looks.groups_due(session, stage.now, PRODUCTION, most)]
            for most in (1, 2, 9)
        ]
    assert due == [["C"], ["C", "A"], ["C", "A", "B"]]


def test_a_group_dismissed_after_the_plan_is_refused_by_the_platform_in_words_F09(stage, groups):
    """The platform knows before we do."""
    number = plan(stage, groups[1])
    stage.world.post("/control/groups", {"dismiss": CUSTOMER_CHAT})
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    way, state, words = states(stage, number)[0]
    assert (way, state) == ("owner", "not_sent") and words


def test_one_of_two_groups_that_changed_hands_does_not_stop_the_other_B11(stage, groups):
    with stage.db.write() as session:
        other = cast.customer_group(session, stage.people.zhou, "wrNOTHERS", "别人的群", now=stage.now)
    number = plan(stage, other, groups[1])
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    assert [state for _, state, _ in states(stage, number)] == ["not_sent", "waiting"]
    assert states(stage, number)[0][2] == "群已解散，或群主换了人，这次没有发"


def test_a_robot_that_was_removed_is_said_on_its_group_H11(stage, groups):
    with stage.db.write() as session:
        robot = session.exec(select(Robot)).one()
        robot.encrypted_key = stage.runtime.encryption.encrypt("99999999-0000-4000-8000-000000000000")
    number = plan(stage, groups[0])
    jobs.launch(stage.runtime, stage.now)
    stage.work()
    way, state, words = states(stage, number)[0]
    assert (way, state) == ("robot", "not_sent") and "机器人" in words


def test_every_group_is_asked_through_its_own_robot_only(stage, groups):
    plan(stage, groups[0])
    jobs.launch(stage.runtime, stage.now)
    assert [(row.key.startswith("announcement:"), row.group_id) for row in stage.rows("robot")] == [
        (True, groups[0].id)
    ]
    assert stage.arrived("card", WANG) == []
