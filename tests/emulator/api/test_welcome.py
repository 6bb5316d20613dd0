"""The welcome message: its code, its twenty seconds, its content."""

import pytest

WELCOME = "externalcontact/send_welcome_msg"


@pytest.fixture
def code(world, way):
    return world.scan("wmNEW", way("wangfang")["payload"], name="新客")["welcome_code"]


def test_the_customer_receives_it_once(world, code):
    body = {"welcome_code": code, "text": {"content": "您好，我是王芳"}}
    assert world.call(WELCOME, body)["errcode"] == 0
    assert world.call(WELCOME, body)["errcode"] == 41051
    (row,) = world.ledger("welcome")
    assert (row["who"], row["what"]["userid"], row["what"]["text"]) == ("wmNEW", "wangfang", "您好，我是王芳")


def test_after_twenty_seconds_the_code_is_worth_nothing(world, code):
    world.advance(20.5)
    assert world.call(WELCOME, {"welcome_code": code, "text": {"content": "晚了"}})["errcode"] == 41050
    assert world.ledger("welcome") == []


def test_a_refused_content_leaves_the_code_alive(world, code):
    assert world.call(WELCOME, {"welcome_code": code, "text": {"content": "汉" * 1334}})["errcode"] == 45002
    assert world.call(WELCOME, {"welcome_code": code, "text": {"content": "汉" * 1333}})["errcode"] == 0


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        ({}, 44004),
        ({"text": {"content": ""}}, 44004),
        ({"text": "hello"}, 40058),
        (
            {"attachments": [{"msgtype": "link", "link": {"title": "t" * 129, "url": "https://a.example"}}]},
            40058,
        ),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t"}}]}, 40063),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "a.example"}}]}, 40094),
        ({"attachments": [{"msgtype": "image", "image": {}}]}, 40007),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "none"}}]}, 40007),
        (
            {"attachments": [{"msgtype": "image", "image": {"pic_url": "https://elsewhere.example/a.png"}}]},
            40007,
        ),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "x"}, "link": {}}]}, 40058),
        ({"attachments": [{"msgtype": "poem", "poem": {}}]}, 41065),
        (
            {"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "https://a.example"}}] * 10},
            41064,
        ),
    ],
)
def test_wrong_contents_are_refused(world, code, content, errcode):
    assert world.call(WELCOME, {"welcome_code": code} | content)["errcode"] == errcode


def test_without_a_code_or_with_an_invented_one(world):
    assert world.call(WELCOME, {"text": {"content": "hi"}})["errcode"] == 41049
    assert world.call(WELCOME, {"welcome_code": "invented", "text": {"content": "hi"}})["errcode"] == 41050


def test_nine_attachments_and_no_text_are_fine(world, code):
    link = {"msgtype": "link", "link": {"title": "新品", "url": "https://a.example/s/1"}}
    assert world.call(WELCOME, {"welcome_code": code, "attachments": [link] * 9})["errcode"] == 0
    assert len(world.ledger("welcome")[0]["what"]["attachments"]) == 9
