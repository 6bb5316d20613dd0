"""A tap on a card of the app: the event that follows, and the passive reply that changes the card."""

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

from .api.card_update import change_card
from .api.cards import keys_of
from .api.message import new_response_code
from .callbacks import Outgoing
from .errors import Unwilling
from .friendships import known_guide
from .platform import Platform


def press(platform: Platform, userid: str, asked: dict[str, Any]) -> tuple[dict[str, Any], Outgoing | None]:
    """Each press brings a new ResponseCode; a greyed card cannot be pressed (unless `force`, as a slow phone does)."""
    guide = known_guide(platform, userid)
    copy = platform.state.row(
        "SELECT * FROM card WHERE task_id = ? AND userid = ? AND chat_id = ''",
        asked.get("task_id"),
        guide["userid"],
    )
    if not copy:
        raise Unwilling("手机上没有这张卡片", 404)
    card, key = json.loads(copy["body"]), str(asked.get("key"))
    menu = [item["key"] for item in (card.get("action_menu") or {}).get("action_list", [])]
    if not asked.get("force"):
        if copy["greyed"] and key not in menu:
            raise Unwilling("这张卡片的按钮已经变灰")
        if key not in keys_of(card):
            raise Unwilling("这张卡片上没有这个按钮")
    code = new_response_code(platform, copy["task_id"], guide["userid"], platform.clock.now())
    fields: dict[str, Any] = {
        "EventKey": key,
        "TaskId": copy["task_id"],
        "CardType": card["card_type"],
        "ResponseCode": code,
        "AgentID": platform.corp.agent_id,
    }
    if selected := asked.get("selected"):
        fields["SelectedItems"] = selected_items(selected)
    sent = platform.tell(
        "app",
        "template_card_menu_event" if key in menu else "template_card_event",
        fields,
        sender=guide["userid"],
        on_reply=lambda reply: take_reply(platform, copy, reply),
    )
    return {"response_code": code}, sent


def selected_items(selected: list[dict[str, Any]]) -> dict[str, Any]:
    """What she chose in the lists of the card, as the event's XML nests it."""
    return {
        "SelectedItem": [
            {"QuestionKey": item["question_key"], "OptionIds": {"OptionId": item["option_ids"]}}
            for item in selected
        ]
    }


def take_reply(platform: Platform, copy: dict[str, Any], reply: str) -> None:
    """update_button greys the presser's own card; update_template_card replaces it; anything else is not shown."""
    try:
        root = ET.fromstring(reply)
    except ET.ParseError:
        platform.ledger.write("dropped", copy["userid"], why="passive reply is not XML", reply=reply[:300])
        return
    kind, greyed = root.findtext("MsgType"), root.findtext("Button/ReplaceName")
    card = root.find("TemplateCard")
    if kind == "update_button" and greyed:
        change_card(platform, copy, greyed, None, "reply")
    elif kind == "update_template_card" and card is not None:
        change_card(platform, copy, None, {"task_id": copy["task_id"]} | as_json(card), "reply")
    else:
        platform.ledger.write("dropped", copy["userid"], why=f"passive reply {kind} is not shown on a card")


LISTS = {
    "horizontal_content_list",
    "vertical_content_list",
    "jump_list",
    "button_list",
    "option_list",
    "select_list",
    "action_list",
}
NUMBERS = {"type", "style", "desc_color", "mode"}
AS_ONE_WORD = {"KeyName": "keyname", "PagePath": "pagepath", "AppId": "appid", "UserId": "userid"}


def as_json(element: ET.Element) -> Any:
    """CamelCase XML twins of the JSON fields."""
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name = AS_ONE_WORD.get(child.tag) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", child.tag).lower()
        value = as_json(child)
        if name in NUMBERS and isinstance(value, str) and value.isdigit():
            value = int(value)
        if name in LISTS:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def say_to_app(platform: Platform, userid: str, text: str) -> tuple[dict[str, Any], Outgoing | None]:
    """A member writes to the app. The message's id is a string, as it has been since 2025-09."""
    guide = known_guide(platform, userid)
    msgid = new_msgid(platform)
    platform.ledger.write("said", guide["userid"], to="app", text=text, msgid=msgid)
    fields = {"MsgType": "text", "Content": text, "MsgId": msgid, "AgentID": platform.corp.agent_id}
    return {"msgid": msgid}, platform.tell_message(
        fields, guide["userid"], lambda reply: take_text(platform, guide["userid"], reply)
    )


def take_text(platform: Platform, userid: str, reply: str) -> None:
    try:
        root = ET.fromstring(reply)
    except ET.ParseError:
        platform.ledger.write("dropped", userid, why="passive reply is not XML", reply=reply[:300])
        return
    if root.findtext("MsgType") == "text" and (content := root.findtext("Content")):
        platform.ledger.write("notice", userid, msgtype="text", text={"content": content}, by="reply")
    else:
        platform.ledger.write("dropped", userid, why=f"passive reply {root.findtext('MsgType')} is not shown")


def new_msgid(platform: Platform) -> str:
    return "CAIQ" + platform.dice().randbytes(21).hex()


def member_event(platform: Platform, userid: str, event: str) -> Outgoing | None:
    """subscribe, unsubscribe and enter_agent: a member and the app's visible range."""
    fields = {"EventKey": "", "AgentID": platform.corp.agent_id}
    return platform.tell("app", event, fields, sender=userid)
