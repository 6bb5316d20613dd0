"""What is kept of what people write: who wrote when, and the command that they called. All else was read once and is gone."""

import json
from typing import Any
from xml.sax.saxutils import escape

from handlers.registry import RobotCommand
from wecom.events import Event, clean, read_json

ROBOT_ENVELOPE = ("msgid", "create_time", "aibotid", "chatid", "chattype", "from", "msgtype")
EVENT_PARTS = ("eventtype", "template_card_event")
APP_ENVELOPE = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID")


def of_robot(body: str, command: RobotCommand | None) -> str:
    """A message to the robot: with its command it can be handled again, and nobody learns what else was said."""
    said = read_json(body)
    kept: dict[str, Any] = {name: said[name] for name in ROBOT_ENVELOPE if name in said}
    if isinstance(event := said.get("event"), dict):
        kept["event"] = {name: event[name] for name in EVENT_PARTS if name in event}
    if command:
        word = {"content": command.words[0]}
        mixed = {"msg_item": [{"msgtype": "text", "text": word}]}
        kind = str(said.get("msgtype")).lower()
        kept[kind] = mixed if kind == "mixed" else word
    return clean(json.dumps(kept, ensure_ascii=False))


def of_app(event: Event) -> str:
    """A message to the app, which answers nobody: no command needs a word of it."""
    elements = ((name, event.text(name)) for name in APP_ENVELOPE)
    inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements if text)
    return f"<xml>{inside}</xml>"
