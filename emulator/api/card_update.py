"""Cards that change after they arrived: by the app's call, once per response_code, or by a passive reply."""

import json
from typing import Any

from .. import limits
from ..dispatch import Api, PlatformCall
from ..errors import Refusal
from ..platform import Platform
from ..schema import Choice, ListOf, Record, Text, Whole
from .cards import TemplateCard, can_change
from .message import check_agent, receivers


def update_card(platform: Platform, call: PlatformCall) -> dict[str, Any]:
    """Each response_code once, within 72 hours."""
    body, state = call.body, platform.state
    check_agent(platform, body)
    if ("button" in body) == ("template_card" in body):
        raise Refusal(40058, "either button or template_card")
    with state.change():
        code = state.row("SELECT * FROM response_code WHERE code = ?", body["response_code"])
        if not code or code["used"] or call.now - code["born"] > limits.RESPONSE_CODE_SECONDS:
            raise Refusal(60140)
        card = body.get("template_card")
        if card and card.get("task_id", code["task_id"]) != code["task_id"]:
            raise Refusal(42016)
        copies = {
            row["userid"].lower(): row
            for row in state.rows("SELECT * FROM card WHERE task_id = ? AND chat_id = ''", code["task_id"])
        }
        if not copies:
            raise Refusal(42016)
        if not can_change(json.loads(next(iter(copies.values()))["body"])):
            raise Refusal(40058, "this card cannot be updated")
        named = list(copies) if body.get("atall") else named_in(platform, body)
        state.run("UPDATE response_code SET used = ? WHERE code = ?", call.now, code["code"])
        for name in named:
            if name in copies:
                change_card(
                    platform, copies[name], (body.get("button") or {}).get("replace_name"), card, "api"
                )
    return {"invaliduser": [name for name in named if name not in copies]}


def named_in(platform: Platform, body: dict[str, Any]) -> list[str]:
    """Lower-cased ids of userids, partyids and tagids, whether or not they are valid; nobody at all is refused."""
    names = {"touser": "userids", "toparty": "partyids", "totag": "tagids"}
    asked = {name: "|".join(str(part) for part in body.get(ids, [])) for name, ids in names.items()}
    users, wrong = receivers(platform, asked)
    return [user.lower() for user in users] + wrong["invaliduser"]


def change_card(
    platform: Platform, copy: dict[str, Any], greyed: str | None, card: dict[str, Any] | None, by: str
) -> None:
    """One person's copy of a card: its buttons greyed with a word, or the whole card replaced."""
    platform.state.run(
        "UPDATE card SET greyed = ?, body = ? WHERE task_id = ? AND userid = ? AND chat_id = ?",
        greyed if card is None else card.get("replace_text"),
        copy["body"] if card is None else json.dumps(card, ensure_ascii=False),
        copy["task_id"],
        copy["userid"],
        copy["chat_id"],
    )
    platform.ledger.write(
        "card_updated",
        copy["userid"] or copy["chat_id"],
        task_id=copy["task_id"],
        button=greyed,
        card=card,
        by=by,
    )


UPDATE = Record(
    fields={
        "userids": ListOf(item=Text(wrong=40003), least=1, most=limits.RECEIVERS),
        "atall": Choice(values=(0, 1)),
        "partyids": ListOf(item=Whole(), most=limits.PARTIES),
        "tagids": ListOf(item=Whole(), most=limits.PARTIES),
        "agentid": Whole(missing=41011, wrong=40056),
        "response_code": Text(missing=60140, empty=60140),
        "button": Record(fields={"replace_name": Text(missing=42020, empty=42020)}),
        "template_card": TemplateCard(),
        "enable_id_trans": Whole(high=1),
    }
)

APIS = {"message/update_template_card": Api("POST", update_card, UPDATE)}
