"""A product on a poster: cut out of its plain ground where it has one, else shown in the design's own shape."""

from collections.abc import Callable
from statistics import median

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from posters import layout
from posters.fields import Art, PictureRefused, PosterRefused
from posters.pictures import open_picture
from posters.shapes import Box, glow

LOOKED_AT = 160
"""Pixels of the longer side of the copy in which the ground is followed from the edge"""
MOST_PIXELS = 1000
"""On the longer side: no poster shows a product larger"""
SAME = 14
"""Colours so near to the ground's are ground"""
PLAIN_SHARE = 0.97
"""So much of the picture's edge has to be of one colour"""
LEAST_SHARE = 0.04
"""A product that covers less of its picture is not found well"""

Shape = Callable[[Image.Image, Box], None]
"""Paints the shape white: who has no plain ground is shown through it"""


def complaints(art: Art) -> dict[str, PosterRefused]:
    """What is wrong with the words, and with the picture where there is one."""
    wrong = layout.faults(art)
    if art.picture:
        try:
            open_picture(art.picture)
        except PictureRefused as refused:
            wrong["picture"] = refused
    return wrong


def place(poster: Image.Image, picture: bytes, box: Box, shape: Shape, shade: str) -> Image.Image:
    """Put the product into the box, standing on its foot; returns the mask of what it covers."""
    product = open_picture(picture)
    product.thumbnail((MOST_PIXELS, MOST_PIXELS))
    mask = cut_out(product)
    if mask is None:
        return _through_shape(poster, product, box, shape)
    around = mask.getbbox() or (0, 0, *mask.size)
    product, mask = product.crop(around), mask.crop(around)
    left, top, right, bottom = box
    scale = min((right - left) / product.width, (bottom - top) / product.height)
    size = (round(product.width * scale), round(product.height * scale))
    product, mask = (part.resize(size, Image.Resampling.LANCZOS) for part in (product, mask))
    at = (round((left + right - size[0]) / 2), round(bottom) - size[1])
    glow(poster, ((left + right) / 2, bottom - 6), (size[0] * 0.62, 44), shade, 0.55)
    poster.paste(product, at, mask)
    covered = Image.new("L", poster.size)
    covered.paste(mask, at)
    return covered


def fill(poster: Image.Image, picture: bytes, box: Box, shape: Shape) -> Image.Image:
    """Show a picture through a shape; returns the mask of what it covers."""
    return _through_shape(poster, open_picture(picture), box, shape)


def _through_shape(poster: Image.Image, product: Image.Image, box: Box, shape: Shape) -> Image.Image:
    left, top, right, bottom = (round(side) for side in box)
    sheet = Image.new("RGB", poster.size)
    shape(sheet, box)
    covered = sheet.getchannel("R")
    layer = Image.new("RGB", poster.size)
    layer.paste(ImageOps.fit(product, (right - left, bottom - top)), (left, top))
    poster.paste(layer, (0, 0), covered)
    return covered


def cut_out(product: Image.Image) -> Image.Image | None:
    """What of the picture is the product, when all around it is one colour; None when it stands in a scene."""
    ground = _ground(product)
    if ground is None:
        return None
    apart = ImageChops.difference(product, Image.new("RGB", product.size, ground))
    red, green, blue = apart.split()
    furthest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    same = furthest.point(lambda value: 255 if value <= SAME else 0)
    inside = ImageChops.invert(ImageChops.darker(same, _reached_from_outside(same)))
    inside = inside.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.MinFilter(5))
    if inside.histogram()[255] < LEAST_SHARE * product.width * product.height:
        return None
    return inside.filter(ImageFilter.GaussianBlur(1))


def _reached_from_outside(same: Image.Image) -> Image.Image:
    """Where the ground's colour is ground and not a part of the product: found in a small copy, a little too wide."""
    small = same.copy()
    small.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)
    sheet = ImageOps.expand(small.point(lambda value: 255 if value > 160 else 0), 1, 255)
    ImageDraw.floodfill(sheet, (0, 0), 128)
    reached = sheet.point(lambda value: 255 if value == 128 else 0).filter(ImageFilter.MaxFilter(5))
    return reached.crop((1, 1, small.width + 1, small.height + 1)).resize(same.size, Image.Resampling.NEAREST)


def _ground(picture: Image.Image) -> tuple[int, int, int] | None:
    """The colour of the picture's edge, when it is one."""
    width, height = picture.size
    sides = (
        (0, 0, width, 1),
        (0, height - 1, width, height),
        (0, 0, 1, height),
        (width - 1, 0, width, height),
    )
    edge = [
        tuple(pixel)
        for side in sides
        for pixel in zip(*[iter(picture.crop(side).tobytes())] * 3, strict=True)
    ]
    red, green, blue = (round(median(pixel[channel] for pixel in edge)) for channel in range(3))
    near = sum(
        max(abs(pixel[0] - red), abs(pixel[1] - green), abs(pixel[2] - blue)) <= SAME for pixel in edge
    )
    return (red, green, blue) if near >= PLAIN_SHARE * len(edge) else None
