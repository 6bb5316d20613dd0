"""The words of a poster, which stand in the same places on every design: brand, headline, subline, price, notes."""

import re
from dataclasses import dataclass

from PIL import Image, ImageDraw

from posters.fields import WIDTH, Art, PosterRefused
from posters.fonts import BOLD, MEDIUM, REGULAR, SERIF, plain
from posters.text import (
    ELLIPSIS,
    NOT_AT_LINE_START,
    Type,
    cut,
    fit,
    width,
    wrap,
    write,
    write_large,
    write_right,
)

MARGIN = 84
ROOM = WIDTH - 2 * MARGIN
HEADLINE_CHARS = 8
HEADLINE_SIZE, HEADLINE_SMALLEST = 172, 104
HEADLINE_BASELINE, HEADLINE_PITCH = 336, 192
SUBLINE_SIZE, SUBLINE_SMALLEST, SUBLINE_GAP = 38, 30, 84
TOP_BASELINE = 150
PRICE_SIZE, CURRENCY_SIZE, PRICE_BASELINE = 70, 38, 1544
NOTE_SIZE, NOTE_PITCH, NOTE_GAP, NOTE_LINES = 28, 40, 44, 2
SIGN_GAP = 6
CURRENCY = "¥￥"
WORDS = {"headline": "最多 8 个字，可以分两行", "subline": "一行", "occasion": "例如 2026 冬 · 新品"}
"""What is asked for every design that writes words; the brand is there by itself"""
PRICE = "只有一个，例如 ¥699"
NOTE = "最多两行"
PRODUCT = "可以没有；背景是一种颜色的，会抠出来"
CALM = (60, 110, 760, 650)
"""Where headline and subline stand: nothing falls or twinkles here"""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a design's words."""

    headline: str
    words: str
    """Brand, occasion and subline, on the upper ground"""
    price: str
    note: str
    """On the ground at the foot"""


def paint_head(poster: Image.Image, art: Art, palette: Palette) -> None:
    """Brand and occasion, the headline in the size that its longer line allows, the subline below."""
    canvas = ImageDraw.Draw(poster)
    brand, occasion = Type(32, MEDIUM, palette.words, 6), _occasion(palette.words)
    write(canvas, MARGIN, TOP_BASELINE, cut(plain(art.brand), brand, ROOM / 2), brand)
    write_right(canvas, WIDTH - MARGIN, TOP_BASELINE, cut(plain(art.occasion), occasion, ROOM / 2), occasion)
    lines = headline_lines(art.headline)[:2]
    usual = Type(HEADLINE_SIZE, SERIF, palette.headline)
    longest = max(lines, key=lambda line: width(line, usual), default="")
    _, kind = fit(longest, usual, HEADLINE_SMALLEST, ROOM)
    baseline = HEADLINE_BASELINE - HEADLINE_PITCH
    for line in lines:
        baseline += HEADLINE_PITCH
        write_large(poster, MARGIN - kind.size // 24, baseline, cut(line, kind, ROOM), kind)
    shown, small = fit(plain(art.subline), _subline(palette.words), SUBLINE_SMALLEST, ROOM)
    write(canvas, MARGIN, baseline + SUBLINE_GAP, shown, small)


def paint_foot(poster: Image.Image, art: Art, palette: Palette) -> None:
    """One price at the left, at most two lines of note beside it."""
    canvas = ImageDraw.Draw(poster)
    sign, figures, kind = _price_parts(art.price)
    small = Type(CURRENCY_SIZE, BOLD, palette.price)
    after = write(canvas, MARGIN, PRICE_BASELINE, sign, small) + (SIGN_GAP if sign else 0)
    write(canvas, after, PRICE_BASELINE, figures, Type(kind.size, BOLD, palette.price))
    left = MARGIN + _price_width(art.price)
    lines = _note_lines(art.note, left, NOTE_LINES)
    baseline = PRICE_BASELINE - 14 - NOTE_PITCH * (len(lines) - 1) / 2
    for line in lines:
        write(canvas, left, baseline, line, Type(NOTE_SIZE, REGULAR, palette.note))
        baseline += NOTE_PITCH


def faults(art: Art) -> dict[str, PosterRefused]:
    """What of the words does not fit its place, by field; the headline has to be there."""
    wrong: dict[str, PosterRefused] = {}
    length = len(plain(art.headline).replace(" ", ""))
    if not length:
        wrong["headline"] = PosterRefused("请写标题，最多 8 个字，可以分两行")
    elif length > HEADLINE_CHARS:
        wrong["headline"] = PosterRefused(
            "标题有 {n} 个字，最多 {most} 个，再多在手机上就看不清", n=length, most=HEADLINE_CHARS
        )
    elif len(headline_lines(art.headline)) > 2:
        wrong["headline"] = PosterRefused("标题最多两行")
    if width(plain(art.subline), _subline("black").at(SUBLINE_SMALLEST)) > ROOM:
        wrong["subline"] = PosterRefused("副标题一行放不下，请写短一些")
    if width(plain(art.occasion), _occasion("black")) > ROOM / 2:
        wrong["occasion"] = PosterRefused("右上角放不下这么多字，请写短一些")
    _, figures, _ = _price_parts(art.price)
    if figures.endswith(ELLIPSIS) and not art.price.endswith(ELLIPSIS):
        wrong["price"] = PosterRefused("价格放不下，请写短一些")
    if len(_note_lines(art.note, MARGIN + _price_width(art.price), NOTE_LINES + 1)) > NOTE_LINES:
        wrong["note"] = PosterRefused("说明放不进 {n} 行，请写短一些", n=NOTE_LINES)
    return wrong


def headline_lines(text: str) -> list[str]:
    """Where the writer broke it; else after its comma, else in the middle when it is longer than 4."""
    written = [line for line in (plain(part) for part in text.splitlines()) if line]
    if len(written) != 1 or len(written[0]) <= 4:
        return written
    line = written[0]
    commas = [at + 1 for at, char in enumerate(line[:-1]) if char in NOT_AT_LINE_START or char == " "]
    middle = (len(line) + 1) // 2
    at = min(commas, key=lambda place: abs(place - middle), default=middle)
    return [line[:at].rstrip(), line[at:].lstrip()]


def points(text: str) -> list[tuple[str, str]]:
    """Name and explanation of each line: what stands before the first space or colon, and what after it."""
    lines = [line for line in (plain(part) for part in text.splitlines()) if line]
    parts = [re.split(r"[\s:：]+", line, maxsplit=1) for line in lines]
    return [(part[0], part[1] if len(part) > 1 else "") for part in parts]


def points_fault(
    text: str, most: int, name: tuple[Type, float], about: tuple[Type, float]
) -> PosterRefused | None:
    """More lines than there are places, or one that is too long for its own."""
    found = points(text)
    if len(found) > most:
        return PosterRefused("有 {n} 行，最多 {most} 行", n=len(found), most=most)
    for title, words in found:
        if width(title, name[0]) > name[1] or width(words, about[0]) > about[1]:
            return PosterRefused("「{line}」一行放不下，请写短一些", line=f"{title} {words}".strip())
    return None


def _occasion(colour: str) -> Type:
    return Type(28, REGULAR, colour, 2)


def _subline(colour: str) -> Type:
    return Type(SUBLINE_SIZE, MEDIUM, colour, 1)


def _price_parts(price: str) -> tuple[str, str, Type]:
    """What stands small before the figures (¥, 满 ¥), the figures, and the size in which they take half of the room."""
    price = plain(price)
    end = max(price.find(one) for one in CURRENCY) + 1
    figures, kind = fit(price[end:].lstrip(), Type(PRICE_SIZE, BOLD, "black"), CURRENCY_SIZE, ROOM / 2)
    return price[:end].replace("￥", "¥"), figures, kind


def _price_width(price: str) -> float:
    """How far the price pushes the note to the right."""
    sign, figures, kind = _price_parts(price)
    if not figures:
        return 0
    before = width(sign, Type(CURRENCY_SIZE, BOLD, "black")) + SIGN_GAP if sign else 0
    return before + width(figures, kind) + NOTE_GAP


def _note_lines(note: str, left: float, most: int) -> list[str]:
    """The note in the room that the price leaves."""
    words = "\n".join(plain(line) for line in note.splitlines())
    return wrap(words, Type(NOTE_SIZE, REGULAR, "black"), WIDTH - MARGIN - left, most)
