"""What is printed of entry codes: a guide's badge and a store's counter card, laid out in millimetres.

A card is a list of marks. `png`, `svg` and `pdf` draw the same marks, so that what was looked at is what is printed.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from posters.fields import PosterRefused
from posters.fonts import BOLD, MEDIUM, REGULAR, SERIF, Typeface, missing_glyphs, plain
from posters.text import ELLIPSIS, NOT_AT_LINE_START, Type, width

PIXELS_PER_MM = 12
"""305 dots an inch, as a print shop wants"""
INK, INK_2, INK_3, ACCENT, LINE, NIGHT = "#1A1A22", "#545561", "#6D6E7A", "#4C4BC0", "#E7E7EC", "#25225A"
PALE, WHITE = "#F5F4FC", "#FFFFFF"
Anchor = Literal["left", "middle", "right"]


@dataclass(frozen=True)
class PrintPanel:
    """A rectangle, its corners rounded by `radius`."""

    left: float
    top: float
    width: float
    height: float
    fill: str
    radius: float = 0
    edge: str = ""


@dataclass(frozen=True)
class PrintLine:
    """Words on one baseline; `size` is that of an em."""

    left: float
    baseline: float
    text: str
    size: float
    typeface: Typeface
    colour: str
    anchor: Anchor = "left"
    tracking: float = 0


@dataclass(frozen=True)
class PrintCode:
    """A code, black on white, with its quiet zone inside `side`."""

    left: float
    top: float
    side: float
    payload: str


Mark: TypeAlias = PrintPanel | PrintLine | PrintCode


@dataclass(frozen=True)
class PrintCard:
    """One piece of print: its size in millimetres, and what is on it from the ground up."""

    name: str
    """Of its file"""
    width: float
    height: float
    marks: tuple[Mark, ...]

    @property
    def payload(self) -> str:
        return next(one.payload for one in self.marks if isinstance(one, PrintCode))


@dataclass(frozen=True)
class BadgeFields:
    """What stands on a badge."""

    brand: str
    name: str
    role: str
    """Her store and what she is"""
    sentence: str
    number: str
    """So that staff find it again; small"""
    payload: str


@dataclass(frozen=True)
class CounterFields:
    """What stands on a counter card."""

    brand: str
    headline: tuple[str, str]
    sentence: str
    place: str
    number: str
    payload: str
    night: bool = False
    """White on dark, so that two cards of one store are told apart"""


BADGE = (86.0, 54.0)
BADGE_CODE = 32.0
COUNTER = (92.0, 130.0)
COUNTER_CODE = 54.0
TEXT_LEFT = 7.0
GUIDE, MANAGER = "导购", "店长"
BADGE_NUMBER, CARD_NUMBER = "胸牌 {n}", "码 {n}"
SENTENCE = "尺码、到货、改裤脚，都找我"
"""On a badge, until somebody writes something else"""
NEAR_WORDS = ("尺码拿不准？", "扫我问。", "店里的导购接，今天谁在谁接")
"""On a counter card that leads to /near: two large lines and a sentence"""
USERS_WORDS = ("码不对？", "不用出去。", "扫一下，导购把别的码送进来")
"""On one that adds somebody of the store at once, as it hangs in a fitting room"""
SCAN_BADGE, SCAN_COUNTER = "扫一扫，加我微信", "微信扫一扫"


def badge(fields: BadgeFields) -> PrintCard:
    """86 × 54 mm, as a card holder takes it; her name is read at arm's length, her code from a hand's."""
    wide, high = BADGE
    box = 50.0, 6.0, BADGE_CODE
    room = box[0] - TEXT_LEFT - 2
    return PrintCard(
        f"{fields.number} {fields.name}",
        wide,
        high,
        (
            PrintPanel(0, 0, wide, high, WHITE),
            PrintPanel(0, 0, 2.2, high, ACCENT),
            fitted(TEXT_LEFT, 8, fields.brand, 2.9, MEDIUM, INK_2, room, tracking=0.5),
            fitted(TEXT_LEFT, 23, fields.name, 9.4, BOLD, INK, room, least=5),
            fitted(TEXT_LEFT, 29.5, fields.role, 3.4, REGULAR, INK_2, room, least=2.4),
            fitted(TEXT_LEFT, 45, fields.sentence, 3.2, REGULAR, INK, room, least=2.4),
            fitted(TEXT_LEFT, 49.6, fields.number, 2, REGULAR, INK_3, room),
            PrintPanel(*box[:2], box[2], box[2], WHITE, radius=2.2, edge=LINE),
            PrintCode(*box, fields.payload),
            fitted(box[0] + box[2] / 2, 42, SCAN_BADGE, 2.7, REGULAR, INK_2, box[2], anchor="middle"),
        ),
    )


def counter_card(fields: CounterFields) -> PrintCard:
    """92 × 130 mm, in a stand at the till or on the wall of a fitting room."""
    wide, high = COUNTER
    ground, ink, ink_2 = (NIGHT, WHITE, "#D6D5F2") if fields.night else (PALE, NIGHT, ACCENT)
    margin, frame = 8.2, COUNTER_CODE + 6
    left, top = (wide - frame) / 2, 50.0
    room = wide - 2 * margin
    return PrintCard(
        f"{fields.number} {fields.place}",
        wide,
        high,
        (
            PrintPanel(0, 0, wide, high, ground),
            fitted(margin, 9.8, fields.brand, 2.9, MEDIUM, ink_2, room, tracking=0.5),
            fitted(margin, 24.5, fields.headline[0], 12.6, SERIF, ink, room, least=7),
            fitted(margin, 38, fields.headline[1], 12.6, SERIF, ink, room, least=7),
            fitted(margin, 45.4, fields.sentence, 3.7, REGULAR, ink_2, room, least=2.6),
            PrintPanel(left, top, frame, frame, WHITE, radius=4, edge="" if fields.night else LINE),
            PrintCode(left + 3, top + 3, COUNTER_CODE, fields.payload),
            fitted(wide / 2, 116.8, SCAN_COUNTER, 4.2, BOLD, ink, room, anchor="middle"),
            fitted(margin, 125.4, fields.place, 2.4, REGULAR, ink_2, room * 0.66, least=1.8),
            fitted(wide - margin, 125.4, fields.number, 2.4, REGULAR, ink_2, room * 0.3, anchor="right"),
        ),
    )


def fitted(
    left: float,
    baseline: float,
    text: str,
    size: float,
    typeface: Typeface,
    colour: str,
    room: float,
    *,
    least: float = 0,
    anchor: Anchor = "left",
    tracking: float = 0,
) -> PrintLine:
    """A line that shrinks to its least size, and is then cut; a character that no font here has is refused by its name."""
    shown, fitting = _fit(text, size, typeface, room, least or size, tracking)
    return PrintLine(left, baseline, shown, fitting, typeface, colour, anchor, tracking)


@lru_cache(maxsize=512)
def _fit(
    text: str, size: float, typeface: Typeface, room: float, least: float, tracking: float
) -> tuple[str, float]:
    shown = plain(text)
    if lost := missing_glyphs(shown):
        raise PosterRefused("字体里没有「{chars}」，画出来会是方框。请换一个写法", chars="".join(lost))
    needed = measured(shown, size, typeface, tracking)
    fitting = max(least, size * min(1.0, room / needed)) if needed else size
    while shown and measured(shown, fitting, typeface, tracking) > room * 1.01:
        shown = shown.rstrip(ELLIPSIS)[:-1].rstrip(NOT_AT_LINE_START + " ") + ELLIPSIS
    return shown, fitting


def measured(text: str, size: float, typeface: Typeface, tracking: float = 0) -> float:
    """How wide a line becomes, in millimetres."""
    fine = 100
    return width(text, Type(fine, typeface, "")) / fine * size + tracking * max(len(text) - 1, 0)
