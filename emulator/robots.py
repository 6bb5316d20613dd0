"""The smart robot in internal groups and 1-to-1: what people say to it, and what of its answers is shown."""

import io
import json
import secrets
from collections.abc import Callable
from typing import Any

from PIL import Image

from .api import media
from .api.cards import TemplateCard, keys_of
from .callbacks import Outgoing
from .errors import Refusal, Unwilling
from .friendships import known_guide
from .limits import ROBOT_IN_FLIGHT, STREAM_BYTES, STREAM_SECONDS
from .platform import Platform
from .schema import Flag, ListOf, Record, Text

POLL_SECONDS = 1.0

_CARD = TemplateCard(missing=42031)
_STREAM = Record(
    missing=40063,
    fields={
        "id": Text(missing=40063, empty=40063),
        "finish": Flag(),
        "content": Text(most_bytes=STREAM_BYTES, too_long=45002),
        "msg_item": ListOf(
            item=Record(
                fields={
                    "msgtype": Text(missing=40008),
                    "image": Record(
                        missing=40063, fields={"base64": Text(missing=40063), "md5": Text(missing=40063)}
                    ),
                }
            )
        ),
        "feedback": Record(fields={"id": Text(missing=40063)}),
    },
)
_TEXT = Record(missing=44004, fields={"content": Text(missing=44004, empty=44004)})
REPLIES = {
    "text": Record(fields={"msgtype": Text(), "text": _TEXT}),
    "stream": Record(fields={"msgtype": Text(), "stream": _STREAM}),
    "template_card": Record(fields={"msgtype": Text(), "template_card": _CARD}),
    "stream_with_template_card": Record(
        fields={"msgtype": Text(), "stream": _STREAM, "template_card": TemplateCard()}
    ),
    "update_template_card": Record(
        fields={"response_type": Text(), "userids": ListOf(), "template_card": _CARD}
    ),
}
"""What the smart robot's own address may answer to a callback."""


def say(
    platform: Platform, chat_id: str, userid: str, text: str, base_url: str, attached: str = ""
) -> tuple[dict[str, Any], Outgoing | None]:
    """Somebody writes into a group, with a picture if `attached` says so; only a mention of the robot reaches it."""
    chat = platform.chat(chat_id)
    if not chat:
        raise Unwilling("没有这个群", 404)
    person = platform.state.row("SELECT * FROM chat_person WHERE chat_id = ? AND who = ?", chat_id, userid)
    if not person:
        raise Unwilling("这个人不在群里", 403)
    if attached not in ("", "image"):
        raise Unwilling("群里只有图片能和 @ 一起发")
    pictures = [_attachment(platform, attached, base_url)] if attached else []
    platform.ledger.write("said", chat_id, userid=person["who"], text=text, attachments=pictures)
    name = platform.corp.robot_name
    if not chat["robot"] or chat["kind"] != "internal" or not name or f"@{name}" not in text:
        return {"robot": False}, None
    words = message("text", {"content": text})
    content = message("mixed", {"msg_item": [words, *map(_sent, pictures)]}) if pictures else words
    return {"robot": True}, call_robot(platform, chat_id, person["who"], content, base_url)


def say_alone(
    platform: Platform, userid: str, text: str | None, base_url: str, attached: str = ""
) -> tuple[dict[str, Any], Outgoing | None]:
    """1-to-1 with the robot: a line, or what `attached` says, a voice with its words; with nothing she only enters."""
    guide = known_guide(platform, userid)
    if attached == "voice":
        platform.ledger.write("said", guide["userid"], to="robot", msgtype="voice", voice={})
        body = message("voice", {"content": text or ""})
    elif attached:
        sent = _attachment(platform, attached, base_url)
        platform.ledger.write("said", guide["userid"], to="robot", attachments=[sent])
        body = _sent(sent)
    elif text is None:
        body = message("event", {"eventtype": "enter_chat"})
    else:
        platform.ledger.write("said", guide["userid"], to="robot", text=text)
        body = message("text", {"content": text})
    return {"robot": True}, call_robot(platform, "", guide["userid"], body, base_url)


def _attachment(platform: Platform, kind: str, base_url: str) -> dict[str, Any]:
    """What she sends out of her phone, kept where its address leads. The real platform encrypts its bytes."""
    if kind not in PHONE_FILES:
        raise Unwilling("手机上只有图片、文件、视频和语音可以发", 400)
    name, draw = PHONE_FILES[kind]
    media_id = media.store(platform, kind, "robot", name, draw(), platform.clock.now())
    return message(kind, {"media_id": media_id, "title": name, "url": f"{base_url}/pic/{media_id}"})


def _sent(attachment: dict[str, Any]) -> dict[str, Any]:
    """The same, as the robot is told of it: its address and no more."""
    kind = attachment["msgtype"]
    return message(kind, {"url": attachment[kind]["url"]})


def _photo() -> bytes:
    drawn = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(drawn, "PNG")
    return drawn.getvalue()


PHONE_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "image": ("照片.png", _photo),
    "file": ("排班表.csv", lambda: "日期,早班,晚班\r\n周一,王芳,周梅\r\n".encode("utf-8-sig")),
    "video": ("视频.mp4", lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
}
"""What lies on every phone, to be sent"""


def press(
    platform: Platform, chat_id: str, userid: str, asked: dict[str, Any], base_url: str
) -> tuple[dict[str, Any], Outgoing | None]:
    """A tap on a card that the robot has sent into the group (or to her alone: chat_id is then empty)."""
    place = chat_id or f"robot:{userid.lower()}"
    copy = platform.state.row(
        "SELECT * FROM card WHERE task_id = ? AND chat_id = ?", asked.get("task_id"), place
    )
    if not copy:
        raise Unwilling("这里没有这张卡片", 404)
    card, key = json.loads(copy["body"]), str(asked.get("key"))
    if key not in keys_of(card) and not asked.get("force"):
        raise Unwilling("这张卡片上没有这个按钮")
    selected = [
        {"question_key": item["question_key"], "option_ids": {"option_id": item["option_ids"]}}
        for item in asked.get("selected", [])
    ]
    event: dict[str, Any] = {"card_type": card["card_type"], "event_key": key, "task_id": copy["task_id"]}
    if selected:
        event["selected_items"] = {"selected_item": selected}
    body = message("event", {"eventtype": "template_card_event", "template_card_event": event})
    return {"robot": True}, call_robot(platform, chat_id, userid, body, base_url)


def message(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"msgtype": kind, kind: content}


def call_robot(
    platform: Platform, chat_id: str, userid: str, content: dict[str, Any], base_url: str
) -> Outgoing | None:
    """Sends what was said to the robot's own address; one member has at most three such talks at once."""
    endpoint = platform.corp.endpoints.get("robot")
    if not endpoint:
        return None
    talk = Talk(platform, chat_id, userid)
    if not talk.begin():
        platform.ledger.write(
            "dropped", chat_id or userid, why="three talks with the robot at once", userid=userid
        )
        return None
    body = talk.common() | {"response_url": talk.response_url(base_url)} | content
    kind = content["msgtype"]
    event = f"event.{content['event']['eventtype']}" if kind == "event" else kind
    plain = json.dumps(body, ensure_ascii=False)
    entered = event == "event.enter_chat"
    return platform.sender.send(
        Outgoing(endpoint, event, plain, on_reply=lambda reply: talk.take(reply, entered), on_done=talk.end)
    )


class Talk:
    """One question to the robot and its answer, which may stream for up to six minutes."""

    def __init__(self, platform: Platform, chat_id: str, userid: str) -> None:
        self.platform = platform
        self.chat_id = chat_id
        self.userid = userid
        self.place = chat_id or f"robot:{userid.lower()}"
        self.begun = platform.clock.now()

    def begin(self) -> bool:
        with self.platform.state.change():
            running = self.platform.in_flight.get(self.userid, 0)
            if running >= ROBOT_IN_FLIGHT:
                return False
            self.platform.in_flight[self.userid] = running + 1
        return True

    def end(self) -> None:
        with self.platform.state.change():
            self.platform.in_flight[self.userid] = max(0, self.platform.in_flight.get(self.userid, 0) - 1)

    def common(self) -> dict[str, Any]:
        where = {"chatid": self.chat_id, "chattype": "group"} if self.chat_id else {"chattype": "single"}
        return {
            "msgid": secrets.token_hex(16),
            "create_time": int(self.platform.clock.now()),
            "aibotid": self.platform.corp.aibotid,
            "from": {"userid": self.userid},
        } | where

    def response_url(self, base_url: str) -> str:
        code = secrets.token_urlsafe(32)
        self.platform.state.run(
            "INSERT INTO response_url VALUES (?, ?, ?, ?, NULL)",
            code,
            self.chat_id or self.userid,
            self.userid,
            self.platform.clock.now(),
        )
        return f"{base_url}/cgi-bin/aibot/response?response_code={code}"

    def take(self, reply: str, entered: bool = False) -> None:
        """Shows what the platform would show; what it would not show is written down as dropped."""
        try:
            kind, body = read_reply(reply)
            if kind == "text" and not entered:
                raise Refusal(40008, "text is shown on entering the chat only")
            if kind == "text":
                self.show(msgtype="text", text=body["text"])
            if "stream" in body:
                self.take_stream(body["stream"])
            if kind == "update_template_card":
                self.update_card(body["template_card"])
            elif "template_card" in body:
                self.take_card(body["template_card"])
        except Refusal as refusal:
            self.drop(f"{refusal.errcode} {refusal.hint}")

    def take_stream(self, stream: dict[str, Any]) -> None:
        content, finish = stream.get("content", ""), stream.get("finish", False)
        if stream.get("msg_item") and not finish:
            raise Refusal(40058, "stream.msg_item comes with the last piece only")
        if content or finish:
            self.show(msgtype="stream", stream={"id": stream["id"], "content": content, "finish": finish})
        if not finish and self.platform.clock.now() - self.begun < STREAM_SECONDS:
            plain = json.dumps(self.common() | message("stream", {"id": stream["id"]}), ensure_ascii=False)
            self.platform.sender.send(
                Outgoing(self.platform.corp.endpoints["robot"], "stream", plain, on_reply=self.take),
                after=POLL_SECONDS,
            )

    def take_card(self, card: dict[str, Any]) -> None:
        self.show(msgtype="template_card", template_card=card)
        if card.get("task_id"):
            self.platform.state.run(
                "INSERT OR REPLACE INTO card VALUES (?, '', ?, ?, NULL, ?)",
                card["task_id"],
                self.place,
                json.dumps(card, ensure_ascii=False),
                self.platform.clock.now(),
            )

    def update_card(self, card: dict[str, Any]) -> None:
        changed = self.platform.state.run(
            "UPDATE card SET body = ? WHERE task_id = ? AND chat_id = ?",
            json.dumps(card, ensure_ascii=False),
            card.get("task_id"),
            self.place,
        )
        if not changed:
            raise Refusal(42016, str(card.get("task_id")))
        self.platform.ledger.write(
            "card_updated",
            self.chat_id or self.userid,
            task_id=card["task_id"],
            button=None,
            card=card,
            by="reply",
        )

    def show(self, **what: Any) -> None:
        self.platform.ledger.write(
            "robot_reply", self.chat_id or self.userid, to=self.userid, by="reply", **what
        )

    def drop(self, why: str) -> None:
        self.platform.ledger.write("dropped", self.chat_id or self.userid, why=why, source="robot")


def read_reply(reply: str) -> tuple[str, dict[str, Any]]:
    """Its kind and its content, when the platform could show it."""
    try:
        body = json.loads(reply)
    except (ValueError, RecursionError) as error:
        raise Refusal(40035, "not JSON") from error
    kind = body.get("msgtype") or body.get("response_type") if isinstance(body, dict) else None
    if not isinstance(kind, str) or kind not in REPLIES:
        raise Refusal(40008, f"no such reply: {str(kind)[:40]}")
    REPLIES[kind].check(body, "")
    return kind, body
