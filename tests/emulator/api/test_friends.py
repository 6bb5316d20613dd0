"""What the API tells of friends, and what it lets change."""

import pytest

from tests.cast import CHEN, LIN, XU


def test_lists_of_friends(world):
    assert world.call("externalcontact/list", userid="wangfang")["external_userid"] == [LIN, XU]
    assert world.call("externalcontact/list", userid="gaomin")["errcode"] == 84061
    assert world.call("externalcontact/get", external_userid="wmNOBODY")["errcode"] == 40096


def test_a_batch_goes_through_its_pages(world):
    seen, cursor = [], ""
    while True:
        body = {"userid_list": ["zhoumei", "wangfang", "zhaoqian"], "limit": 2} | (
            {"cursor": cursor} if cursor else {}
        )
        page = world.call("externalcontact/batch/get_by_user", body)
        seen += [
            (row["follow_info"]["userid"], row["external_contact"]["name"])
            for row in page["external_contact_list"]
        ]
        if not (cursor := page["next_cursor"]):
            break
    assert sorted(seen) == [
        ("wangfang", "林若溪"),
        ("wangfang", "许静宜"),
        ("zhaoqian", "苏妍"),
        ("zhaoqian", "许静宜"),
        ("zhoumei", "陈可欣"),
    ]
    too_many = {"userid_list": ["wangfang"] * 101}
    assert world.call("externalcontact/batch/get_by_user", too_many)["errcode"] == 40058


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({}, 40058),
        ({"remark": "字" * 21}, 40058),
        ({"description": "字" * 151}, 40058),
        ({"remark": "字" * 20, "description": "字" * 150}, 0),
        ({"remark": "x", "external_userid": CHEN}, 84061),
        ({"remark": "x", "userid": "nobody"}, 60111),
    ],
)
def test_a_remark_is_counted_in_characters(world, change, errcode):
    assert (
        world.call("externalcontact/remark", {"userid": "wangfang", "external_userid": LIN} | change)[
            "errcode"
        ]
        == errcode
    )


def test_what_the_api_changes_brings_no_callback(world, way, receiver):
    made = way("wangfang")
    world.call("externalcontact/remark", {"userid": "wangfang", "external_userid": LIN, "remark": "爱穿靴子"})
    world.call("externalcontact/del_contact_way", {"config_id": made["config_id"]})
    assert receiver.before_a_word(world) == []
    followers = world.call("externalcontact/get", external_userid=LIN)["follow_user"]
    assert followers[0]["remark"] == "爱穿靴子"
