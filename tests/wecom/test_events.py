"""Decrypted callbacks become events, whatever shape the platform chose; rubbish becomes BadCallback."""

import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wecom.callbacks import robot_stream, robot_text
from wecom.errors import BadCallback
from wecom.events import parse_event, parse_robot

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(inner, actor="sys"):
    return (
        f"<xml><ToUserName><![CDATA[wwdemo]]></ToUserName><FromUserName><![CDATA[{actor}]]></FromUserName>"
        f"<CreateTime>1767225600</CreateTime><MsgType><![CDATA[event]]></MsgType>{inner}</xml>"
    )


def malformed(call, text):
    with pytest.raises(BadCallback) as caught:
        call(text)
    assert (caught.value.kind, caught.value.status) == ("malformed", 400)


def test_a_new_friend():
    found = parse_event(event(
        "<Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>"
        "<UserID>guide001</UserID><ExternalUserID>wm1</ExternalUserID><State>st0420</State>"
        "<WelcomeCode>WCODE1</WelcomeCode>"
    ))  # fmt: skip
    assert found.kind == "change_external_contact.add_external_contact"
    assert (found.actor, found.user, found.external_user) == ("sys", "guide001", "wm1")
    assert found.created_at == NOW
    assert (found.text("State"), found.text("WelcomeCode"), found.text("Source")) == ("st0420", "WCODE1", "")


def test_a_tap_on_a_card():
    card = (
        "<Event>template_card_event</Event><EventKey>done</EventKey><TaskId>t@1</TaskId>"
        "<CardType>button_interaction</CardType><ResponseCode>RC1</ResponseCode><AgentID>1000002</AgentID>"
    )
    plain = parse_event(event(card, "wangfang"))
    assert (plain.kind, plain.actor) == ("template_card_event", "wangfang")
    assert (plain.text("EventKey"), plain.text("TaskId"), plain.text("ResponseCode")) == (
        "done",
        "t@1",
        "RC1",
    )


def test_an_event_that_we_do_not_know_may_hold_several_of_anything_inside_A14():
    found = parse_event(event(
        "<Event>sys_approval_change</Event><ApprovalInfo><SpNo>1</SpNo>"
        "<SpRecord><SpStatus>1</SpStatus></SpRecord><SpRecord><SpStatus>2</SpStatus></SpRecord><SpRecord/></ApprovalInfo>"
    ))  # fmt: skip
    assert found.fields["ApprovalInfo"]["SpRecord"] == [{"SpStatus": "1"}, {"SpStatus": "2"}, ""]
    options = "<OptionIds><OptionId>o1</OptionId><OptionId>o2</OptionId></OptionIds>"
    tapped = parse_event(event(f"<Event>template_card_event</Event><SelectedItems>{options}</SelectedItems>"))
    assert tapped.fields["SelectedItems"] == {"OptionIds": {"OptionId": ["o1", "o2"]}}


@pytest.mark.parametrize(
    ("inner", "kind"),
    [("<Event>change_contact</Event><ChangeType>delete_user</ChangeType>", "change_contact.delete_user"),
     ("<Event>subscribe</Event>", "subscribe"), ("<Event>LOCATION</Event>", "location"),
     ("<Event>something_new</Event><ChangeType>never_seen</ChangeType><Extra>1</Extra>", "something_new.never_seen")],
)  # fmt: skip
def test_every_event_has_a_kind_also_one_that_nobody_knows_A14(inner, kind):
    assert parse_event(event(inner)).kind == kind


def test_a_message_has_an_opaque_id_and_a_long_name_is_kept_A14():
    long = "霁" * 3400
    found = parse_event(
        "<xml><ToUserName>ww</ToUserName><FromUserName>wang</FromUserName><CreateTime>1767225600</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{long}]]></Content>"
        "<MsgId>CAIQg/PKxgYY2sC9tpuAgAMg9/zKaw==</MsgId><AgentID>1000002</AgentID></xml>"
    )
    assert found.kind == "message.text"
    assert found.text("MsgId") == "CAIQg/PKxgYY2sC9tpuAgAMg9/zKaw=="
    assert found.text("Content") == long


@pytest.mark.parametrize(
    "stamp", ["1767225600", "1767225600123", "1767225600123456", "1767225600.0", "１７６７２２５６００"]
)
def test_a_time_is_read_in_whatever_fractions_it_is_told(stamp):
    xml = f"<xml><MsgType>event</MsgType><Event>x</Event><CreateTime>{stamp}</CreateTime></xml>"
    assert parse_event(xml).created_at.timestamp() == 1767225600


@pytest.mark.parametrize("stamp", ["1.5", "1767", "999999999"])
def test_a_time_of_the_last_century_is_none(stamp):
    xml = f"<xml><MsgType>event</MsgType><Event>x</Event><CreateTime>{stamp}</CreateTime></xml>"
    assert parse_event(xml).created_at is None


@pytest.mark.parametrize("stamp", ["", "abc", "-1", "0", "9" * 12, "9" * 400, "1.5", "１７６７"])
def test_an_odd_time_is_no_time(stamp):
    xml = f"<xml><MsgType>event</MsgType><Event>x</Event><CreateTime>{stamp}</CreateTime></xml>"
    found = parse_event(xml)
    assert found.created_at is None or found.created_at.year < 2100


@pytest.mark.parametrize(
    "xml",
    ["", " ", "x", "<xml></xml>", "<xml/>", "<xml>x</xml>", event("<Event>x</Event>") * 2, event("<Event>x</Event>")[:-1],
     "<xml>&nbsp;</xml>", "\ud800", "\ufffe<xml/>", "<xml><MsgType>text</MsgType><a>&b;</a></xml>",
     "<xml><MsgType>text</MsgType><a>\x01<![CDATA[</a></xml>", "<xml>" + "<![CDATA[" * 9000],
)  # fmt: skip
def test_what_is_no_document_is_malformed_A11(xml):
    malformed(parse_event, xml)


@pytest.mark.parametrize(
    ("xml", "kind"),
    [("<xml><MsgType>event</MsgType></xml>", "unnamed"), ("<xml><Event>x</Event></xml>", "x"),
     ("<xml><MsgType/></xml>", "unnamed"),
     ("<xml><MsgType><a>1</a></MsgType></xml>", "unnamed"), ("<xml><InfoType>suite_ticket</InfoType></xml>", "suite_ticket"),
     ("<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>", "message.text"),
     (event("<Event>a</Event><Event>b</Event>"), "a"),
     (event("<Event/><Event>b</Event>"), "b"), ("<xml><MsgType>text</MsgType>\x00</xml>", "message.text"),
     ("\n\ufeff <?xml version='1.1' encoding='gbk' standalone='yes'?> <xml><Event>x</Event></xml>\n", "x")],
)  # fmt: skip
def test_a_document_of_any_shape_is_an_event_A14(xml, kind):
    assert parse_event(xml).kind == kind


def test_of_an_element_that_stands_twice_all_is_kept_and_the_first_is_read_A14():
    found = parse_event(event("<Event>doc_change</Event><DocId/><DocId>d1</DocId><DocId>d2</DocId>"))
    assert found.fields["DocId"] == ["", "d1", "d2"]
    assert found.text("DocId") == "d1"


def test_what_xml_forbids_is_taken_out_and_the_rest_stays_as_it_was_A14():
    forbidden = "&#8;&#x0b;&#xFFFE;&#xD83D;&#55357;&#99999999999;&#x110000;\x1f\ufffe\ud83d"
    kept = "陆&#38;&amp;&lt;&#x9646;<![CDATA[&#8;&b;]]>瑶&"
    found = parse_event(event(f"<Event>x</Event><Name>{kept}{forbidden}</Name>"))
    assert found.text("Name") == "陆&&<陆&#8;&b;瑶&"


def test_a_time_in_milliseconds_is_a_time():
    assert parse_event("<xml><Event>x</Event><CreateTime>1767225600123</CreateTime></xml>").created_at == NOW


BOMBS = {
    "laughs": '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>',
    "outside": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><MsgType>text</MsgType></xml>',
    "entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1/">]><xml><MsgType>&a;</MsgType></xml>',
    "empty doctype": "<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>",
    "nested": "<xml>" + "<a>" * 200_000,
    "many": "<xml>" + "<Item/>" * 30_000 + "</xml>",
    "long": f"<xml><MsgType>{'x' * 300_000}</MsgType></xml>",
}


@pytest.mark.parametrize("xml", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_malformed_and_unfolds_to_nothing_A13(xml):
    """The longest holds 600 KB of text; whoever unfolded one of the others would hold many times that."""
    tracemalloc.start()
    try:
        malformed(parse_event, xml)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text('<>/![]CDATAxml&;"=MsgTypeEvent ', max_size=80))
def test_no_text_raises_anything_else_A11(text):
    for call in (parse_event, parse_robot):
        try:
            call(text)
            call(f"<xml><MsgType>event</MsgType>{text}</xml>")
        except BadCallback:
            continue


# ---- the robot

SAID = {
    "msgid": "M1", "create_time": 1767225600, "aibotid": "AIB1", "chatid": "CH1", "chattype": "group",
    "from": {"userid": "guide001"}, "response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC",
    "msgtype": "text", "text": {"content": "@助手 今日任务"},
}  # fmt: skip


def robot(**changes):
    return parse_robot(json.dumps({**SAID, **changes}))


def test_a_mention_of_the_robot():
    found = robot()
    assert (found.kind, found.msgid, found.user) == ("text", "M1", "guide001")
    assert (found.chat, found.created_at) == ("CH1", NOW)
    assert found.text == "@助手 今日任务"


def test_a_mixed_message_is_read_as_its_texts():
    items = [{"msgtype": "text", "text": {"content": "@助手"}}, {"msgtype": "image", "image": {"url": "u"}},
             {"msgtype": "text", "text": {"content": "签到"}}, "odd", {"text": 7}]  # fmt: skip
    assert robot(msgtype="mixed", mixed={"msg_item": items}).text == "@助手 签到"
    assert robot(msgtype="mixed", mixed={"msg_item": "odd"}).text == ""


def test_voice_stream_and_events():
    assert robot(msgtype="voice", voice={"content": "今日任务"}).text == "今日任务"
    assert robot(msgtype="stream", stream={"id": "S1"}).kind == "stream"
    assert robot(msgtype="event", event={"eventtype": "enter_chat"}).kind == "event.enter_chat"
    card = {"card_type": "button_interaction", "event_key": "done", "task_id": "t1"}
    tapped = robot(msgtype="event", event={"eventtype": "template_card_event", "template_card_event": card})
    assert tapped.kind == "event.template_card_event"


def test_half_a_character_is_left_out():
    found = parse_robot('{"msgtype":"text","text":{"content":"帮助\\ud83d"},"from":{"userid":"wang\\udc00"}}')
    assert (found.text, found.user) == ("帮助", "wang")


def test_missing_fields_read_as_nothing():
    found = parse_robot('{"msgtype":"text"}')
    assert (found.msgid, found.user, found.chat, found.text, found.created_at) == ("", "", "", "", None)
    assert parse_robot('{"msgtype":"text","from":7,"text":[],"msgid":12}').msgid == "12"


@pytest.mark.parametrize(
    "body",
    ["", "[]", "1", "null", "{", "{}", '{"msgtype":7.5}', '{"msgtype":"event"}', '{"msgtype":"text","msgtype":"x"}',
     '{"msgtype":"text","a":NaN}', "[" * 50_000, '{"a":' * 50_000, '{"msgtype":"text","a":' + "1" * 5000 + "}",
     '{"msgtype":"event","event":{"eventtype":null}}', "\ufeff{}"],
)  # fmt: skip
def test_a_misshapen_robot_message_is_malformed_A11(body):
    malformed(parse_robot, body)


# ---- what is answered


def test_a_robots_answer_is_plain_only_when_somebody_opens_the_chat():
    assert robot_text("早") == {"msgtype": "text", "text": {"content": "早"}}
    assert robot_stream("S1", "**好**")["stream"] == {"id": "S1", "finish": True, "content": "**好**"}
