"""The directory API: who and what it tells."""

from tests.wecom_world import World, corp


def test_a_userid_is_found_whatever_its_case(world):
    assert world.call("user/get", userid="WangFang")["userid"] == "wangfang"


def test_a_member_who_is_unknown_or_has_left_answers_60111(world):
    assert world.call("user/get", userid="nobody")["errcode"] == 60111
    world.leave("zhoumei")
    assert world.call("user/get", userid="zhoumei")["errcode"] == 60111
    assert "zhoumei" not in world.call("externalcontact/get_follow_user_list")["follow_user"]


def test_avatars_are_not_shown_to_an_app_of_today():
    content = corp()
    content["members"][0]["avatar"] = "http://127.0.0.1/a.png"
    with World(content) as world:
        assert "avatar" not in world.call("user/get", userid="wangfang")
    content["app"]["sees_avatars"] = True
    with World(content) as world:
        assert world.call("user/get", userid="wangfang")["avatar"] == "http://127.0.0.1/a.png"


def test_members_of_a_department_with_and_without_those_below(world):
    assert world.call("user/list", department_id=2)["userlist"] == []
    below = world.call("user/list", department_id=2, fetch_child=1)["userlist"]
    assert [user["userid"] for user in below] == ["gaomin", "wangfang", "zhaoqian", "zhoumei"]
    assert world.call("user/list", department_id=3, fetch_child=1)["userlist"] == []
    assert world.call("user/list", department_id=99)["errcode"] == 60003
    assert world.call("user/simplelist", department_id=22)["userlist"] == [
        {"userid": "zhoumei", "name": "周梅", "department": [22]}
    ]


def test_departments_with_their_leaders(world):
    rows = world.call("department/list")["department"]
    assert [row["id"] for row in rows] == [1, 2, 3, 21, 22, 31]
    assert rows[3]["department_leader"] == ["gaomin"]
    assert [row["id"] for row in world.call("department/simplelist", id=2)["department_id"]] == [2, 21, 22]
    assert world.call("department/get", id=21)["department"]["name"] == "沈阳中街店"


def test_ids_come_in_pages_for_the_directory_secret():
    members = [
        {"userid": f"U{n:02}" if n % 2 else f"u{n:02}", "name": str(n), "department": [2, 21]}
        for n in range(7)
    ]
    with World(corp(members=members, groups=[], customers=[])) as world:
        found, cursor = [], ""
        while True:
            page = world.call(
                "user/list_id", {"limit": 3} | ({"cursor": cursor} if cursor else {}), part="contacts"
            )
            found += [(row["userid"].lower(), row["department"]) for row in page["dept_user"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert found == [(f"u{n:02}", department) for n in range(7) for department in (2, 21)]
        assert world.call("user/list_id", {"cursor": "nonsense"}, part="contacts")["errcode"] == 50100
