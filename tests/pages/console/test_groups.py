"""群与机器人, 公告: robots live in internal groups only, keys are never shown, announcements are checked when planned."""

from typing import Any

import pytest
from sqlmodel import select

from models.groups import Group, GroupKind
from models.groups.robots import Robot, RobotStatus
from models.org import Guide, GuideStatus
from tests.pages.conftest import NOON, Console, page

HOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0a1b2c3d-1111-2222-3333-44445555beef"
KEY = "0a1b2c3d-1111-2222-3333-44445555beef"


def all_of(console: Console, model: type) -> list[Any]:
    with console.db.read() as session:
        return list(session.exec(select(model)))


def group(console: Console, name: str, kind: str = "internal", **values: Any) -> int:
    with console.db.write() as session:
        made = Group(
            **{
                "chat_id": f"wr-{name}",
                "kind": kind,
                "name": name,
                "owner_id": console.ids["wangfang"],
                "branch_id": console.ids["northeast"],
                "store_id": console.ids["zhongjie"],
                "created_at": NOON,
            }
            | values
        )
        session.add(made)
        session.flush()
        return made.id or 0


def test_an_internal_group_is_added_with_its_robot_and_the_key_is_encrypted(console: Console) -> None:
    answer = console.post(
        console.signed_in("zhou"),
        "/console/groups/new",
        {"name": "店长群", "webhook": HOOK, "store": "沈阳中街店"},
    )
    assert answer.status_code == 303
    robot = next(one for one in all_of(console, Robot) if one.key_tail == "beef")
    assert KEY not in robot.encrypted_key
    assert console.site.encryption.decrypt(robot.encrypted_key) == KEY
    text = page(console, answer.location)
    assert KEY not in text
    assert "…beef" in text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "", "webhook": HOOK}, "群名要 1 到 64 个字"),
        ({"name": "店长群", "webhook": "hello"}, "没有认出机器人的 Webhook 地址"),
        ({"name": "店长群", "webhook": HOOK, "store": "没有这家"}, "没有叫「没有这家」的门店"),
    ],
)
def test_a_wrong_form_names_the_field_and_adds_nothing(
    console: Console, form: dict[str, str], words: str
) -> None:
    before = len(all_of(console, Group))
    answer = console.post(console.signed_in("zhou"), "/console/groups/new", form)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert len(all_of(console, Group)) == before


def test_the_same_robot_is_not_added_to_a_second_group(console: Console) -> None:
    client = console.signed_in("zhou")
    console.post(client, "/console/groups/new", {"name": "第一群", "webhook": HOOK})
    before = len(all_of(console, Group))
    answer = console.post(client, "/console/groups/new", {"name": "第二群", "webhook": HOOK})
    assert "已经加在「第一群」里了" in answer.get_data(as_text=True)
    assert len(all_of(console, Group)) == before


def test_a_branch_adds_groups_of_its_own_stores_only(console: Console) -> None:
    client = console.signed_in("chen")
    for store, status in (("", 422), ("南京新街口店", 422), ("沈阳中街店", 303)):
        assert (
            console.post(
                client, "/console/groups/new", {"name": "店群", "webhook": HOOK, "store": store}
            ).status_code
            == status
        )


def test_a_robot_for_a_customer_group_is_refused_with_the_reason(console: Console) -> None:
    chat = group(console, "老客群", GroupKind.CUSTOMER)
    assert "平台不让群机器人进客户群" in page(console, f"/console/groups/{chat}")
    answer = console.post(console.signed_in("zhou"), f"/console/groups/{chat}/robots", {"webhook": HOOK})
    assert answer.status_code == 422
    assert "客户群里不能放群机器人" in answer.get_data(as_text=True)


def test_a_robot_is_taken_out_of_use(console: Console) -> None:
    client, ids = console.signed_in("chen"), console.ids
    for _tap in range(2):
        console.post(
            client, f"/console/groups/{ids['group_northeast']}/robots/{ids['robot_northeast']}/disable"
        )
    with console.db.read() as session:
        assert session.get_one(Robot, ids["robot_northeast"]).status == RobotStatus.DISABLED


def test_a_robot_of_another_group_is_not_reached_through_mine(console: Console) -> None:
    ids = console.ids
    console.post(
        console.signed_in("chen"),
        f"/console/groups/{ids['group_northeast']}/robots/{ids['robot_east']}/disable",
    )
    with console.db.read() as session:
        assert session.get_one(Robot, ids["robot_east"]).status == RobotStatus.ACTIVE


def test_the_list_says_who_speaks_in_each_group(console: Console) -> None:
    group(console, "没机器人的群")
    group(console, "老客群", GroupKind.CUSTOMER)
    with console.db.write() as session:
        session.get_one(Guide, console.ids["sunjiayi"]).status = GuideStatus.LEFT
    group(console, "没群主的群", GroupKind.CUSTOMER, owner_id=console.ids["sunjiayi"])
    text = page(console, "/console/groups")
    assert all(words in text for words in ("没有机器人", "群主点一次", "没有在职的群主"))
    assert "没机器人的群" in page(console, "/console/groups?kind=silent")
    assert "老客群" not in page(console, "/console/groups?kind=internal")


@pytest.mark.parametrize(
    ("status", "word"), [("dead", "机器人已失效"), ("disabled", "没有机器人"), ("untried", "机器人在试话")]
)
def test_a_group_whose_robot_does_not_work_is_not_in_use(console: Console, status: str, word: str) -> None:
    group_id = console.ids["group_northeast"]
    with console.db.write() as session:
        robot = session.get_one(Robot, console.ids["robot_northeast"])
        robot.status, robot.reason = status, "平台说这个机器人已经不在群里"
        session.get_one(Robot, console.ids["robot_east"]).status = status
    for path in (f"/console/groups/{group_id}", "/console/groups"):
        text = page(console, path)
        assert word in text and "在用</span>" not in text, path
    assert ("northeast 店长群" in page(console, "/console/groups?kind=dead")) is (status == "dead")


def test_while_a_robot_tries_its_first_line_the_page_asks_again_and_then_stands_still(
    console: Console,
) -> None:
    path = f"/console/groups/{console.ids['group_northeast']}"
    assert console.post(console.signed_in("zhou"), f"{path}/robots", {"webhook": HOOK}).status_code == 303
    assert f'hx-get="{path}/robots-live"' in page(console, path) and "在试话" in page(
        console, f"{path}/robots-live"
    )
    with console.db.write() as session:
        for robot in session.exec(select(Robot).where(Robot.key_tail == "beef")):
            robot.status = RobotStatus.ACTIVE
    assert "hx-get" not in page(console, f"{path}/robots-live")
