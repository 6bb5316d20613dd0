"""Passive replies: what an answer to a callback may carry."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wecom.events import Event
from wecom.xml import write_xml


def reply_text(event: Event, text: str, now: datetime) -> str:
    """A text that the app answers to a member's message."""
    return _reply(event, "text", {"Content": text}, now)


def reply_button(event: Event, words: str, now: datetime) -> str:
    """The clicked button turns grey and says these words, for the one who clicked."""
    return _reply(event, "update_button", {"Button": {"ReplaceName": words}}, now)


def reply_card(event: Event, card: Mapping[str, Any], now: datetime) -> str:
    """The clicked card turns into this one; the JSON names become the XML's."""
    return _reply(event, "update_template_card", {"TemplateCard": _camel(card)}, now)


def robot_text(content: str) -> dict[str, Any]:
    """Only allowed as the answer to event.enter_chat."""
    return {"msgtype": "text", "text": {"content": content}}


def robot_stream(stream: str, content: str, *, finish: bool = True) -> dict[str, Any]:
    """Markdown, at once or in pieces; the platform asks again under the same id until it is finished."""
    return {"msgtype": "stream", "stream": {"id": stream, "finish": finish, "content": content}}


def robot_card_update(card: Mapping[str, Any], users: Sequence[str] = ()) -> dict[str, Any]:
    """The answer to a click on the robot's card: the same task_id with a new face."""
    update: dict[str, Any] = {"response_type": "update_template_card", "template_card": dict(card)}
    return {**update, "userids": list(users)} if users else update


def markdown_message(content: str) -> dict[str, Any]:
    """A message for a robot's webhook or response_url."""
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _reply(event: Event, of_type: str, body: Mapping[str, Any], now: datetime) -> str:
    # the answer goes back where the callback came from: sender and receiver change places
    envelope = {
        "ToUserName": event.actor,
        "FromUserName": event.receiver,
        "CreateTime": int(now.timestamp()),
        "MsgType": of_type,
    }
    return write_xml({**envelope, **body})


def _camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        named = {"".join(part.capitalize() for part in key.split("_")): one for key, one in value.items()}
        return {name: _camel(one) for name, one in named.items()}
    return [_camel(one) for one in value] if isinstance(value, list) else value
