"""The customer's phone asks her, and shows who serves her in the end."""

import pytest
import requests

from tests.cast import LIN, WANG, ZHAO


def page(world, **query):
    return requests.get(f"{world.url}/phones/customer/{LIN}", params=query, timeout=20).text


@pytest.fixture
def asked(world):
    body = {"handover_userid": WANG, "takeover_userid": ZHAO, "external_userid": [LIN]}
    world.call("externalcontact/transfer_customer", body | {"transfer_success_msg": "以后找我就好"})


def test_her_phone_asks_whether_she_agrees(world, asked):
    shown = page(world)
    assert "王芳的好友换由赵倩服务，24 小时后换好" in shown and "不接受" in shown
    assert "takes over from" in page(world, lang="en")
    world.refuse(LIN, WANG)
    shown = page(world)
    assert "不接受" not in shown and "你选择不换，赵倩没有加你" in shown


def test_a_day_later_she_sees_the_successor_and_her_words(world, asked):
    world.advance(24 * 3600 + 1)
    shown = page(world, **{"with": ZHAO})
    assert "已换成赵倩为你服务" in shown and "以后找我就好" in shown and "不接受" not in shown


def test_who_was_not_asked_cannot_refuse(world):
    with pytest.raises(AssertionError, match="没有等你同意的换人通知"):
        world.refuse(LIN, WANG)


def test_she_can_let_the_24_hours_pass_by_a_button(world, asked):
    assert "过 24 小时" in page(world)
    assert world.post(f"/phone/customer/{LIN}/day-later", {}) == {"transfers": 1}
    assert "已换成赵倩为你服务" in page(world, **{"with": ZHAO})
    with pytest.raises(AssertionError, match="没有等你同意的换人通知"):
        world.post(f"/phone/customer/{LIN}/day-later", {})
