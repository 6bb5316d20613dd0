"""The robot announces to the guides' group and answers the one who calls it; a customer group stays its owner's."""

from datetime import timedelta

from sqlmodel import select

from models import announcements, robots
from models.groups import CUSTOMER, INTERNAL, Group
from models.robots import SignIn
from ops import wiring
from tests.stories.house import House
from tests.wecom_world import CUSTOMER_CHAT, SHOP_CHAT, WEBHOOK


def the_group(house: House, chat_id: str, kind: str) -> Group:
    """Customer groups are read from the platform; an internal one is entered by HQ, who pastes the robot's address."""
    house.run_job("groups")
    house.run_job("group_details")
    with house.parts.db.write() as session:
        group = session.exec(select(Group).where(Group.chat_id == chat_id)).one_or_none()
        if group is None:
            group = Group(chat_id=chat_id, kind=kind, name="沈阳中街店 · 店内群", created_at=wiring.clock())
            session.add(group)
            session.flush()
            robots.add(session, group, name="小霁", key=WEBHOOK, seal=house.parts.runtime.seal, now=wiring.clock())
        return group


def announce(house: House, groups: list[Group]) -> None:
    with house.parts.db.write() as session:
        announcements.plan(
            session, title="雪地靴今天开卖", text="总部公告：雪地靴今天开卖，记得先问尺码。",
            groups=[group.id for group in groups],
            launch_at=wiring.clock() - timedelta(seconds=1), who="周岚", now=wiring.clock())


def test_an_announcement_reaches_the_internal_group_by_robot(house: House):
    announce(house, [the_group(house, SHOP_CHAT, INTERNAL)])
    heard = house.until(lambda: house.world.ledger("robot"), 20)
    assert "雪地靴今天开卖" in str(heard[0]["what"])
    assert len(heard) == 1


def test_a_customer_group_hears_it_only_after_its_owner_confirmed(house: House):
    announce(house, [the_group(house, CUSTOMER_CHAT, CUSTOMER)])
    def asked():
        return [one for one in house.world.ledger("call") if one["what"]["api"].endswith("add_msg_template")]

    waiting = house.until(asked, 20)
    assert not house.world.ledger("group_mass")
    msgid = house.until(lambda: house.row(lambda session: session.exec(select(announcements.AnnouncementGroup)).one().msgid))
    house.world.confirm("zhoumei", msgid)
    assert house.until(lambda: house.world.ledger("group_mass"))
    assert len(waiting) == 1


def test_a_guide_asks_for_her_tasks_and_signs_in_once_a_day(house: House):
    """H03"""
    house.world.say(SHOP_CHAT, "wangfang", "@小霁 今日任务")
    assert "王芳" in str(house.until(lambda: house.world.ledger("robot_reply"))[0]["what"])
    for _ in range(2):
        house.world.say(SHOP_CHAT, "wangfang", "@小霁 签到")
    house.until(lambda: len(house.world.ledger("robot_reply")) == 3)
    assert len(house.row(lambda session: session.exec(select(SignIn)).all())) == 1


def test_an_unknown_word_gets_help_and_silence_stays_silence(house: House):
    house.world.say(SHOP_CHAT, "wangfang", "今天中街店真快")
    house.world.say(SHOP_CHAT, "wangfang", "@小霁 天气怎么样")
    assert "今日任务" in str(house.until(lambda: house.world.ledger("robot_reply"))[0]["what"])
    assert len(house.world.ledger("robot_reply")) == 1
