"""What came in, typed: events and messages of the app, messages of the smart robot."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wecom.errors import BadCallback
from wecom.xml import read_xml

FIRST_SECOND, LAST_SECOND = 1_000_000_000, 4_102_444_800
"""The years 2001 and 2100: "times" before and after are rubbish"""
MILLISECONDS = 13
"""Digits of a time in milliseconds, which some events carry; microseconds are three more"""
UNNAMED = "unnamed"
"""The kind of an event that does not say what it is"""


@dataclass(frozen=True)
class Event:
    """One callback of the app or the directory. Fields that the platform left out read as ""."""

    kind: str
    """change_external_contact.add_external_contact, template_card_event, message.text …"""
    actor: str
    """Who did it: a userid, or sys"""
    user: str
    """Whom it is about: UserID"""
    external_user: str
    created_at: datetime | None
    fields: dict[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field as text: the first of several, "" when it is missing or not a text."""
        return _first(self.fields, name)


@dataclass(frozen=True)
class RobotMessage:
    """One callback of the smart robot."""

    kind: str
    """text, mixed, voice, stream, event.enter_chat, event.template_card_event …"""
    msgid: str
    user: str
    chat: str
    """Only in groups"""
    text: str
    """Everything readable, joined"""
    created_at: datetime | None


def parse_event(xml: str) -> Event:
    """The decrypted XML as an Event, whatever it holds; what is no XML, or a bomb, is BadCallback("malformed")."""
    fields = read_xml(xml)
    return Event(
        kind=_kind(fields),
        actor=_first(fields, "FromUserName"),
        user=_first(fields, "UserID"),
        external_user=_first(fields, "ExternalUserID"),
        created_at=_moment(_first(fields, "CreateTime")),
        fields=fields,
    )


def _kind(fields: dict[str, Any]) -> str:
    """What it is called; one that does not say is kept under a name that no handler has."""
    of_type = _first(fields, "MsgType").lower()
    if of_type not in ("", "event"):
        return f"message.{of_type}"
    name = (_first(fields, "Event") or _first(fields, "InfoType") or UNNAMED).lower()
    change = _first(fields, "ChangeType").lower()
    return f"{name}.{change}" if change else name


def parse_robot(body: str) -> RobotMessage:
    """The decrypted JSON as a RobotMessage; whatever is wrong with it is BadCallback("malformed")."""
    fields = read_json(body)
    of_type = _word(fields, "msgtype").lower()
    if not of_type:
        raise BadCallback("malformed", "机器人消息没有 msgtype")
    event = _inside(fields, "event")
    happened = _word(event, "eventtype").lower()
    if of_type == "event" and not happened:
        raise BadCallback("malformed", "机器人事件没有 eventtype")
    return RobotMessage(
        kind=f"event.{happened}" if of_type == "event" else of_type,
        msgid=_word(fields, "msgid"),
        user=_word(_inside(fields, "from"), "userid"),
        chat=_word(fields, "chatid"),
        text=_readable(fields, of_type),
        created_at=_moment(_word(fields, "create_time")),
    )


def read_json(body: str) -> dict[str, Any]:
    """A JSON object, or BadCallback: no doubled keys, no NaN, no bottomless nesting."""
    try:
        found = json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadCallback("malformed", "内容不是完整的 JSON") from None
    if not isinstance(found, dict):
        raise BadCallback("malformed", "内容不是 JSON 对象")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _first(fields: dict[str, Any], name: str) -> str:
    """An element as text; of one that stands there several times, the first that says something."""
    value = fields.get(name, "")
    several = value if isinstance(value, list) else [value]
    return next((one for one in several if isinstance(one, str) and one), "")


def _word(fields: dict[str, Any], name: str) -> str:
    """A field as text, clean; a number that a sender should have written as a text, too."""
    value = fields.get(name, "")
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _inside(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _moment(seconds: str) -> datetime | None:
    seconds = seconds.partition(".")[0]
    while MILLISECONDS <= len(seconds) <= MILLISECONDS + 6:
        seconds = seconds[:-3]
    if not seconds.isdecimal() or len(seconds) > 11 or not FIRST_SECOND <= int(seconds) < LAST_SECOND:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _readable(fields: dict[str, Any], of_type: str) -> str:
    if of_type == "mixed":
        items = _inside(fields, "mixed").get("msg_item", [])
        rows = [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []
        return " ".join(filter(None, (_word(_inside(row, "text"), "content") for row in rows)))
    return _word(_inside(fields, of_type), "content")


def clean(text: str) -> str:
    """Without NUL, and without halves of characters, which JSON may carry."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def clean_all(value: Any) -> Any:
    """A JSON value whose every string is clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_all(one) for one in value]
    if isinstance(value, dict):
        return {clean(name): clean_all(one) for name, one in value.items()}
    return value
