"""What lies on a phone before a test looks at it: cards, tasks and pictures, sent as our program would."""

import io

import requests
import segno

from tests.wecom_world import World

CARD = {
    "card_type": "button_interaction",
    "task_id": "card-1",
    "main_title": {"title": "初雪雪地靴", "desc": "18:00 前发送"},
    "horizontal_content_list": [{"keyname": "未打开", "value": "87 位客户"}],
    "jump_list": [{"type": 1, "title": "打开任务", "url": "http://127.0.0.1:8000/g/tasks/abc?x=1"}],
    "button_list": [
        {"text": "看到了", "style": 1, "key": "open:abc"},
        {"text": "我已发", "style": 2, "key": "said:abc"},
    ],
}


def code_picture(payload: str) -> bytes:
    made = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(made, kind="png", scale=8, border=4)
    return made.getvalue()


def upload(world: World, picture: bytes) -> str:
    query = {"access_token": world.token(), "type": "image"}
    files = {"media": ("poster.png", picture, "image/png")}
    return requests.post(world.api_url + "media/upload", params=query, files=files, timeout=20).json()[
        "media_id"
    ]


def send_card(world: World) -> dict:
    body = {"touser": "wangfang", "msgtype": "template_card", "agentid": 1000002, "template_card": CARD}
    answer = world.call("message/send", body)
    assert answer["errcode"] == 0, answer
    return answer


def make_task(world: World, *customers: str, picture: bytes = b"") -> str:
    media = [{"msgtype": "image", "image": {"media_id": upload(world, picture)}}] if picture else []
    body = {
        "sender": "wangfang",
        "external_userid": list(customers),
        "text": {"content": "今晚有雪"},
        "attachments": media,
    }
    answer = world.call(
        "externalcontact/add_msg_template",
        body if media else {k: v for k, v in body.items() if k != "attachments"},
    )
    assert answer["errcode"] == 0, answer
    return answer["msgid"]


def code_of(world: World, *users: str) -> str:
    kind = {"type": 1 if len(users) == 1 else 2, "scene": 2, "user": list(users), "state": "poster-1"}
    config_id = world.call("externalcontact/add_contact_way", kind)["config_id"]
    return next(row["payload"] for row in world.state()["contact_ways"] if row["config_id"] == config_id)
