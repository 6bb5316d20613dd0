"""Writes lines of text with the font that has the glyph, and makes them fit by rule."""

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from posters.fonts import Typeface, face, runs

ELLIPSIS = "…"
LARGE = 4
ABOVE, BELOW = 1.1, 0.4
"""Of its size, so far a line reaches from its baseline at most"""
NOT_AT_LINE_START = "，。、；：？！）」』】》…·%℃,.;:?!)"


@dataclass(frozen=True, slots=True)
class Type:
    """How a line is set: size in pixels, typeface, colour, and extra space between characters."""

    size: int
    typeface: Typeface
    colour: str
    tracking: int = 0

    def at(self, size: int) -> "Type":
        """The same setting at another size."""
        return Type(size, self.typeface, self.colour, self.tracking)


@lru_cache(maxsize=1024)
def width(text: str, kind: Type) -> float:
    """How wide a line becomes, in pixels."""
    drawn = sum(face(path, kind.size).getlength(chars) for path, chars in runs(text, kind.typeface))
    return float(drawn + kind.tracking * max(len(text) - 1, 0))


def write(canvas: ImageDraw.ImageDraw, left: float, baseline: float, text: str, kind: Type) -> float:
    """Draw one line on its baseline and return where it ends."""
    for path, chars in runs(text, kind.typeface):
        font = face(path, kind.size)
        for piece in chars if kind.tracking else (chars,):
            canvas.text((left, baseline), piece, font=font, fill=kind.colour, anchor="ls")
            left += font.getlength(piece) + kind.tracking
    return left - (kind.tracking if text else 0)


def write_kept(picture: Image.Image, left: int, baseline: int, text: str, kind: Type) -> None:
    """As `write`, for lines that many pictures share: each is drawn once and then laid on."""
    line = _line(text, kind)
    at = (left - kind.size, baseline - round(kind.size * ABOVE))
    picture.paste(kind.colour, (*at, at[0] + line.width, at[1] + line.height), line)


@lru_cache(maxsize=256)  # some 50 KB each
def _line(text: str, kind: Type) -> Image.Image:
    """A line as a mask, with a character's room around it."""
    above = round(kind.size * ABOVE)
    line = Image.new("L", (round(width(text, kind)) + 2 * kind.size, above + round(kind.size * BELOW)))
    left = float(kind.size)
    for path, chars in runs(text, kind.typeface):
        for char in chars:
            glyph, right, advance = _glyph(path, char, kind.size)
            line.paste(255, (round(left) + right, 0), glyph)
            left += advance + kind.tracking
    return line


@lru_cache(maxsize=4096)  # some 3 KB each
def _glyph(path: str, char: str, size: int) -> tuple[Image.Image, int, float]:
    """One character as a mask as high as a line, how far right of its origin it begins, and how far it takes the next.

    Names and stores share their characters: drawn by the font each time, they would take most of a strip.
    """
    font, above = face(path, size), round(size * ABOVE)
    sheet = Image.new("L", (3 * size, above + round(size * BELOW)))
    ImageDraw.Draw(sheet).text((size, above), char, font=font, fill=255, anchor="ls")
    left, _, right, _ = sheet.getbbox() or (size, 0, size + 1, 1)
    return sheet.crop((left, 0, right, sheet.height)), left - size, float(font.getlength(char))


def write_large(poster: Image.Image, left: float, baseline: float, text: str, kind: Type) -> None:
    """Draw a large line from letters four times the size: the font's hinting would bend strokes that show."""
    above, below = round(kind.size * ABOVE), round(kind.size * BELOW)
    size = (round(width(text, kind)) + kind.size, above + below)
    letters = Image.new("L", (size[0] * LARGE, size[1] * LARGE))
    write(ImageDraw.Draw(letters), 0, above * LARGE, text, Type(kind.size * LARGE, kind.typeface, "white"))
    ink = letters.resize(size, Image.Resampling.BOX)
    at = (round(left), round(baseline) - above)
    poster.paste(kind.colour, (*at, at[0] + size[0], at[1] + size[1]), ink)


def write_right(canvas: ImageDraw.ImageDraw, right: float, baseline: float, text: str, kind: Type) -> None:
    """Draw one line that ends at the right."""
    write(canvas, right - width(text, kind), baseline, text, kind)


def fit(text: str, kind: Type, smallest: int, room: float) -> tuple[str, Type]:
    """The largest size that fits the room; at the smallest the line is cut and ends with …."""
    needed = width(text, kind)
    size = kind.size if needed <= room else max(smallest, int(kind.size * room / needed))
    while size > smallest and width(text, kind.at(size)) > room:
        size -= 1
    return cut(text, kind.at(size), room), kind.at(size)


def cut(text: str, kind: Type, room: float) -> str:
    """The text, or as much of it as fits with … at its end."""
    if width(text, kind) <= room:
        return text
    kept = text
    while kept and width(kept + ELLIPSIS, kind) > room:
        kept = kept[:-1]
    return kept.rstrip(" ，、·,") + ELLIPSIS


def wrap(text: str, kind: Type, room: float, most: int) -> list[str]:
    """At most so many lines; breaks where the writer did, else between Chinese characters or words."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        rest = paragraph.strip()
        while rest:
            taken = _line_end(rest, kind, room)
            lines.append(rest[:taken].rstrip())
            rest = rest[taken:].lstrip()
    if len(lines) > most:
        lines[most - 1] = cut("".join(lines[most - 1 :]), kind, room)
    return lines[:most]


def _line_end(text: str, kind: Type, room: float) -> int:
    """How many characters go on this line."""
    end = 1
    while end < len(text) and width(text[: end + 1], kind) <= room:
        end += 1
    if end == len(text):
        return end
    start = end
    while end > 1 and (text[end] in NOT_AT_LINE_START or _inside_a_word(text, end)):
        end -= 1
    return end if end > 1 else start


def _inside_a_word(text: str, at: int) -> bool:
    return all(char.isascii() and not char.isspace() for char in text[at - 1 : at + 1])
