"""Cards on a phone: clicks, and the reply that greys or replaces them."""

import pytest

from tests.emulator.card import SEND, card


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
