"""Smooth shapes, gradients and light: what designs draw with, by Pillow alone and alike on every machine."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter

from posters.fields import ART_HEIGHT, WIDTH

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Paint = str | Image.Image
"""A colour, or a sheet as large as the picture of which the shape lets some through"""
FINE = 3
"""Edges are drawn so many times larger and then shrunk"""
CURVE_STEPS = 12
GRADIENT_EDGE = 179
"""Pillow's round gradient has this value where it meets the middle of its sides"""


def gradient(*stops: tuple[float, str], size: tuple[int, int] = (WIDTH, ART_HEIGHT)) -> Image.Image:
    """Colours from top to bottom, each at its share of the height."""
    channels = []
    for channel in range(3):
        levels = [(place, int(colour[1 + 2 * channel : 3 + 2 * channel], 16)) for place, colour in stops]
        column = bytes(_level(levels, y / size[1]) for y in range(size[1]))
        channels.append(Image.frombytes("L", (1, size[1]), column))
    return Image.merge("RGB", channels).resize(size)


def _level(levels: Sequence[tuple[float, int]], place: float) -> int:
    """Between its two neighbouring stops."""
    for (start, first), (end, second) in pairwise(levels):
        if place <= end:
            share = max((place - start) / (end - start), 0)
            return round(first + (second - first) * share)
    return levels[-1][1]


def polygon(picture: Image.Image, points: Iterable[Point], paint: Paint, opacity: float = 1) -> None:
    corners = list(points)
    _through(
        picture,
        _around(corners),
        paint,
        opacity,
        lambda brush, at: brush.polygon([at(point) for point in corners], fill=255),
    )


def ellipse(picture: Image.Image, box: Box, paint: Paint, opacity: float = 1) -> None:
    _through(
        picture, box, paint, opacity, lambda brush, at: brush.ellipse([*at(box[:2]), *at(box[2:])], fill=255)
    )


def circle(picture: Image.Image, centre: Point, radius: float, paint: Paint, opacity: float = 1) -> None:
    x, y = centre
    ellipse(picture, (x - radius, y - radius, x + radius, y + radius), paint, opacity)


def ring(
    picture: Image.Image, centre: Point, radius: float, paint: Paint, width: float, opacity: float = 1
) -> None:
    x, y = centre
    box = (x - radius, y - radius, x + radius, y + radius)
    _through(
        picture,
        box,
        paint,
        opacity,
        lambda brush, at: brush.ellipse([*at(box[:2]), *at(box[2:])], outline=255, width=round(width * FINE)),
    )


def rounded(
    picture: Image.Image,
    box: Box,
    radius: float,
    paint: Paint,
    opacity: float = 1,
    corners: tuple[bool, bool, bool, bool] = (True, True, True, True),
) -> None:
    """A rectangle with round corners; `corners` goes from the upper left clockwise."""
    _through(
        picture,
        box,
        paint,
        opacity,
        lambda brush, at: brush.rounded_rectangle(
            [*at(box[:2]), *at(box[2:])], radius * FINE, fill=255, corners=corners
        ),
    )


def line(
    picture: Image.Image, points: Sequence[Point], paint: Paint, width: float, opacity: float = 1
) -> None:
    """A line through the points with round ends and corners."""
    half = width / 2

    def draw(brush: ImageDraw.ImageDraw, at: Callable[[Point], Point]) -> None:
        brush.line([at(point) for point in points], fill=255, width=round(width * FINE), joint="curve")
        for x, y in (points[0], points[-1]):
            brush.ellipse([*at((x - half, y - half)), *at((x + half, y + half))], fill=255)

    left, top, right, bottom = _around(points)
    _through(picture, (left - width, top - width, right + width, bottom + width), paint, opacity, draw)


def moved(points: Iterable[Point], x: float, y: float, across: float = 1, down: float = 1) -> list[Point]:
    """A shape that is written around 0, 0, at its place: wider, higher, or turned over by −1."""
    return [(x + across * right, y + down * below) for right, below in points]


def curve(points: Sequence[Point], *, closed: bool = False) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    last = len(points) - 1
    made: list[Point] = []
    for number in range(last + closed):
        four = [points[_neighbour(number + step, last, closed)] for step in (-1, 0, 1, 2)]
        made += [_on_curve(four, step / CURVE_STEPS) for step in range(CURVE_STEPS)]
    return made if closed else [*made, points[-1]]


def _neighbour(number: int, last: int, closed: bool) -> int:
    return number % (last + 1) if closed else min(max(number, 0), last)


def _on_curve(four: Sequence[Point], share: float) -> Point:
    before, start, end, after = four
    x, y = (
        start[axis]
        + share
        * (
            (end[axis] - before[axis]) / 2
            + share
            * (
                before[axis]
                - 2.5 * start[axis]
                + 2 * end[axis]
                - after[axis] / 2
                + share * (1.5 * (start[axis] - end[axis]) + (after[axis] - before[axis]) / 2)
            )
        )
        for axis in (0, 1)
    )
    return x, y


def evenly(points: Sequence[Point], pitch: float) -> list[Point]:
    """Points along a line of straight pieces, each so far from the one before."""
    made: list[Point] = []
    rest = 0.0
    for start, end in pairwise(points):
        length = math.dist(start, end)
        while rest < length:
            share = rest / length
            made.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
            rest += pitch
        rest -= length
    return made


def hill(middle: float, swing: float, waves: float, shift: float) -> list[Point]:
    """A wavy line over the whole width, closed below."""
    top = [
        (x, middle + swing * math.sin(shift + waves * math.tau * x / WIDTH)) for x in range(0, WIDTH + 9, 8)
    ]
    return [*top, (WIDTH, ART_HEIGHT), (0, ART_HEIGHT)]


def glow(
    picture: Image.Image, centre: Point, radius: tuple[float, float] | float, paint: str, opacity: float
) -> None:
    """Light, or shadow, that fades from the centre outwards."""
    across, down = radius if isinstance(radius, tuple) else (radius, radius)
    size = (round(2 * across), round(2 * down))
    fade = Image.radial_gradient("L").resize(size).point(lambda value: round(255 * opacity * _light(value)))
    picture.paste(paint, (round(centre[0] - across), round(centre[1] - down)), fade)


def _light(value: int) -> float:
    """How much is left where Pillow's gradient, black in the middle, has this value."""
    share = max(1 - value / GRADIENT_EDGE, 0)
    return share * share * (3 - 2 * share)


def shadow(picture: Image.Image, box: Box, radius: float, paint: str, opacity: float, blur: float) -> None:
    """The soft shadow of a rectangle with round corners."""
    scale = 4
    small = Image.new("L", (picture.width // scale, picture.height // scale))
    inner = [side / scale for side in box]
    ImageDraw.Draw(small).rounded_rectangle(inner, radius / scale, fill=round(255 * opacity))
    soft = small.filter(ImageFilter.GaussianBlur(blur / scale)).resize(picture.size)
    picture.paste(paint, (0, 0), soft)


def scatter(seed: int, count: int, box: Box, calm: Box = (0, 0, 0, 0)) -> list[tuple[float, float, float]]:
    """Points that look thrown, the same each time and none where words stand: x, y, and a number from 0 to 1."""
    dice = random.Random(seed)
    thrown = (
        (dice.uniform(box[0], box[2]), dice.uniform(box[1], box[3]), dice.random()) for _ in range(count)
    )
    return [(x, y, size) for x, y, size in thrown if not (calm[0] < x < calm[2] and calm[1] < y < calm[3])]


def _around(points: Iterable[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _through(
    picture: Image.Image,
    box: Box,
    paint: Paint,
    opacity: float,
    draw: Callable[[ImageDraw.ImageDraw, Callable[[Point], Point]], None],
) -> None:
    """Paint through a shape that is drawn larger, so that its edges are smooth."""
    left, top = max(math.floor(box[0]), 0), max(math.floor(box[1]), 0)
    right, bottom = min(math.ceil(box[2]) + 1, picture.width), min(math.ceil(box[3]) + 1, picture.height)
    if right <= left or bottom <= top:
        return
    size = (right - left, bottom - top)
    large = Image.new("L", (size[0] * FINE, size[1] * FINE))
    draw(ImageDraw.Draw(large), lambda point: ((point[0] - left) * FINE, (point[1] - top) * FINE))
    mask = large.resize(size, Image.Resampling.BOX)
    if opacity < 1:
        mask = mask.point(lambda value: round(value * opacity))
    through = paint.crop((left, top, right, bottom)) if isinstance(paint, Image.Image) else paint
    picture.paste(through, (left, top, right, bottom), mask)
