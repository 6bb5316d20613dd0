"""The robot announces to the guides' group and answers the one who calls it; HQ enters it by its address."""

from sqlmodel import select

from models.groups import Group
from models.groups.robots import SignIn
from tests.cast import SHOP_CHAT
from tests.stories.house import House
from tests.stories.robots import ADDRESS, announce, answers
from tests.wecom_world import WEBHOOK

THIRD = "33333333-2222-4333-8444-555555555555"
GONE = "99999999-2222-4333-8444-555555555555"
"""The key of a robot that somebody has removed from its group"""


def internal_group(house: House, name: str, key: str = WEBHOOK) -> Group:
    """HQ pastes the address of the robot that the manager put into the group."""
    fields = {
        "name": name,
        "webhook": ADDRESS + key,
        "robot": "总部播报",
        "store": "沈阳中街店",
        "members": "3",
    }
    added = house.office().send_form("/console/groups/new", fields)
    assert "说一句试话" in added.text and key not in added.text, added.text
    return house.row(lambda session: session.exec(select(Group).where(Group.name == name)).one())


def test_an_announcement_reaches_the_internal_group_by_robot(house: House):
    page = announce(
        house,
        internal_group(house, "中街店一组"),
        "雪地靴今天开卖",
        "总部公告：雪地靴今天开卖，记得先问尺码。",
    )
    heard = house.until(
        lambda: [row for row in house.world.ledger("robot") if "雪地靴今天开卖" in str(row["what"])]
    )
    assert len(heard) == 1 and heard[0]["who"] == SHOP_CHAT
    house.until_page(page, "机器人已发出")


def test_a_robot_that_is_in_no_group_is_said_to_be_dead_before_anybody_needs_it_H11(house: House):
    group = internal_group(house, "中街店二组", GONE)
    told = house.until_page(f"/console/groups/{group.id}", "机器人已失效")
    assert "在用" not in told
    assert "1 个内部群的机器人失效了" in house.office().page("/console/")
    form = {"group": str(group.id), "title": "早会", "text": "九点半早会。"}
    page = f"/console/announcements/new?group={group.id}"
    refused = house.office().send_form("/console/announcements/new", form, at=page)
    assert refused.status_code == 422 and "内部群里没有机器人" in refused.text


def test_a_robot_that_hq_puts_out_of_use_says_nothing(house: House):
    house.world.internal_group("wrTHIRD", "中街店三组", THIRD)
    group = internal_group(house, "中街店三组", THIRD)
    page = f"/console/groups/{group.id}"
    assert f"…{THIRD[-4:]}" in house.office().page(page)
    robot = house.office().page(page).split(f'action="{page}/robots/')[1].split("/")[0]
    assert "机器人已停用" in house.office().press(f"{page}/robots/{robot}/disable", at=page)
    refused = house.office().send_form(
        "/console/announcements/new",
        {"group": str(group.id), "title": "盘点", "text": "今晚盘点。"},
        at=f"/console/announcements/new?group={group.id}",
    )
    assert refused.status_code == 422 and "内部群里没有机器人" in refused.text
    assert not [row for row in house.world.ledger("robot") if "今晚盘点" in str(row["what"])]


def test_a_guide_asks_for_her_tasks_and_signs_in_once_a_day_H03(house: House):
    house.world.say(SHOP_CHAT, "wangfang", "@小霁 今日任务")
    assert house.until(lambda: answers(house, "王芳，今天的都做完了"))
    house.world.say(SHOP_CHAT, "wangfang", "@小霁 签到")
    house.until(lambda: answers(house, "王芳，签到好了"))
    house.world.say(SHOP_CHAT, "wangfang", "@小霁 签到")
    house.until(lambda: answers(house, "不用再签"))
    assert len(house.row(lambda session: session.exec(select(SignIn)).all())) == 1


def test_an_unknown_word_gets_help_and_silence_stays_silence(house: House):
    house.world.say(SHOP_CHAT, "zhaoqian", "今天中街店真快")
    house.world.say(SHOP_CHAT, "zhaoqian", "@小霁 天气怎么样")
    assert "今日任务" in house.until(lambda: answers(house, "没听懂「天气怎么样」"))[0]
    assert not answers(house, "真快")
    house.world.say(SHOP_CHAT, "zhaoqian", "@小霁 帮助")
    house.until(lambda: answers(house, "看看可以对我说什么"))


def test_a_stranger_who_asks_for_tasks_is_told_how_to_become_a_guide(house: House):
    """秦岚 of the warehouse is in the directory and in no store."""
    house.world.hire("qinlan", "秦岚", 1)
    house.world.post("/phone/guide/qinlan/robot", {})
    assert house.until(lambda: answers(house, "你好。可以对我说"))
    house.world.post("/phone/guide/qinlan/robot", {"text": "今日任务"})
    assert house.until(lambda: answers(house, "你还不在导购名单里"))
