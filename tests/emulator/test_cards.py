"""Template cards: what each type must have, clicks, and updates that work once."""

import pytest

from tests.wecom_world import World

SEND = "message/send"
UPDATE = "message/update_template_card"


def card(task_id="t1", touser="wangfang", **more):
    body = {
        "card_type": "button_interaction",
        "task_id": task_id,
        "main_title": {"title": "今日转发：新品羽绒"},
        "horizontal_content_list": [{"keyname": "门店", "value": "沈阳中街店"}],
        "button_list": [
            {"type": 1, "text": "去转发", "style": 1, "url": "https://guide.example/g/t/1"},
            {"type": 0, "text": "已完成", "style": 2, "key": "done"},
        ],
    } | more
    return {"touser": touser, "msgtype": "template_card", "agentid": 1000002, "template_card": body}


def test_a_card_arrives_and_answers_a_response_code(world):
    answer = world.call(SEND, card())
    assert answer["response_code"]
    (row,) = world.ledger("card")
    assert (row["who"], row["what"]["task_id"]) == ("wangfang", "t1")
    again = card()
    again["template_card"]["main_title"] = {"title": "另一张"}
    assert world.call(SEND, again)["errcode"] == 40058


def test_the_same_card_again_within_the_duplicate_check_is_no_second_use_of_its_task_id(world):
    body = card() | {"enable_duplicate_check": 1}
    assert [world.call(SEND, body)["errcode"] for _ in range(2)] == [0, 0]
    assert len(world.ledger("card")) == 1


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"task_id": "任务"}, 42014),
        ({"task_id": "t" * 129}, 42014),
        ({"task_id": ""}, 42014),
        ({"card_type": "poem"}, 42031),
        ({"button_list": []}, 42038),
        ({"button_list": [{"text": "x", "key": "k"}] * 7}, 40058),
        ({"button_list": [{"text": "x"}]}, 42039),
        ({"button_list": [{"type": 1, "text": "x"}]}, 42028),
        ({"button_list": [{"key": "k"}]}, 42038),
        ({"horizontal_content_list": [{"keyname": "k"}] * 7}, 42035),
        ({"horizontal_content_list": [{"value": "v"}]}, 42027),
        ({"jump_list": [{"type": 0, "title": "t"}] * 4}, 42042),
        ({"sub_titel": "x"}, 40058),
        ({"source": {"desc_color": 9}}, 40058),
        (
            {
                "button_selection": {
                    "question_key": "q",
                    "option_list": [{"id": str(n), "text": "x"} for n in range(11)],
                }
            },
            42037,
        ),
        (
            {
                "action_menu": {
                    "desc": "d",
                    "action_list": [{"text": "a", "key": "k"}, {"text": "b", "key": "k"}],
                }
            },
            42051,
        ),
    ],
)
def test_wrong_cards_are_refused(world, change, errcode):
    assert world.call(SEND, card(**change))["errcode"] == errcode


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"card_type": "text_notice", "main_title": {"title": "t"}}, 42045),
        ({"card_type": "text_notice", "card_action": {"type": 1, "url": "https://a.example"}}, 42033),
        (
            {
                "card_type": "text_notice",
                "main_title": {"title": "t"},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            0,
        ),
        ({"card_type": "text_notice", "main_title": {"title": "t"}, "card_action": {"type": 0}}, 42045),
        ({"card_type": "text_notice", "main_title": {"title": "t"}, "card_action": {"type": 1}}, 42028),
        (
            {
                "card_type": "text_notice",
                "main_title": {"title": "t"},
                "card_action": {"type": 2, "pagepath": "p"},
            },
            42030,
        ),
        (
            {
                "card_type": "news_notice",
                "main_title": {"title": "t"},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            42044,
        ),
        (
            {
                "card_type": "news_notice",
                "card_image": {"url": "https://a.example/a.png", "aspect_ratio": 2.26},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            40058,
        ),
        (
            {
                "card_type": "news_notice",
                "card_image": {"url": "https://a.example/a.png", "aspect_ratio": 1.3},
                "card_action": {"type": 1, "url": "https://a.example"},
            },
            0,
        ),
        (
            {"card_type": "vote_interaction", "task_id": "v", "submit_button": {"text": "交", "key": "s"}},
            42043,
        ),
        (
            {
                "card_type": "vote_interaction",
                "task_id": "v",
                "submit_button": {"text": "交", "key": "s"},
                "checkbox": {"question_key": "q", "option_list": [{"id": "1", "text": "好"}]},
            },
            0,
        ),
        (
            {
                "card_type": "multiple_interaction",
                "task_id": "m",
                "submit_button": {"text": "交", "key": "s"},
                "select_list": [],
            },
            42047,
        ),
    ],
)
def test_the_other_card_types(world, body, errcode):
    message = {"touser": "wangfang", "msgtype": "template_card", "agentid": 1000002, "template_card": body}
    assert world.call(SEND, message)["errcode"] == errcode


def test_each_click_brings_a_new_response_code(world, receiver):
    world.call(SEND, card())
    codes = [world.click("wangfang", "t1", "done", wait=True)["response_code"] for _ in range(2)]
    first, second = (taken.event for taken in receiver.wait(2, name="template_card_event"))
    assert codes[0] != codes[1]
    assert {first["ResponseCode"], second["ResponseCode"]} == set(codes)
    assert {name: first[name] for name in ("FromUserName", "EventKey", "TaskId", "CardType", "AgentID")} == {
        "FromUserName": "wangfang",
        "EventKey": "done",
        "TaskId": "t1",
        "CardType": "button_interaction",
        "AgentID": "1000002",
    }


def test_answers_to_questions_are_told(world, receiver):
    body = card(
        button_selection={
            "question_key": "q",
            "option_list": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
        }
    )
    world.call(SEND, body)
    world.click("wangfang", "t1", "done", selected=[{"question_key": "q", "option_ids": ["b"]}])
    event = receiver.wait(1, name="template_card_event")[0].event
    assert event["SelectedItems"] == {"SelectedItem": {"QuestionKey": "q", "OptionIds": {"OptionId": "b"}}}


def test_a_card_that_is_not_there_cannot_be_clicked(world):
    world.call(SEND, card())
    with pytest.raises(AssertionError, match="没有这张卡片"):
        world.click("zhaoqian", "t1", "done")
    with pytest.raises(AssertionError, match="没有这个按钮"):
        world.click("wangfang", "t1", "other")


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


def test_a_passive_reply_greys_the_button_of_the_clicker_alone(world, receiver):
    receiver.reply = lambda taken: (
        200,
        (
            "<xml><MsgType><![CDATA[update_button]]></MsgType>"
            "<Button><ReplaceName><![CDATA[已完成]]></ReplaceName></Button></xml>"
        ),
    )
    world.call(SEND, card(touser="wangfang|zhaoqian"))
    assert world.click("wangfang", "t1", "done", wait=True)["callback"] == {
        "status": 200,
        "tries": 1,
        "received": True,
    }
    (row,) = world.ledger("card_updated")
    assert (row["who"], row["what"]["button"], row["what"]["by"]) == ("wangfang", "已完成", "reply")
    assert world.get("/phone/guide/zhaoqian")["chat"][0]["what"]["greyed"] is None


def test_a_passive_reply_may_replace_the_card(world, receiver):
    receiver.reply = lambda taken: (
        200,
        (
            "<xml><MsgType>update_template_card</MsgType><TemplateCard><CardType>button_interaction</CardType>"
            "<MainTitle><Title>做完了</Title></MainTitle><HorizontalContentList><KeyName>用时</KeyName><Value>2 分</Value>"
            "</HorizontalContentList><ButtonList><Text>再看</Text><Style>1</Style><Key>again</Key></ButtonList></TemplateCard></xml>"
        ),
    )
    world.call(SEND, card())
    world.click("wangfang", "t1", "done", wait=True)
    shown = world.get("/phone/guide/wangfang")["chat"][0]["what"]["card"]
    assert shown["main_title"] == {"title": "做完了"}
    assert shown["horizontal_content_list"] == [{"keyname": "用时", "value": "2 分"}]
    assert shown["button_list"] == [{"text": "再看", "style": 1, "key": "again"}]
    assert world.click("wangfang", "t1", "again")["response_code"]


def test_a_reply_in_plain_text_is_never_shown(world, receiver):
    receiver.reply = lambda taken: (200, "success")
    world.call(SEND, card())
    world.click("wangfang", "t1", "done", wait=True)
    assert world.ledger("card_updated,dropped") == []


def test_an_interactive_card_needs_a_callback_address(receiver):
    content = receiver.content
    content["app"]["callback_url"] = ""
    with World(content) as world:
        assert world.call(SEND, card())["errcode"] == 43012
