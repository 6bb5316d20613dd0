"""会员日: a gift before a golden moon, and its condition on a ticket."""

import math

from PIL import Image

from posters import layout, product, shapes
from posters.fields import ART_HEIGHT, WIDTH, Art, PosterRefused
from posters.layout import Palette

TITLE = "会员日"
ABOUT = "礼物和条件，写在一张票上"
FIELDS = {**layout.WORDS, "price": "条件，例如 满 ¥499", "note": layout.NOTE, "picture": layout.PRODUCT}

PALETTE = Palette(headline="#FFEFD2", words="#F6DCC6", price="#6E1424", note="#5C3A34")
GROUND = ((0.0, "#6E1A29"), (0.45, "#962A3A"), (1.0, "#A83243"))
MOON, MOON_RADIUS, MOON_COLOURS = (540, 1026), 352, ((0.4, "#FBE3B4"), (0.85, "#E9B96E"))
SPARK = "#F3C98A"
TICKET, TICKET_TOP, NOTCH, STUB = "#FDF3E2", 1450, 26, 16
PRODUCT_BOX = (240, 678, 900, 1404)
STAR = ((0, -1), (0.28, -0.28), (1, 0), (0.28, 0.28), (0, 1), (-0.28, 0.28), (-1, 0), (-0.28, -0.28))
LOOP = ((0, 0), (70, -96), (150, -92), (140, -24))
LOOP_INSIDE = ((30, -18), (78, -68), (118, -66), (108, -28))
GIFT = (360, 860, 720, 1180)


def complaints(art: Art) -> dict[str, PosterRefused]:
    """A picture of the gift is optional."""
    return product.complaints(art)


def paint(art: Art) -> Image.Image:
    """The night, the moon and its rings, the gift, the ticket, the words."""
    poster = shapes.gradient(*GROUND)
    shapes.glow(poster, MOON, 760, "#C8475A", 0.6)
    shapes.ring(poster, MOON, MOON_RADIUS + 78, SPARK, 2, 0.35)
    for step in range(72):
        turn = math.tau * step / 72
        reach = MOON_RADIUS + 40
        shapes.circle(
            poster, (MOON[0] + reach * math.cos(turn), MOON[1] + reach * math.sin(turn)), 2.6, SPARK, 0.8
        )
    shapes.circle(poster, MOON, MOON_RADIUS, shapes.gradient(*MOON_COLOURS))
    for x, y, size in shapes.scatter(11, 40, (0, 560, WIDTH, 1420), layout.CALM):
        if math.dist((x, y), MOON) > MOON_RADIUS + 90:
            _spark(poster, x, y, 4 + 9 * size**2)
    if art.picture:
        product.place(poster, art.picture, PRODUCT_BOX, _disc, "#7A4A24")
    else:
        _gift(poster)
    _ticket(poster)
    layout.paint_head(poster, art, PALETTE)
    layout.paint_foot(poster, art, PALETTE)
    return poster


def _spark(poster: Image.Image, x: float, y: float, reach: float) -> None:
    """A star of four points."""
    shapes.polygon(poster, shapes.moved(STAR, x, y, reach, reach), SPARK, 0.8)


def _disc(sheet: Image.Image, _box: shapes.Box) -> None:
    """A gift in a scene of its own fills the moon."""
    shapes.circle(sheet, MOON, MOON_RADIUS - 16, "#FFFFFF")


def _gift(poster: Image.Image) -> None:
    """A box with a ribbon."""
    left, top, right, bottom = GIFT
    middle = (left + right) / 2
    shapes.glow(poster, (middle, bottom + 6), (260, 44), "#7A4A24", 0.6)
    shapes.rounded(poster, (left, top + 60, right, bottom), 10, "#A42A3C")
    shapes.rounded(poster, (left - 26, top, right + 26, top + 78), 10, "#BC3A4C")
    shapes.polygon(
        poster, ((left, top + 78), (right, top + 78), (right, top + 98), (left, top + 98)), "#741626", 0.45
    )
    shapes.rounded(poster, (middle - 32, top, middle + 32, bottom), 2, "#F7E2B8")
    for side in (-1, 1):
        for loop, colour in ((LOOP, "#F7E2B8"), (LOOP_INSIDE, "#D9B878")):
            shapes.polygon(poster, shapes.curve(shapes.moved(loop, middle, top, side), closed=True), colour)
    shapes.rounded(poster, (middle - 30, top - 34, middle + 30, top + 14), 14, "#E9C98B")


def _ticket(poster: Image.Image) -> None:
    """Cream paper with a torn upper edge and a notch at each side."""
    shapes.shadow(poster, (0, TICKET_TOP, WIDTH, ART_HEIGHT), 0, "#4E0E1A", 0.5, 26)
    poster.paste(TICKET, (0, TICKET_TOP, WIDTH, ART_HEIGHT))
    for x in range(STUB, WIDTH, 2 * STUB + 4):
        shapes.circle(poster, (x, TICKET_TOP), STUB / 2, "#A23042")
    for x in (0, WIDTH):
        shapes.circle(poster, (x, TICKET_TOP + 76), NOTCH, "#A23042")
