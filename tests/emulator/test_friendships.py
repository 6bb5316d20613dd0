"""Codes, scans, friendships and their events."""

import time
from collections import Counter

import pytest
import requests

from tests.cast import CHEN, LIN, XU
from tests.second_reader import second_reader
from tests.wecom_world import World, corp


def test_the_code_is_only_a_picture_and_the_picture_holds_the_payload(world, way):
    made = way("wangfang", state="st-1")
    assert set(made) == {"errcode", "errmsg", "config_id", "qr_code", "payload"}
    assert made["payload"].startswith("https://work.weixin.qq.com/ca/")
    picture = requests.get(made["qr_code"], timeout=20)
    assert picture.headers["Content-Type"] == "image/png"
    assert second_reader(picture.content) == made["payload"]


def test_a_code_without_scene_2_has_no_picture(world):
    assert "qr_code" not in world.call(
        "externalcontact/add_contact_way", {"type": 1, "scene": 1, "user": ["wangfang"]}
    )


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"scene": 2, "user": ["wangfang"]}, 41037),
        ({"type": 1, "user": ["wangfang"]}, 41038),
        ({"type": 3, "scene": 2, "user": ["wangfang"]}, 41039),
        ({"type": 1, "scene": 9, "user": ["wangfang"]}, 41040),
        ({"type": 1, "scene": 2, "user": ["wangfang", "zhaoqian"]}, 40058),
        ({"type": 2, "scene": 2, "user": []}, 40058),
        ({"type": 1, "scene": 2, "user": ["nobody"]}, 60111),
        ({"type": 1, "scene": 2, "user": ["wangfang"], "state": "码" * 31}, 40058),
        ({"type": 1, "scene": 2, "user": ["wangfang"], "remark": "r" * 31}, 40058),
        ({"type": 2, "scene": 2, "party": [99]}, 60003),
        ({"type": 1, "scene": 2, "user": "wangfang"}, 40031),
        ({"type": 1, "scene": 2, "user": ["wangfang"], "skip_verify": 1}, 40058),
        ({"type": 1, "scene": 2, "user": ["wangfang"], "style": 4}, 41042),
        ({"type": 1, "scene": 2, "user": ["wangfang"], "party": [21]}, 40058),
        ({"type": 2, "scene": 2, "user": ["wangfang", "gaomin"], "is_temp": True}, 41039),
        (
            {"type": 1, "scene": 2, "user": ["wangfang"], "is_temp": True, "expires_in": 14 * 86_400 + 1},
            40058,
        ),
        (
            {"type": 1, "scene": 2, "user": ["wangfang"], "conclusions": {"text": {"content": "汉" * 1334}}},
            45002,
        ),
        (
            {
                "type": 1,
                "scene": 2,
                "user": ["wangfang"],
                "conclusions": {
                    "image": {"media_id": "x"},
                    "link": {"title": "t", "url": "https://a.example"},
                },
            },
            40058,
        ),
        (
            {"type": 1, "scene": 2, "user": ["wangfang"], "conclusions": {"image": {"media_id": "none"}}},
            40007,
        ),
    ],
)
def test_a_wrong_contact_way_is_refused(world, body, errcode):
    assert world.call("externalcontact/add_contact_way", body)["errcode"] == errcode


def test_state_is_counted_in_characters(world, way):
    assert way("wangfang", state="码" * 30)["errcode"] == 0


def test_more_than_100_users_or_an_inactive_one_are_refused():
    members = [{"userid": f"u{n}", "name": "导购", "department": [21]} for n in range(101)]
    members.append({"userid": "asleep", "name": "未激活", "department": [2], "status": 4})
    with World(corp(members=members, customers=[], groups=[])) as world:
        body = {"type": 2, "scene": 2, "party": [21]}
        assert world.call("externalcontact/add_contact_way", body)["errcode"] == 41041
        body = {"type": 1, "scene": 2, "user": ["asleep"]}
        assert world.call("externalcontact/add_contact_way", body)["errcode"] == 41054


def test_temporary_codes_do_not_count_into_the_quota(world, way, monkeypatch):
    monkeypatch.setattr("emulator.limits.CONTACT_WAYS", 2)
    way("wangfang")
    way("wangfang", is_temp=True)
    kept = way("zhaoqian")["config_id"]
    body = {"type": 1, "scene": 2, "user": ["wangfang"]}
    assert world.call("externalcontact/add_contact_way", body)["errcode"] == 41045
    way("wangfang", is_temp=True)
    world.call("externalcontact/del_contact_way", {"config_id": kept})
    assert world.call("externalcontact/add_contact_way", body)["errcode"] == 0


def test_updating_overwrites_users_and_keeps_the_code(world, way):
    made = way("wangfang", "zhaoqian", state="st-2")
    changed = {"config_id": made["config_id"], "user": ["gaomin"]}
    assert world.call("externalcontact/update_contact_way", changed)["errcode"] == 0
    shown = world.call("externalcontact/get_contact_way", {"config_id": made["config_id"]})["contact_way"]
    assert (shown["user"], shown["state"], shown["qr_code"]) == (["gaomin"], "st-2", made["qr_code"])
    assert world.call("externalcontact/update_contact_way", changed | {"type": 1})["errcode"] == 40058
    assert world.scan(CHEN, made["payload"])["userid"] == "gaomin"


def test_a_deleted_code_can_neither_be_shown_nor_scanned(world, way):
    made = way("wangfang")
    assert world.call("externalcontact/del_contact_way", {"config_id": made["config_id"]})["errcode"] == 0
    assert requests.get(made["qr_code"], timeout=20).status_code == 404
    assert world.call("externalcontact/get_contact_way", {"config_id": made["config_id"]})["errcode"] == 41044
    with pytest.raises(AssertionError, match="404"):
        world.scan(CHEN, made["payload"])


def test_ways_are_listed_in_pages_and_by_time(world, way):
    made = [way("wangfang")["config_id"] for _ in range(5)]
    listed, cursor = [], ""
    while True:
        page = world.call(
            "externalcontact/list_contact_way", {"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        listed += [row["config_id"] for row in page["contact_way"]]
        if not (cursor := page["next_cursor"]):
            break
    assert listed == made
    assert (
        world.call("externalcontact/list_contact_way", {"end_time": int(time.time()) - 3600})["contact_way"]
        == []
    )


def test_a_scan_makes_a_friend_and_an_event_with_state_and_welcome_code(world, way, receiver):
    made, customer = way("wangfang", state="st0420"), world.new_customer()
    answer = world.scan(customer, made["payload"], name="新来的")
    taken = receiver.wait()[0]
    assert taken.path == "/callback/app"
    assert taken.event == {
        "ToUserName": world.content["corp_id"],
        "FromUserName": "sys",
        "CreateTime": taken.event["CreateTime"],
        "MsgType": "event",
        "Event": "change_external_contact",
        "ChangeType": "add_external_contact",
        "UserID": "wangfang",
        "ExternalUserID": customer,
        "State": "st0420",
        "WelcomeCode": answer["welcome_code"],
    }
    contact = world.call("externalcontact/get", external_userid=customer)
    assert contact["external_contact"]["name"] == "新来的"
    assert [(row["userid"], row["state"], row["add_way"]) for row in contact["follow_user"]] == [
        ("wangfang", "st0420", 1)
    ]


def test_a_code_without_state_brings_an_event_without_state(world, way, receiver):
    world.scan(world.new_customer(), way("wangfang")["payload"], name="甲")
    assert "State" not in receiver.wait()[0].event


def test_several_users_are_picked_at_random_but_by_seed(receiver):
    def picked(seed: int) -> list[str]:
        with World(receiver.content | {"seed": seed}) as world:
            body = {"type": 2, "scene": 2, "user": ["wangfang", "zhaoqian", "gaomin"]}
            made = world.call("externalcontact/add_contact_way", body)
            return [world.scan(f"wm{n}", made["config_id"], name="客")["userid"] for n in range(30)]

    first = picked(1)
    assert picked(1) == first
    assert picked(2) != first
    assert set(Counter(first)) == {"wangfang", "zhaoqian", "gaomin"}


def test_who_has_left_is_not_picked(world, way):
    made = way("wangfang", "zhoumei")
    world.leave("zhoumei")
    assert {world.scan(f"wm{n}", made["payload"], name="客")["userid"] for n in range(8)} == {"wangfang"}
    world.leave("wangfang")
    with pytest.raises(AssertionError, match="没有人"):
        world.scan("wm9", made["payload"], name="客")


def test_scanning_again_as_a_friend_tells_nothing(world, way, receiver):
    made = way("wangfang")
    assert world.scan(LIN, made["payload"])["already"] is True
    assert receiver.before_a_word(world) == []


def test_no_welcome_code_where_the_admin_has_a_welcome_or_the_customer_is_on_wecom(receiver):
    content = receiver.content
    content["members"][0]["admin_welcome"] = True
    with World(content) as world:
        made = world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["wangfang"]})
        assert world.scan("wm1", made["config_id"], name="甲")["welcome_code"] is None
        made = world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["zhaoqian"]})
        assert world.scan("wo1", made["config_id"], name="乙", type=2)["welcome_code"] is None
        assert all("WelcomeCode" not in taken.event for taken in receiver.wait(2))


def test_a_temporary_code_dies_after_one_friend(world, way):
    made = way("wangfang", is_temp=True)
    world.scan("wm1", made["payload"], name="甲")
    with pytest.raises(AssertionError, match="失效"):
        world.scan("wm2", made["payload"], name="乙")
    late = way("wangfang", is_temp=True, expires_in=3600)
    world.advance(3601)
    with pytest.raises(AssertionError, match="失效"):
        world.scan("wm2", late["payload"], name="乙")


def test_with_verification_the_guide_accepts_first(world, way, receiver):
    made = way("wangfang", skip_verify=False, state="v")
    assert world.scan(CHEN, made["payload"])["waiting"] is True
    assert world.call("externalcontact/get", external_userid=CHEN)["follow_user"][0]["userid"] == "zhoumei"
    answer = world.post("/phone/guide/wangfang/accept", {"external_userid": CHEN})
    event = receiver.wait()[0].event
    assert (event["ChangeType"], event["State"], event["WelcomeCode"]) == (
        "add_external_contact",
        "v",
        answer["welcome_code"],
    )


def test_half_a_friendship_brings_the_code_and_answers_84061_until_the_guide_adds_back(world, way, receiver):
    world.scan("wm1", way("wangfang")["payload"], name="甲", half=True)
    assert (
        "WelcomeCode" in receiver.wait(1, name="change_external_contact.add_half_external_contact")[0].event
    )
    assert world.call("externalcontact/get", external_userid="wm1")["errcode"] == 84061
    world.post("/phone/guide/wangfang/accept", {"external_userid": "wm1"})
    whole = receiver.wait(1, name="change_external_contact.add_external_contact")[0].event
    assert "WelcomeCode" not in whole
    assert world.call("externalcontact/get", external_userid="wm1")["errcode"] == 0


def test_a_customer_who_deletes_the_guide_stays_visible_to_her(world, receiver):
    world.post(f"/phone/customer/{LIN}/delete", {"userid": "wangfang"})
    event = receiver.wait(1, name="change_external_contact.del_follow_user")[0].event
    assert (event["UserID"], event["ExternalUserID"]) == ("wangfang", LIN)
    assert world.call("externalcontact/get", external_userid=LIN)["errcode"] == 0


def test_a_guide_who_deletes_the_customer_loses_her(world, receiver):
    world.post("/phone/guide/wangfang/delete", {"external_userid": LIN})
    assert (
        receiver.wait(1, name="change_external_contact.del_external_contact")[0].event["ExternalUserID"]
        == LIN
    )
    assert world.call("externalcontact/get", external_userid=LIN)["errcode"] == 84061


def test_who_was_deleted_can_come_back_with_a_new_code(world, way, receiver):
    """G09."""
    made = way("wangfang")
    world.post(f"/phone/customer/{LIN}/delete", {"userid": "wangfang"})
    assert world.scan(LIN, made["payload"])["welcome_code"]
    receiver.wait(1, name="change_external_contact.add_external_contact")


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


def test_a_person_cannot_scan_what_is_no_code_of_ours(world):
    with pytest.raises(AssertionError, match="404"):
        world.scan(XU, "https://example.com")
    with pytest.raises(AssertionError, match="name"):
        world.scan("wmNOBODY", "whatever")
