"""Scans, friendships and their events."""

from collections import Counter

import pytest

from tests.cast import CHEN, LIN, XU
from tests.wecom_world import World


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


def test_a_person_cannot_scan_what_is_no_code_of_ours(world):
    with pytest.raises(AssertionError, match="404"):
        world.scan(XU, "https://example.com")
    with pytest.raises(AssertionError, match="name"):
        world.scan("wmNOBODY", "whatever")
