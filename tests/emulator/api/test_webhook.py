"""Webhook robots: what they may say, how often, and where."""

import base64
import hashlib

import pytest
import requests

from tests.cast import SHOP_CHAT
from tests.wecom_world import WEBHOOK, World, corp

GIF = b"GIF89a" + b"0" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def picture(data):
    return {
        "msgtype": "image",
        "image": {"base64": base64.b64encode(data).decode(), "md5": hashlib.md5(data).hexdigest()},
    }


def test_a_webhook_robot_speaks_in_its_group(world):
    assert world.webhook({"msgtype": "markdown", "markdown": {"content": "**雪地靴** 到店"}}) == {
        "errcode": 0,
        "errmsg": "ok",
    }
    (row,) = world.ledger("robot")
    assert (row["who"], row["what"]["robot"], row["what"]["markdown"]) == (
        SHOP_CHAT,
        "总部播报",
        {"content": "**雪地靴** 到店"},
    )


def test_twenty_a_minute_then_45009(world):
    codes = [world.webhook({"msgtype": "text", "text": {"content": str(n)}})["errcode"] for n in range(22)]
    assert codes == [0] * 20 + [45009] * 2
    assert len(world.ledger("robot")) == 20
    world.advance(60)
    assert world.webhook({"msgtype": "text", "text": {"content": "又可以了"}})["errcode"] == 0


def test_a_wrong_key_and_a_dismissed_group_answer_93000(world):
    """H11."""
    assert world.webhook({"msgtype": "text", "text": {"content": "x"}}, key="no")["errcode"] == 93000
    world.post("/control/groups", {"dismiss": SHOP_CHAT})
    assert world.webhook({"msgtype": "text", "text": {"content": "x"}})["errcode"] == 93000


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "汉" * 682}}, 0),
        ({"msgtype": "text", "text": {"content": "汉" * 683}}, 45002),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": "markdown", "markdown": {"content": "汉" * 1366}}, 45002),
        ({"msgtype": "markdown", "markdown": {"content": "x", "mentioned_list": ["@all"]}}, 40058),
        ({"msgtype": "text", "text": {"content": "x", "mentioned_list": ["@all"]}}, 0),
        (picture(PNG), 0),
        (picture(GIF), 40004),
        ({"msgtype": "image", "image": {"base64": "data:image/png;base64,AAAA", "md5": "0"}}, 40058),
        ({"msgtype": "image", "image": {"base64": base64.b64encode(PNG).decode(), "md5": "0" * 32}}, 301019),
        ({"msgtype": "news", "news": {"articles": [{"title": "t", "url": "https://a.example"}] * 9}}, 45008),
        ({"msgtype": "file", "file": {"media_id": "none"}}, 40007),
        ({"msgtype": "template_card", "template_card": {"card_type": "button_interaction"}}, 42031),
    ],
)
def test_what_a_webhook_robot_may_say(world, body, errcode):
    assert world.webhook(body)["errcode"] == errcode


def test_a_file_belongs_to_the_robot_that_uploaded_it(world):
    answer = requests.post(
        world.api_url + "webhook/upload_media",
        params={"key": WEBHOOK, "type": "file"},
        files={"media": ("价目表.xlsx", b"0123456789")},
        timeout=20,
    ).json()
    assert answer["errcode"] == 0
    assert world.webhook({"msgtype": "file", "file": {"media_id": answer["media_id"]}})["errcode"] == 0
    app = requests.post(
        world.api_url + "media/upload",
        params={"access_token": world.token(), "type": "file"},
        files={"media": ("a.txt", b"0123456789")},
        timeout=20,
    ).json()
    assert world.webhook({"msgtype": "file", "file": {"media_id": app["media_id"]}})["errcode"] == 40007


def test_a_customer_group_cannot_host_a_webhook_robot():
    content = corp()
    content["groups"][1]["webhooks"] = [{"key": "k", "name": "n"}]
    with pytest.raises(Exception, match="cannot host a webhook"):
        World(content)
