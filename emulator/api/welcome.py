"""The welcome message: twenty seconds, one code, one use."""

from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Record, Text
from .attachments import ATTACHMENTS, TEXT, check_content

WELCOME = Record(
    fields={"welcome_code": Text(missing=41049, empty=41049), "text": TEXT, "attachments": ATTACHMENTS}
)


def send(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """A refused content does not use the code up; a late or second use is refused for good."""
    check_content(platform, call.body, call.now)
    state = platform.state
    with state.change():
        code = state.row("SELECT * FROM welcome_code WHERE code = ?", call.body["welcome_code"])
        if not code or call.now - code["born"] > limits.WELCOME_SECONDS:
            raise Refusal(41050)
        if code["used"]:
            raise Refusal(41051)
        state.run("UPDATE welcome_code SET used = ? WHERE code = ?", call.now, code["code"])
        platform.ledger.write(
            "welcome",
            code["external_userid"],
            userid=code["userid"],
            code=code["code"],
            text=(call.body.get("text") or {}).get("content", ""),
            attachments=call.body.get("attachments") or [],
            seconds=round(call.now - code["born"], 3),
        )
    return {}


APIS = {"externalcontact/send_welcome_msg": Api("POST", send, WELCOME)}
