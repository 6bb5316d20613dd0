"""门店日: the shop in the evening, its lights on; a date instead of a price."""

import math

from PIL import Image, ImageDraw

from posters import layout, product, shapes
from posters.fields import ART_HEIGHT, WIDTH, Art, PosterRefused
from posters.fonts import SERIF, plain
from posters.layout import Palette
from posters.text import Type, fit, width, write

TITLE = "门店日"
ABOUT = "日期和门店，不带价"
FIELDS = {**layout.WORDS, "note": layout.NOTE, "picture": "可以没有：没有就画一家店"}

PALETTE = Palette(headline="#FFF7E6", words="#E3E7D6", price="#2B2A22", note="#3A3A30")
NIGHT = ((0.0, "#0C2622"), (0.4, "#154038"), (0.72, "#1E5A4C"), (1.0, "#1E5A4C"))
SKYLINE = ((0, 1000, 150), (150, 930, 90), (240, 985, 120), (720, 945, 110), (830, 1005, 90), (920, 925, 160))
"""Left, top and width of the houses behind"""
WALL, WALL_DARK, SIGN, GOLD, LIGHT = "#245C4E", "#1B4A3F", "#123A32", "#E9C98B", "#FFE3A6"
RED, CREAM, GREEN, WOOD = "#C5503C", "#F7EBD6", "#2F7A55", "#8A4B32"
FRONT = (84, 826, 996, 1404)
SIGN_BOX = (120, 852, 960, 934)
AWNING = (104, 946, 976, 1050)
STRIPES = 12
COAT = (
    (-16, 12), (16, 12), (46, 34), (58, 126), (42, 130), (36, 84), (46, 196),
    (-46, 196), (-36, 84), (-42, 130), (-58, 126), (-46, 34),
)  # fmt: skip
SHOE = ((-26, -3), (-26, -44), (-4, -44), (2, -26), (30, -16), (32, -3))
LEAF = ((-8, 136), (-12, 64), (0, 0), (12, 68), (8, 136))
STREET, STREET_TOP = "#DFCFA6", 1404
DOOR = (436, 1066, 644, 1404)
WINDOWS = ((136, 1092, 404, 1350), (676, 1092, 944, 1350))
STRINGS = (((0, 700), (270, 790), (540, 716)), ((540, 716), (810, 790), (1080, 700)))


def complaints(art: Art) -> dict[str, PosterRefused]:
    """A picture of the shop is optional."""
    return product.complaints(art)


def paint(art: Art) -> Image.Image:
    """The night, the shop or HQ's picture of one, the lights, the words."""
    poster = shapes.gradient(*NIGHT)
    for x, y, size in shapes.scatter(3, 46, (0, 40, WIDTH, 680), layout.CALM):
        shapes.circle(poster, (x, y), 1.5 + 2 * size, "#CFE5D4", 0.5)
    for left, top, across in SKYLINE:
        poster.paste("#16463C", (left, top, left + across, STREET_TOP))
    poster.paste(STREET, (0, STREET_TOP, WIDTH, ART_HEIGHT))
    shapes.glow(poster, (540, 1140), (760, 480), "#E9C98B", 0.28)
    if art.picture:
        _pictured(poster, art.picture)
    else:
        _shop(poster, plain(art.brand))
    _lights(poster)
    layout.paint_head(poster, art, PALETTE)
    layout.paint_foot(poster, art, PALETTE)
    return poster


def _pictured(poster: Image.Image, picture: bytes) -> None:
    """HQ's picture as the shop's front, in a golden frame."""
    left, top, right, bottom = 84, 846, 996, STREET_TOP - 8
    shapes.rounded(poster, (left - 10, top - 10, right + 10, bottom + 10), 30, GOLD)
    product.fill(
        poster,
        picture,
        (left, top, right, bottom),
        lambda sheet, box: shapes.rounded(sheet, box, 22, "#FFFFFF"),
    )


def _shop(poster: Image.Image, brand: str) -> None:
    left, top, right, bottom = FRONT
    shapes.rounded(poster, FRONT, 10, WALL)
    shapes.rounded(poster, (left - 14, top - 18, right + 14, top + 8), 6, WALL_DARK)
    shapes.rounded(poster, SIGN_BOX, 8, SIGN)
    _sign(poster, brand)
    for box in WINDOWS:
        _window(poster, box)
    _coats(poster, WINDOWS[0])
    _shelves(poster, WINDOWS[1])
    _door(poster)
    _awning(poster)
    shapes.polygon(
        poster,
        ((DOOR[0], STREET_TOP), (DOOR[2], STREET_TOP), (820, ART_HEIGHT), (260, ART_HEIGHT)),
        "#FFF2C8",
        0.8,
    )
    for x in (70, 1010):
        _plant(poster, x)


def _sign(poster: Image.Image, brand: str) -> None:
    name = brand.split(" ")[0]
    shown, kind = fit(name, Type(48, SERIF, GOLD, 14), 28, SIGN_BOX[2] - SIGN_BOX[0] - 60)
    middle = (SIGN_BOX[0] + SIGN_BOX[2] - width(shown, kind)) / 2
    write(ImageDraw.Draw(poster), middle, 911, shown, kind)


def _awning(poster: Image.Image) -> None:
    """Stripes with round ends, and the shade below them."""
    left, top, right, bottom = AWNING
    across = (right - left) / STRIPES
    shapes.shadow(poster, (left, top + 40, right, bottom + 46), 20, "#0A211C", 0.45, 24)
    for number in range(STRIPES):
        x = left + number * across
        colour = RED if number % 2 == 0 else CREAM
        foot = left - 20 + number * (right - left + 40) / STRIPES
        wide = (right - left + 40) / STRIPES
        shapes.polygon(poster, ((x, top), (x + across, top), (foot + wide, bottom), (foot, bottom)), colour)
        shapes.ellipse(poster, (foot, bottom - wide / 2, foot + wide, bottom + wide / 2), colour)


def _window(poster: Image.Image, box: shapes.Box) -> None:
    left, top, right, bottom = box
    shapes.rounded(poster, (left - 12, top - 12, right + 12, bottom + 12), 8, SIGN)
    shapes.rounded(poster, box, 4, shapes.gradient((0.66, "#FFF0C4"), (0.86, "#F0C070")))
    shapes.glow(poster, ((left + right) / 2, top + 30), (120, 90), "#FFFDF0", 0.8)
    shapes.rounded(poster, (left - 12, bottom, right + 12, bottom + 14), 4, WALL_DARK)


def _coats(poster: Image.Image, box: shapes.Box) -> None:
    left, top, right, _ = box
    rail = top + 58
    shapes.line(poster, ((left + 16, rail), (right - 16, rail)), WOOD, 4)
    for x, colour in ((left + 74, GREEN), (right - 74, "#B4633C")):
        shapes.line(poster, ((x, rail), (x, rail + 14)), WOOD, 3)
        shapes.polygon(poster, shapes.moved(COAT, x, rail), colour)
        shapes.line(poster, ((x, rail + 22), (x, rail + 190)), "#1F2B24", 2, 0.4)
        shapes.line(poster, ((x - 36, rail + 102), (x + 36, rail + 102)), "#1F2B24", 6, 0.35)
        for button in (52, 76, 126):
            shapes.circle(poster, (x + 8, rail + button), 3.5, GOLD)


def _shelves(poster: Image.Image, box: shapes.Box) -> None:
    left, _, right, _ = box
    colours = (
        ("#7A3B2A", "#2F5D50", "#C5503C"),
        ("#D08A3C", "#5A3327", "#3E6E86"),
        ("#2F5D50", "#A8452F", "#D9A441"),
    )
    for row, three in enumerate(colours):
        y = 1172 + row * 78
        shapes.line(poster, ((left + 8, y), (right - 8, y)), WOOD, 6)
        for place, colour in enumerate(three):
            x = left + 50 + place * 84
            shapes.polygon(poster, shapes.moved(SHOE, x, y), colour)
            shapes.line(poster, ((x - 26, y - 5), (x + 32, y - 5)), "#3A2A20", 4)


def _door(poster: Image.Image) -> None:
    left, top, right, bottom = DOOR
    shapes.rounded(poster, (left - 14, top - 14, right + 14, bottom), 8, SIGN)
    shapes.rounded(poster, DOOR, 4, RED)
    middle = (left + right) / 2
    shapes.line(poster, ((middle, top), (middle, bottom)), "#8F3527", 4)
    for x in (left + 18, middle + 12):
        shapes.rounded(
            poster, (x, top + 22, x + 74, top + 216), 6, shapes.gradient((0.66, "#FFF0C4"), (0.84, "#F0C070"))
        )
        shapes.rounded(poster, (x, top + 238, x + 74, bottom - 22), 6, "#A84231")
    for x in (middle - 9, middle + 9):
        shapes.line(poster, ((x, top + 176), (x, top + 226)), GOLD, 6)
    centre = (middle, top + 112)
    for step in range(22):
        turn = math.tau * step / 22
        at = (centre[0] + 42 * math.cos(turn), centre[1] + 42 * math.sin(turn))
        shapes.circle(poster, at, 15, GREEN if step % 2 else "#25664A")
        if step % 4 == 0:
            shapes.circle(poster, at, 5, "#E05A45")
    for side in (-1, 1):
        shapes.polygon(
            poster,
            ((middle, top + 154), (middle + side * 34, top + 138), (middle + side * 34, top + 172)),
            "#F2B84B",
        )
    shapes.circle(poster, (middle, top + 155), 8, "#D9992F")


def _plant(poster: Image.Image, x: float) -> None:
    for lean in (-34, -18, 0, 18, 34):
        upright = shapes.moved(LEAF, x, 1216)
        leaf = [(at + lean * (1352 - y) / 90, y + abs(lean) * (1352 - y) / 110) for at, y in upright]
        shapes.polygon(poster, shapes.curve(leaf, closed=True), GREEN if lean % 4 else "#3A8F66")
    pot = ((x - 40, 1342), (x + 40, 1342), (x + 28, STREET_TOP), (x - 28, STREET_TOP))
    shapes.polygon(poster, pot, "#A8452F")


def _lights(poster: Image.Image) -> None:
    """Two strings of bulbs across the street."""
    for ends in STRINGS:
        string = shapes.curve(ends)
        shapes.line(poster, string, "#0A211C", 3)
        for x, y in shapes.evenly(string, 72)[1:]:
            shapes.glow(poster, (x, y + 12), 44, "#FFE3A6", 0.6)
            shapes.circle(poster, (x, y + 12), 9, LIGHT)
