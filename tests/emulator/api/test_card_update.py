"""A card is changed by a code that works once, or whole for everybody."""

import pytest

from tests.emulator.card import SEND, card

UPDATE = "message/update_template_card"


def test_a_response_code_updates_the_card_once(world):
    world.call(SEND, card(touser="wangfang|zhaoqian"))
    code = world.click("wangfang", "t1", "done")["response_code"]
    body = {
        "userids": ["WangFang", "gaomin"],
        "agentid": 1000002,
        "response_code": code,
        "button": {"replace_name": "已完成"},
    }
    assert world.call(UPDATE, body)["invaliduser"] == ["gaomin"]
    (row,) = world.ledger("card_updated")
    assert (row["who"], row["what"]["button"], row["what"]["by"]) == ("wangfang", "已完成", "api")
    assert world.call(UPDATE, body)["errcode"] == 60140
    with pytest.raises(AssertionError, match="变灰"):
        world.click("wangfang", "t1", "done")
    assert world.click("wangfang", "t1", "done", force=True)["response_code"]
    assert world.click("zhaoqian", "t1", "done")["response_code"]


def test_an_update_names_whom_it_is_for(world):
    """Nobody named leaves the code unused; a department means its members who have the card."""
    code = world.call(SEND, card(touser="wangfang|zhoumei"))["response_code"]
    body = {"agentid": 1000002, "response_code": code, "button": {"replace_name": "已完成"}}
    assert world.call(UPDATE, body)["errcode"] == 82001
    assert world.call(UPDATE, body | {"userids": []})["errcode"] == 40058
    assert world.call(UPDATE, body | {"userids": ["u"] * 1001})["errcode"] == 40058
    assert world.call(UPDATE, body | {"partyids": [22]})["invaliduser"] == []
    assert [row["who"] for row in world.ledger("card_updated")] == ["zhoumei"]


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"button": {}}, 42020),
        ({"button": {"replace_name": ""}}, 42020),
        ({"template_card": {"card_type": "poem"}}, 42031),
        ({"agentid": 7}, 301002),
        ({"response_code": "invented"}, 60140),
    ],
)
def test_wrong_updates_are_refused_and_the_code_stays_good(world, change, errcode):
    code = world.call(SEND, card())["response_code"]
    body = {"atall": 1, "agentid": 1000002, "response_code": code, "button": {"replace_name": "已完成"}}
    wrong = body | change
    if "template_card" in change:
        del wrong["button"]
    assert world.call(UPDATE, wrong)["errcode"] == errcode
    assert world.call(UPDATE, body)["errcode"] == 0


def test_a_notice_without_a_menu_can_never_be_updated(world):
    notice = {
        "card_type": "text_notice",
        "task_id": "n",
        "main_title": {"title": "t"},
        "card_action": {"type": 1, "url": "https://a.example"},
    }
    message = {"touser": "wangfang", "msgtype": "template_card", "agentid": 1000002, "template_card": notice}
    assert "response_code" not in world.call(SEND, message)
    menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "mute"}]}
    world.call(SEND, message | {"template_card": notice | {"task_id": "m", "action_menu": menu}})
    with pytest.raises(AssertionError, match="没有这个按钮"):
        world.click("wangfang", "n", "mute")
    code = world.click("wangfang", "m", "mute")["response_code"]
    body = {"atall": 1, "agentid": 1000002, "response_code": code, "button": {"replace_name": "好"}}
    assert world.call(UPDATE, body)["errcode"] == 0


def test_a_response_code_lives_72_hours(world):
    """B15."""
    code = world.call(SEND, card())["response_code"]
    world.advance(72 * 3600 + 1)
    body = {"atall": 1, "agentid": 1000002, "response_code": code, "button": {"replace_name": "已完成"}}
    assert world.call(UPDATE, body)["errcode"] == 60140


def test_a_whole_card_can_be_replaced_for_all(world):
    code = world.call(SEND, card(touser="wangfang|zhaoqian"))["response_code"]
    new = card()["template_card"] | {"main_title": {"title": "已截止"}, "replace_text": "已结束"}
    body = {"atall": 1, "agentid": 1000002, "response_code": code, "template_card": new}
    assert world.call(UPDATE, body | {"template_card": new | {"task_id": "t2"}})["errcode"] == 42016
    assert world.call(UPDATE, body)["errcode"] == 0
    shown = world.get("/phone/guide/zhaoqian")["chat"][0]["what"]
    assert (shown["card"]["main_title"]["title"], shown["greyed"]) == ("已截止", "已结束")
