"""Template cards: which fields each type must and may have, with the errcode of each."""

from dataclasses import dataclass
from typing import Any

from .. import limits
from ..errors import Refusal
from ..schema import Choice, Decimal, Flag, ListOf, Record, Schema, Text, Whole

INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
NOTICES = ("text_notice", "news_notice")

_URL = Text(most_bytes=limits.CARD_URL_BYTES, pattern=r"https?://\S+", wrong=40094)
_KEY = Text(most_bytes=limits.CARD_KEY_BYTES)


class Jump(Record):
    """An object whose `type` decides what else it needs: 1 an address, 2 a mini-program (or file), 3 a member."""

    def check(self, value: Any, at: str) -> None:
        super().check(value, at)
        kind = value.get("type", 0)
        if kind == 1 and not value.get("url"):
            raise Refusal(42028, f"{at}.url is missing")
        if kind == 2 and "appid" in self.fields and "media_id" not in self.fields and not value.get("appid"):
            raise Refusal(42030, f"{at}.appid is missing")
        if kind == 2 and "media_id" in self.fields and not value.get("media_id"):
            raise Refusal(42029, f"{at}.media_id is missing")
        if kind == 3 and "userid" in self.fields and not value.get("userid"):
            raise Refusal(42050, f"{at}.userid is missing")


class Button(Record):
    """`type` 0 calls back with its key, 1 opens its address."""

    def check(self, value: Any, at: str) -> None:
        super().check(value, at)
        if value.get("type", 0) == 0 and not value.get("key"):
            raise Refusal(42039, f"{at}.key is missing")
        if value.get("type", 0) == 1 and not value.get("url"):
            raise Refusal(42028, f"{at}.url is missing")


def _jump(high: int, missing: int = 0, **more: Schema) -> Jump:
    fields: dict[str, Schema] = {"type": Whole(high=high), "url": _URL, "appid": Text(), "pagepath": Text()}
    return Jump(fields=fields | more, missing=missing)


def _options(most: int, **more: Schema) -> ListOf:
    option: dict[str, Schema] = {
        "id": Text(
            missing=42040, empty=42040, most_bytes=limits.OPTION_ID_BYTES, wrong=42040, too_long=42040
        ),
        "text": Text(missing=42041, empty=42041, wrong=42041),
    }
    return ListOf(
        item=Record(fields=option | more), least=1, most=most, missing=42037, too_few=42037, too_many=42037
    )


_QUESTION = Text(missing=42043, empty=42043, most_bytes=limits.CARD_KEY_BYTES, too_long=42043)
_SUBMIT = Record(
    missing=42049,
    fields={
        "text": Text(missing=42049, empty=42049),
        "key": Text(missing=42046, empty=42046, most_bytes=limits.CARD_KEY_BYTES),
    },
)
_TITLES = Record(fields={"title": Text(), "desc": Text()})
_COMMON: dict[str, Schema] = {
    "card_type": Text(missing=42031),
    "source": Record(fields={"icon_url": _URL, "desc": Text(), "desc_color": Whole(high=3)}),
    "action_menu": Record(
        fields={
            "desc": Text(),
            "action_list": ListOf(
                item=Record(
                    fields={
                        "text": Text(missing=40063),
                        "key": Text(missing=42039, most_bytes=limits.CARD_KEY_BYTES),
                    }
                ),
                least=1,
                most=limits.CARD_MENU,
                missing=40063,
            ),
        }
    ),
    "task_id": Text(
        most_bytes=limits.TASK_ID_BYTES, pattern=r"[0-9A-Za-z_\-@]+", wrong=42014, too_long=42014
    ),
    "main_title": _TITLES,
    "quote_area": _jump(2, title=Text(), quote_text=Text()),
    "horizontal_content_list": ListOf(
        item=_jump(3, keyname=Text(missing=42027, empty=42027), value=Text(), media_id=Text(), userid=Text()),
        most=limits.CARD_ROWS,
        too_many=42035,
    ),
    "jump_list": ListOf(
        item=_jump(2, title=Text(missing=42033, empty=42033)), most=limits.CARD_JUMPS, too_many=42042
    ),
}
_BY_TYPE: dict[str, dict[str, Schema]] = {
    "text_notice": {
        "emphasis_content": _TITLES,
        "sub_title_text": Text(),
        "card_action": _jump(2, missing=42045),
    },
    "news_notice": {
        "card_image": Record(
            fields={"url": Text(missing=42044, empty=42044), "aspect_ratio": Decimal(low=1.3, high=2.25)}
        ),
        "image_text_area": _jump(2, title=Text(), desc=Text(), image_url=_URL),
        "vertical_content_list": ListOf(
            item=Record(fields={"title": Text(missing=42033, empty=42033), "desc": Text()}),
            most=limits.CARD_VERTICAL,
            too_many=42036,
        ),
        "card_action": _jump(2, missing=42045),
    },
    "button_interaction": {
        "sub_title_text": Text(),
        "card_action": _jump(2),
        "button_selection": Record(
            fields={
                "question_key": _QUESTION,
                "title": Text(),
                "option_list": _options(10),
                "selected_id": Text(),
                "disable": Flag(),
            }
        ),
        "button_list": ListOf(
            item=Button(
                fields={
                    "type": Choice(values=(0, 1)),
                    "text": Text(missing=42038, empty=42038),
                    "style": Whole(low=1, high=4),
                    "key": _KEY,
                    "url": _URL,
                }
            ),
            least=1,
            most=limits.CARD_BUTTONS,
            missing=42038,
            too_few=42038,
        ),
        "replace_text": Text(),
    },
    "vote_interaction": {
        "checkbox": Record(
            missing=42043,
            fields={
                "question_key": _QUESTION,
                "option_list": _options(20, is_checked=Flag()),
                "mode": Whole(high=1),
                "disable": Flag(),
            },
        ),
        "submit_button": _SUBMIT,
        "replace_text": Text(),
    },
    "multiple_interaction": {
        "select_list": ListOf(
            item=Record(
                fields={
                    "question_key": _QUESTION,
                    "title": Text(),
                    "selected_id": Text(),
                    "option_list": _options(10),
                    "disable": Flag(),
                }
            ),
            least=1,
            most=3,
            missing=42047,
            too_few=42047,
            too_many=42047,
        ),
        "submit_button": _SUBMIT,
        "replace_text": Text(),
    },
}


@dataclass(frozen=True, kw_only=True)
class TemplateCard(Schema):
    """A whole card of one of the given types."""

    types: tuple[str, ...] = NOTICES + INTERACTIVE

    def check(self, value: Any, at: str) -> None:
        kind = str(value.get("card_type")) if isinstance(value, dict) else ""
        if kind not in self.types:
            raise Refusal(42031, f"{at}.card_type")
        Record(fields=_COMMON | _BY_TYPE[kind]).check(value, at)
        if (kind in INTERACTIVE or "action_menu" in value) and not value.get("task_id"):
            raise Refusal(42014, f"{at}.task_id is required")
        if kind in NOTICES and value["card_action"].get("type") not in (1, 2):
            raise Refusal(42045, f"{at}.card_action.type must be 1 or 2")
        title = (value.get("main_title") or {}).get("title")
        if kind == "text_notice" and not title and not value.get("sub_title_text"):
            raise Refusal(42033, f"{at}: main_title.title or sub_title_text is required")
        if kind == "news_notice" and not value.get("card_image") and not value.get("image_text_area"):
            raise Refusal(42044, f"{at}: card_image or image_text_area is required")
        keys = [item["key"] for item in (value.get("action_menu") or {}).get("action_list", [])]
        if len(keys) != len(set(keys)):
            raise Refusal(42051, at)


def keys_of(card: dict[str, Any]) -> list[str]:
    """Every key that a tap on this card can send."""
    pressed = [button["key"] for button in card.get("button_list", []) if button.get("type", 0) == 0]
    pressed += [card["submit_button"]["key"]] if card.get("submit_button") else []
    return pressed + [item["key"] for item in (card.get("action_menu") or {}).get("action_list", [])]


def can_change(card: dict[str, Any]) -> bool:
    """Only interactive cards, and notices with a menu, can be updated later."""
    return card["card_type"] in INTERACTIVE or "action_menu" in card
