"""The smart robot's later answer: plain JSON to a response_url that works once, for an hour."""

from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Choice, Record, Text
from .cards import TemplateCard


def respond(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    call.scope, state, kind = "robot", platform.state, call.body["msgtype"]
    if kind not in call.body:
        raise Refusal(40063, kind)
    with state.change():
        found = state.row("SELECT * FROM response_url WHERE code = ?", call.query.get("response_code", ""))
        if not found or found["used"] or call.now - found["born"] > limits.RESPONSE_URL_SECONDS:
            raise Refusal(60140)
        state.run("UPDATE response_url SET used = ? WHERE code = ?", call.now, found["code"])
        platform.ledger.write(
            "robot_reply",
            found["chat_id"],
            to=found["userid"],
            msgtype=kind,
            by="response_url",
            **{kind: call.body[kind]},
        )
    return {}


ANSWER = Record(
    fields={
        "msgtype": Choice(values=("markdown", "template_card"), missing=40008, wrong=40008),
        "markdown": Record(
            fields={
                "content": Text(missing=44004, empty=44004, most_bytes=limits.STREAM_BYTES, too_long=45002)
            }
        ),
        "template_card": TemplateCard(),
    }
)

APIS = {"aibot/response": Api("POST", respond, ANSWER, scopes=frozenset())}
