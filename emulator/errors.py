"""What the platform says when it refuses: an errcode and the words that go with it."""

import secrets
import time
from typing import Any

WORDS: dict[int, str] = {
    0: "ok",
    -1: "system busy",
    40001: "invalid credential",
    40003: "invalid userid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40014: "invalid access_token",
    40029: "invalid code",
    40031: "invalid userid list",
    40032: "invalid userid list size",
    40033: "invalid character, \\uxxxx is not allowed",
    40035: "invalid parameter",
    40056: "invalid agentid",
    40058: "invalid request parameter",
    40063: "some parameters are empty",
    40066: "invalid party list",
    40068: "invalid tagid",
    40093: "invalid jsapi signature",
    40094: "invalid url",
    40096: "invalid external userid",
    40097: "handover user has not resigned",
    40099: "takeover user's customers reach the limit",
    40128: "customer transferred too often",
    40129: "customer is already in transfer",
    40130: "handover user and takeover user are the same",
    40131: "handover user is not a follower of the customer",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41006: "media_id missing",
    41008: "code missing",
    41009: "userid missing",
    41011: "agentid missing",
    41035: "external_userid missing",
    41037: "contact way type missing",
    41038: "contact way scene missing",
    41039: "invalid contact way type",
    41040: "invalid contact way scene",
    41041: "contact way users exceed limit",
    41042: "invalid contact way style",
    41043: "contact way config_id missing",
    41044: "invalid contact way config_id",
    41045: "contact way quota exceeded",
    41046: "msgid missing",
    41047: "invalid msgid",
    41048: "no customer to send",
    41049: "welcome_code missing",
    41050: "invalid welcome_code",
    41051: "chat already started",
    41054: "user not activated",
    41059: "moment_id missing",
    41060: "invalid moment_id",
    41061: "userid did not publish this moment",
    41062: "moment not published yet",
    41063: "mass message is being dispatched",
    41064: "attachments exceed limit",
    41065: "invalid attachment type",
    41067: "moment was not created by the corp",
    41082: "video duration exceeds limit",
    41093: "mass message cancelled",
    41094: "remind too often",
    42001: "access_token expired",
    42003: "code expired",
    42014: "invalid task_id",
    42016: "task_id not found",
    42022: "code already used",
    42052: "msgid expired",
    43012: "callback url not configured",
    44001: "empty media data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    48001: "api unauthorized",
    48002: "api forbidden",
    48009: "contact assistant forbidden to read detail",
    50001: "redirect_uri not registered",
    50100: "invalid cursor",
    60003: "department not found",
    60011: "no privilege to access",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    60140: "invalid response_code",
    81013: "user & party & tag all invalid",
    81017: "too many requested",
    82001: "no receiver",
    84061: "not external contact",
    90500: "the owner of this chat has not resigned",
    90501: "not an external group",
    90502: "the owner of this chat has resigned",
    90508: "the chat has been transferred",
    40009: "invalid image size",
    40013: "invalid corpid",
    41016: "title missing",
    42020: "button name missing",
    42028: "template_card url missing",
    42031: "invalid template_card.card_type",
    42037: "invalid template_card.option_list size",
    42039: "template_card.button_list.key missing or invalid",
    42045: "template_card.card_action missing or invalid",
    43016: "user not logged in",
    45034: "url must have a scheme",
    49008: "group dismissed",
    84074: "no external contact permission",
    93000: "invalid webhook url",
    301002: "no privilege to access agent",
    301019: "media md5 not match",
}


class Refusal(Exception):
    """The platform says no; `hint` tells a developer which field, as the real hint does."""

    def __init__(self, errcode: int, hint: str = "") -> None:
        super().__init__(errcode, hint)
        self.errcode = errcode
        self.hint = hint

    def answer(self, ip: str = "127.0.0.1") -> dict[str, Any]:
        return {"errcode": self.errcode, "errmsg": errmsg(self.errcode, self.hint, ip)}


class Unwilling(Exception):
    """A person cannot do this on the phone now (no such card, task cancelled); the text is shown on the phone."""

    def __init__(self, words: str, status: int = 409) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


def errmsg(errcode: int, hint: str = "", ip: str = "127.0.0.1") -> str:
    """The platform's wording: nobody may parse it, so its tail changes with every answer."""
    words = WORDS.get(errcode, "request refused")
    if errcode == 0:
        return words
    detail = f" ({hint})" if hint else ""
    tag = f"{int(time.time())}_{secrets.token_hex(8)}"
    return f"{words}{detail}, hint: [{tag}], from ip: {ip}, more info at https://open.work.weixin.qq.com/devtool/query?e={errcode}"
