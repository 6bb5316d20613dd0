"""Entry codes: what they hold, what is refused, and how they are listed, changed and deleted."""

import time

import pytest
import requests

from tests.cast import CHEN
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
