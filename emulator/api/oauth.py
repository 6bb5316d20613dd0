"""Who opened the page: a code of five minutes and one use becomes a member."""

import secrets
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Record, Text

CODE_BYTES = 512


def userinfo(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    code, state = call.asked("code", 41008), platform.state
    if len(code.encode()) > CODE_BYTES:
        raise Refusal(40029)
    with state.change():
        found = state.row("SELECT * FROM oauth_code WHERE code = ?", code)
        if not found:
            raise Refusal(40029)
        if found["used"]:
            raise Refusal(42022)
        if call.now - found["born"] > limits.OAUTH_CODE_SECONDS:
            raise Refusal(42003)
        state.run("UPDATE oauth_code SET used = ? WHERE code = ?", call.now, code)
        answer: dict[str, Any] = {"userid": found["userid"]}
        if found["scope"] == "snsapi_privateinfo":
            answer |= {"user_ticket": secrets.token_urlsafe(48), "expires_in": 1800}
            state.run(
                "INSERT INTO user_ticket VALUES (?, ?, ?)", answer["user_ticket"], found["userid"], call.now
            )
    return answer


def userdetail(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """The only place where an app sees a member's picture, and only after she agreed."""
    found = platform.state.row("SELECT * FROM user_ticket WHERE value = ?", call.body["user_ticket"])
    member = platform.member(found["userid"]) if found and call.now - found["born"] <= 1800 else None
    if not member:
        raise Refusal(40029, "user_ticket")
    return {
        "userid": member["userid"],
        "gender": "0",
        "avatar": member["avatar"] or "",
        "qr_code": "",
        "mobile": "",
        "email": "",
        "biz_mail": "",
        "address": "",
    }


APIS = {
    "auth/getuserinfo": Api("GET", userinfo),
    "auth/getuserdetail": Api(
        "POST", userdetail, Record(fields={"user_ticket": Text(missing=40063, empty=40063)})
    ),
}
