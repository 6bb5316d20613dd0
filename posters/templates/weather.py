"""天气: rain (or snow, where the words speak of it), a lamp, and what one needs for it; the weather first, no price."""

from PIL import Image

from posters import layout, product, shapes
from posters.fields import WIDTH, Art, PosterRefused
from posters.layout import Palette

TITLE = "天气"
ABOUT = "天气先说，不带价；写了「雪」就下雪"
FIELDS = {**layout.WORDS, "note": layout.NOTE, "picture": layout.PRODUCT}

PALETTE = Palette(headline="#FFFFFF", words="#E2F0F0", price="#17424A", note="#33575D")
SKY = ((0.0, "#17363F"), (0.4, "#275C66"), (0.68, "#4A8389"), (1.0, "#6FA0A2"))
HOUSES = ((0, 1010, 130), (130, 950, 100), (690, 985, 90), (820, 930, 110), (960, 1000, 120))
POND, POND_TOP = ((0.74, "#5E979B"), (0.9, "#8DB9BA")), 1190
BANK = "#F5FAFA"
LAMP_X, LAMP_TOP, LAMP_FOOT = 900, 690, 1300
IRON = "#102A31"
SNOW = "雪"
PRODUCT_BOX = (170, 716, 800, 1416)
UMBRELLA, HANDLE = (("#F0B429", "#F7CB57", "#F0B429", "#E09F1F", "#F0B429"), "#5B4632")


def complaints(art: Art) -> dict[str, PosterRefused]:
    """A picture of the product is optional."""
    return product.complaints(art)


def paint(art: Art) -> Image.Image:
    """The street, the product, what falls, the words."""
    poster = shapes.gradient(*SKY)
    for left, top, across in HOUSES:
        poster.paste("#234F58", (left, top, left + across, POND_TOP))
    poster.paste(shapes.gradient(*POND).crop((0, POND_TOP, WIDTH, 1600)), (0, POND_TOP))
    _lamp(poster)
    if art.picture:
        product.place(poster, art.picture, PRODUCT_BOX, _drop, "#1C4048")
    else:
        _umbrella(poster)
    falls = _snow if SNOW in art.headline + art.subline + art.occasion else _rain
    falls(poster)
    shapes.polygon(poster, shapes.hill(1462, 10, 0.7, 2.2), BANK)
    layout.paint_head(poster, art, PALETTE)
    layout.paint_foot(poster, art, PALETTE)
    return poster


def _lamp(poster: Image.Image) -> None:
    x = LAMP_X
    shapes.glow(poster, (x, LAMP_TOP + 40), 250, "#FBD98A", 0.75)
    shapes.line(poster, ((x, LAMP_TOP + 70), (x, LAMP_FOOT)), IRON, 10)
    shapes.polygon(poster, shapes.moved(((-16, 0), (16, 0), (26, 22), (-26, 22)), x, LAMP_FOOT), IRON)
    shapes.polygon(poster, shapes.moved(((-30, 8), (30, 8), (20, 72), (-20, 72)), x, LAMP_TOP), "#FFF3CC")
    shapes.polygon(poster, shapes.moved(((-44, 10), (0, -30), (44, 10)), x, LAMP_TOP), IRON)
    shapes.line(poster, ((x - 24, LAMP_TOP + 74), (x + 24, LAMP_TOP + 74)), IRON, 8)
    shapes.glow(poster, (x, LAMP_FOOT + 60), (70, 130), "#FBE3A8", 0.35)


def _rain(poster: Image.Image) -> None:
    """Slanting lines, and rings where drops meet the water."""
    for x, y, size in shapes.scatter(5, 120, (-40, 0, WIDTH + 60, 1430)):
        long = 26 + 60 * size
        shapes.line(poster, ((x, y), (x - long * 0.22, y + long)), "#DDF0F0", 2 + size, 0.16 + 0.22 * size)
    for x, y, size in (
        (180, 1420, 1.0),
        (760, 1432, 1.3),
        (964, 1384, 0.8),
        (92, 1330, 0.6),
        (640, 1330, 0.5),
    ):
        for step, opacity in ((1.0, 0.7), (0.55, 0.9)):
            _ripple(poster, x, y, 92 * size * step, opacity)


def _ripple(poster: Image.Image, x: float, y: float, across: float, opacity: float) -> None:
    ends = ((0, -0.22), (1, 0), (0, 0.22), (-1, 0))
    points = shapes.curve(shapes.moved(ends, x, y, across, across), closed=True)
    shapes.line(poster, [*points, points[0]], "#E6F4F4", 2.5, opacity)


def _snow(poster: Image.Image) -> None:
    for x, y, size in shapes.scatter(5, 150, (0, 0, WIDTH, 1450)):
        shapes.circle(poster, (x, y), 2 + 6 * size**2, "#FFFFFF", 0.45 + 0.45 * (1 - size))


def _drop(sheet: Image.Image, box: shapes.Box) -> None:
    """A product in a scene of its own is seen through a round window."""
    left, top, right, bottom = box
    shapes.rounded(sheet, (left, top + 40, right, bottom - 20), 60, "#FFFFFF")


def _umbrella(poster: Image.Image) -> None:
    """Five panels over a crook."""
    colours, handle = UMBRELLA, HANDLE
    x, top, bottom, reach = 500, 760, 1060, 330
    shapes.glow(poster, (x, 1418), (300, 34), "#1C4048", 0.5)
    shapes.line(poster, ((x, top - 30), (x, 1340)), handle, 12)
    shapes.line(
        poster,
        shapes.curve(((x, 1330), (x + 6, 1376), (x + 40, 1392), (x + 72, 1366), (x + 76, 1330))),
        handle,
        16,
    )
    for number, colour in enumerate(colours):
        first, last = (x - reach + 2 * reach * step / len(colours) for step in (number, number + 1))
        middle = (first + last) / 2
        edge = shapes.curve(((first, bottom), (middle, bottom - 34), (last, bottom)))
        outer_left = shapes.curve(
            ((x, top), ((x + first) / 2 + (first - x) * 0.24, top + 84), (first, bottom))
        )
        outer_right = shapes.curve(((last, bottom), ((x + last) / 2 + (last - x) * 0.24, top + 84), (x, top)))
        shapes.polygon(poster, [*outer_left, *edge, *outer_right], colour)
