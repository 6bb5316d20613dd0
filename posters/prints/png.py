"""Cards as pictures, for a printer at hand and for a look at what is printed; every code is read again from it."""

import io

from PIL import Image, ImageDraw

from posters.code import QUIET_MODULES, code_modules, read_code
from posters.fields import PosterRefused
from posters.prints import PIXELS_PER_MM, PrintCard, PrintCode, PrintLine, PrintPanel, measured
from posters.text import Type, write

DOTS_PER_INCH = PIXELS_PER_MM * 25.4
UNREADABLE = "画出来的码扫不出「{name}」该有的内容，没有给出去。请把这一张交给技术人员"


def draw(card: PrintCard) -> bytes:
    """The card as PNG; refused where a scan of it would not read what it should."""
    drawn = io.BytesIO()
    dots = DOTS_PER_INCH, DOTS_PER_INCH
    paint(card).save(drawn, "PNG", dpi=dots, optimize=True)
    prove(card, drawn.getvalue())
    return drawn.getvalue()


def prove(card: PrintCard, picture: bytes | None = None) -> None:
    """What is given out was read by a scanner first."""
    if picture is None:
        drawn = io.BytesIO()
        paint(card).save(drawn, "PNG", compress_level=1)
        picture = drawn.getvalue()
    if read_code(picture) != card.payload:
        raise PosterRefused(UNREADABLE, name=card.name)


def paint(card: PrintCard) -> Image.Image:
    picture = Image.new("RGB", (pixels(card.width), pixels(card.height)), "#FFFFFF")
    brush = ImageDraw.Draw(picture)
    for mark in card.marks:
        match mark:
            case PrintPanel():
                _panel(brush, mark)
            case PrintLine():
                _line(brush, mark)
            case PrintCode():
                _code(picture, mark)
    return picture


def pixels(millimetres: float) -> int:
    return round(millimetres * PIXELS_PER_MM)


def _panel(brush: ImageDraw.ImageDraw, mark: PrintPanel) -> None:
    box = (
        pixels(mark.left),
        pixels(mark.top),
        pixels(mark.left + mark.width) - 1,
        pixels(mark.top + mark.height) - 1,
    )
    brush.rounded_rectangle(box, pixels(mark.radius), fill=mark.fill, outline=mark.edge or None, width=2)


def _line(brush: ImageDraw.ImageDraw, mark: PrintLine) -> None:
    back = {"left": 0.0, "middle": 0.5, "right": 1.0}[mark.anchor]
    left = mark.left - back * measured(mark.text, mark.size, mark.typeface, mark.tracking)
    kind = Type(pixels(mark.size), mark.typeface, mark.colour, pixels(mark.tracking))
    write(brush, left * PIXELS_PER_MM, mark.baseline * PIXELS_PER_MM, mark.text, kind)


def _code(picture: Image.Image, mark: PrintCode) -> None:
    """Whole pixels for each module: edges are as sharp as the printer can make them."""
    bits = code_modules(mark.payload)
    module = pixels(mark.side) // (bits.width + 2 * QUIET_MODULES)
    side = module * bits.width
    middle = pixels(mark.left + mark.side / 2) - side // 2, pixels(mark.top + mark.side / 2) - side // 2
    picture.paste(bits.resize((side, side), Image.Resampling.NEAREST), middle)
