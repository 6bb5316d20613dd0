"""新品: one product before a low winter sun, one price on the snow."""

from PIL import Image

from posters import layout, product, shapes
from posters.fields import WIDTH, Art, PosterRefused
from posters.layout import Palette

TITLE = "新品"
ABOUT = "一件商品、一个价格"
FIELDS = {**layout.WORDS, "price": layout.PRICE, "note": layout.NOTE, "picture": layout.PRODUCT}

PALETTE = Palette(headline="#FFFFFF", words="#EDEBFA", price="#26264A", note="#545561")
SKY = (
    (0.0, "#25295A"),
    (0.22, "#3B3A80"),
    (0.38, "#5B509A"),
    (0.5, "#9478AE"),
    (0.62, "#E0B5AC"),
    (0.7, "#F2D2B8"),
)
SUN, SUN_RADIUS = (600, 990), 336
SUN_COLOURS = ((0.3, "#FBDDB2"), (0.6, "#FFF3E0"), (0.85, "#F9D2A4"))
FAR, SNOW_CAP, TREES = "#8F80B4", "#D9D3E6", "#574D8C"
HILLS = (("#BFAAD0", 1204, 36, 0.8, 5.6), ("#E9E3F2", 1330, 26, 0.9, 3.3), ("#FBFAFD", 1436, 14, 0.7, 1.2))
"""Far to near: colour, height of the middle, swing, waves across, shift."""
TREE_PLACES = (
    (52, 1216, 1.2), (8, 1224, 0.8), (138, 1212, 0.8), (186, 1214, 0.5),
    (1010, 1214, 1.4), (944, 1206, 0.9), (1070, 1210, 1.0), (886, 1200, 0.55),
)  # fmt: skip
"""x, foot, size"""
MOUNTAINS = (
    ((0, 1130), (120, 1030), (210, 1092), (320, 1004), (560, 1250), (560, 1300), (0, 1300)),
    ((480, 1270), (620, 1150), (690, 1196), (830, 1000), (940, 1080), (1080, 962), (1080, 1300), (480, 1300)),
)
SNOW_CAPS = (
    ((830, 1000), (796, 1028), (822, 1040), (846, 1026), (872, 1031)),
    ((1080, 962), (1036, 1002), (1060, 1018), (1080, 1008)),
)
PRODUCT_BOX = (214, 664, 880, 1424)


def complaints(art: Art) -> dict[str, PosterRefused]:
    """The headline must be there and short; a picture is optional."""
    return product.complaints(art)


def paint(art: Art) -> Image.Image:
    """The evening, the product, then snow over both, and the words."""
    poster = _evening()
    if art.picture:
        product.place(poster, art.picture, PRODUCT_BOX, _disc, "#6E5F96")
    shapes.polygon(poster, shapes.hill(1482, 10, 0.6, 4.4), HILLS[-1][0])
    for x, y, size in shapes.scatter(7, 90, (0, 0, WIDTH, 1440), layout.CALM):
        shapes.circle(poster, (x, y), 2 + 5 * size**3, "#FFFFFF", 0.4 + 0.5 * (1 - size))
    layout.paint_head(poster, art, PALETTE)
    layout.paint_foot(poster, art, PALETTE)
    return poster


def _evening() -> Image.Image:
    """A low sun between mountains, trees and snow."""
    scene = shapes.gradient(*SKY)
    shapes.glow(scene, SUN, 640, "#F6CBA6", 0.75)
    shapes.circle(scene, SUN, SUN_RADIUS, shapes.gradient(*SUN_COLOURS))
    for mountain in MOUNTAINS:
        shapes.polygon(scene, mountain, FAR, 0.85)
    for cap in SNOW_CAPS:
        shapes.polygon(scene, cap, SNOW_CAP)
    for number, (colour, middle, swing, waves, shift) in enumerate(HILLS):
        shapes.polygon(scene, shapes.hill(middle, swing, waves, shift), colour)
        if number == 0:
            for x, foot, size in TREE_PLACES:
                _tree(scene, x, foot, size)
    return scene


def _tree(scene: Image.Image, x: float, foot: float, size: float) -> None:
    for step in range(4):
        half, top = size * (26 + 15 * step), foot - size * (150 - 34 * step)
        shapes.polygon(scene, ((x, top), (x + half, top + size * 54), (x - half, top + size * 54)), TREES)


def _disc(sheet: Image.Image, box: shapes.Box) -> None:
    """A product in a scene of its own fills the sun."""
    left, top, right, bottom = box
    radius = min(right - left, bottom - top) / 2
    shapes.circle(sheet, ((left + right) / 2, (top + bottom) / 2), radius, "#FFFFFF")
