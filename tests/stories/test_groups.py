"""Customer groups: read from the platform, spoken to by their owners' one confirmation, and refused in words once gone."""

from sqlmodel import select

from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.groups import Group, GroupStatus
from models.org import Guide
from tests import cast
from tests.cast import CUSTOMER_CHAT, XU
from tests.stories.house import House
from tests.stories.plans import in_an_hour
from tests.stories.robots import ADDRESS, announce
from tests.wecom_world import WEBHOOK


def known_group(house: House, chat_id: str, name: str = "", owner: str = "zhoumei") -> Group:
    """A customer group, as soon as its name was read from the platform."""
    if name:
        house.world.customer_group(chat_id, name, owner)
        house.until(
            lambda: house.row(
                lambda session: session.exec(select(Group).where(Group.chat_id == chat_id)).first()
            )
        )
    else:
        house.run_job("groups")
    house.run_job("group_details")
    return house.until(lambda: (found := group_of(house, chat_id)).owner_id and found)


def group_of(house: House, chat_id: str) -> Group:
    return house.row(lambda session: session.exec(select(Group).where(Group.chat_id == chat_id)).one())


def task_of_owner(house: House, page: str) -> AnnouncementGroup:
    """The owner's share of the announcement, once it waits in her 群发助手."""
    number = int(page.rpartition("/")[2])
    share = select(AnnouncementGroup).where(AnnouncementGroup.announcement_id == number)
    return house.until(
        lambda: (one := house.row(lambda session: session.exec(share).first())) and one.msgid and one
    )


def test_a_customer_group_hears_it_only_after_its_owner_confirmed(house: House):
    page = announce(house, known_group(house, CUSTOMER_CHAT), "会员日", "周六会员日，双倍积分。")
    share = task_of_owner(house, page)
    assert not house.world.ledger("group_mass", who=CUSTOMER_CHAT)
    assert "等群主在群发助手点一次发送" in house.office().page(page)
    house.world.confirm("zhoumei", share.msgid)
    assert len(house.until(lambda: house.world.ledger("group_mass", who=CUSTOMER_CHAT))) == 1
    house.until(
        lambda: (
            house.run_job("results", minutes=31) is not None
            and "群主已在群发助手确认" in house.office().page(page)
        )
    )


def test_a_group_that_was_dismissed_is_refused_in_words_F09(house: House):
    """The one that was planned before says it, too, and nobody is asked to confirm."""
    group = known_group(house, "wrDISMISSED", "太原街店·老群")
    page = announce(house, group, "老群公告", "明天见。", in_an_hour(house))
    house.world.change_group(dismiss="wrDISMISSED")
    house.until(lambda: group_of(house, "wrDISMISSED").status == GroupStatus.DISMISSED)
    assert "太原街店·老群" in house.office().page("/console/groups?kind=dismissed")
    form = {"group": str(group.id), "title": "还在吗", "text": "还在吗？"}
    refused = house.office().send_form("/console/announcements/new", form, at="/console/announcements/new")
    assert refused.status_code == 422 and "一个群也没有" in refused.text
    house.run_job("launch", hours=1, minutes=1)
    assert "群已解散" in house.office().page(page)
    assert not house.world.ledger("group_mass", who="wrDISMISSED")


def test_after_the_owner_changed_the_new_one_is_asked_F09(house: House):
    known_group(house, "wrCHANGED", "中街店·尝鲜群")
    house.world.change_group(owner={"chat_id": "wrCHANGED", "owner": "gaomin"})

    def new_owner() -> bool:
        house.run_job("group_details")
        owner = group_of(house, "wrCHANGED").owner_id
        return house.row(lambda session: session.get_one(Guide, owner).userid) == "gaomin"

    house.until(new_owner)
    share = task_of_owner(house, announce(house, group_of(house, "wrCHANGED"), "尝鲜", "新款到店。"))
    house.world.confirm("gaomin", share.msgid)
    assert house.until(lambda: house.world.ledger("group_mass", who="wrCHANGED"))


def test_a_group_whose_owner_left_waits_for_a_new_one(house: House):
    house.world.hire("yufei", "于飞", cast.TAIYUANJIE.department)
    house.code_of("yufei")
    group = known_group(house, "wrORPHAN", "太原街店·孤群", "yufei")
    page = announce(house, group, "孤群公告", "请看。", in_an_hour(house))
    house.world.leave("yufei")
    house.until(lambda: not house.row(lambda session: session.get_one(Guide, group.owner_id)).present)
    house.run_job("launch", hours=1, minutes=1)
    assert "这个客户群没有在职的群主，请先分配新群主" in house.office().page(page)


def test_a_robot_is_refused_in_a_customer_group_with_the_platforms_reason(house: House):
    group = known_group(house, "wrNOROBOT", "太原街店·无机器人")
    page = f"/console/groups/{group.id}"
    refused = house.office().send_form(
        f"{page}/robots", {"webhook": ADDRESS + WEBHOOK, "robot": "小霁"}, at=page
    )
    assert refused.status_code == 422 and "平台不让群机器人进客户群" in refused.text


def test_who_joins_and_who_leaves_is_read_again_from_the_platform(house: House):
    group = known_group(house, "wrBUSY", "太原街店·热闹群")

    def members() -> int:
        house.run_job("group_details")
        return group_of(house, "wrBUSY").members

    house.world.change_group(join={"chat_id": "wrBUSY", "who": XU})
    house.until(lambda: members() == group.members + 1)
    house.world.change_group(quit={"chat_id": "wrBUSY", "who": XU})
    house.until(lambda: members() == group.members)
    house.world.change_group(name={"chat_id": "wrBUSY", "name": "太原街店·安静群"})
    house.until(lambda: members() and group_of(house, "wrBUSY").name == "太原街店·安静群")
    assert group_of(house, "wrBUSY").status == GroupStatus.ACTIVE


def test_an_announcement_that_was_stopped_in_time_is_said_nowhere(house: House):
    page = announce(house, known_group(house, CUSTOMER_CHAT), "写错了", "这一条写错了。", in_an_hour(house))
    assert "不再发到 1 个群" in house.office().page(f"{page}/stop")
    assert "收不回来" in house.office().press(f"{page}/cancel", at=f"{page}/stop")
    house.run_job("launch", hours=1, minutes=1)
    number = int(page.rpartition("/")[2])
    assert house.row(lambda session: session.get_one(Announcement, number)).launched_at is None
    assert not [row for row in house.world.ledger("group_mass") if "写错了" in str(row["what"])]


def test_an_announcement_that_came_too_late_asks_hq_first_E01(house: House):
    page = announce(house, known_group(house, CUSTOMER_CHAT), "晚到的", "晚到的公告。", in_an_hour(house))
    house.run_job("launch", hours=2)
    assert "系统没能按时运行" in house.office().page(page)
    house.office().press(f"{page}/resume", at=page)
    assert task_of_owner(house, page)
