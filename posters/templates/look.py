"""搭配: a look under an arch, and a line from each of its pieces to its name."""

import math

from PIL import Image, ImageDraw

from posters import layout, product, shapes
from posters.fields import ART_HEIGHT, WIDTH, Art, PictureRefused, PosterRefused
from posters.fonts import MEDIUM, REGULAR
from posters.layout import MARGIN, Palette
from posters.text import Type, fit, write

TITLE = "搭配"
ABOUT = "一身搭配，引线说明每一件"
FIELDS = {
    **layout.WORDS,
    "price": layout.PRICE,
    "note": layout.NOTE,
    "points": "每件一行，最多 3 行：名称，空格，几个字",
    "picture": "必须有；背景是一种颜色的，会抠出来",
}

PALETTE = Palette(headline="#3A2A20", words="#5D4A3B", price="#3A2A20", note="#5D4A3B")
WALL = ((0.0, "#F7EFE4"), (1.0, "#EBDDCB"))
FLOOR, FLOOR_TOP = "#E2D1B9", 1366
ARCH, ARCH_COLOURS = (430, 690, 996, FLOOR_TOP), ((0.42, "#DC9775"), (0.86, "#BF6C4B"))
STITCH, STITCH_INSET = "#F0C9B2", 20
PRODUCT_BOX = (452, 668, 976, 1452)
NAME, ABOUT_PIECE = Type(28, MEDIUM, "#3A2A20"), Type(24, REGULAR, "#5D4A3B")
PIECES, FIRST_PIECE, PIECE_PITCH = 3, 772, 176
PIECE_ROOM = 296.0
LINE_START, INTO_PRODUCT, LINE_COLOUR = 400, 42, "#7A6350"


def complaints(art: Art) -> dict[str, PosterRefused]:
    """The look is what the poster is about, so its picture must be there."""
    wrong = product.complaints(art)
    if not art.picture:
        wrong["picture"] = PictureRefused("请选一张搭配的照片，背景是一种颜色的最好看")
    if fault := layout.points_fault(art.points, PIECES, (NAME, PIECE_ROOM), (ABOUT_PIECE, PIECE_ROOM)):
        wrong["points"] = fault
    return wrong


def paint(art: Art) -> Image.Image:
    """The room, the look, the lines, the words."""
    poster = shapes.gradient(*WALL)
    shapes.glow(poster, (250, 560), 900, "#FFFDF8", 0.8)
    poster.paste(FLOOR, (0, FLOOR_TOP, WIDTH, ART_HEIGHT))
    shapes.glow(poster, (540, FLOOR_TOP), (760, 120), "#D3BE9F", 0.5)
    poster.paste(shapes.gradient(*WALL).crop((0, 1180, WIDTH, FLOOR_TOP)).convert("RGB"), (0, 1180))
    _arch(poster, ARCH)
    if art.picture:
        covered = product.place(poster, art.picture, PRODUCT_BOX, _opening, "#6B4A33")
        _pieces(poster, layout.points(art.points)[:PIECES], covered)
    layout.paint_head(poster, art, PALETTE)
    layout.paint_foot(poster, art, PALETTE)
    return poster


def _arch(poster: Image.Image, box: shapes.Box) -> None:
    left, top, right, bottom = box
    round_ = (right - left) / 2
    shapes.rounded(poster, box, round_, shapes.gradient(*ARCH_COLOURS), corners=(True, True, False, False))
    x, y, inner = (left + right) / 2, top + round_, round_ - STITCH_INSET
    around = [math.pi * step / 24 for step in range(25)]
    seam = [
        (x - inner, bottom - 10),
        *((x - inner * math.cos(turn), y - inner * math.sin(turn)) for turn in around),
    ]
    for at in shapes.evenly([*seam, (x + inner, bottom - 10)], 18):
        shapes.circle(poster, at, 2, STITCH, 0.9)


def _opening(sheet: Image.Image, box: shapes.Box) -> None:
    """A look in a scene of its own is seen through the arch."""
    left, top, right, _ = box
    shapes.rounded(
        sheet,
        (left, top + 30, right, FLOOR_TOP),
        (right - left) / 2,
        "#FFFFFF",
        corners=(True, True, False, False),
    )


def _pieces(poster: Image.Image, pieces: list[tuple[str, str]], covered: Image.Image) -> None:
    """Name and words of each piece, and a line to where the look begins at its height."""
    canvas = ImageDraw.Draw(poster)
    for number, (name, about) in enumerate(pieces):
        baseline = FIRST_PIECE + number * PIECE_PITCH
        shown, kind = fit(name, NAME, NAME.size - 4, PIECE_ROOM)
        end = write(canvas, MARGIN, baseline, shown, kind)
        shown, kind = fit(about, ABOUT_PIECE, ABOUT_PIECE.size - 3, PIECE_ROOM)
        write(canvas, MARGIN, baseline + 38, shown, kind)
        y = baseline - 10
        row = covered.crop((0, y, WIDTH, y + 1)).getbbox()
        if row:
            to = (row[0] + INTO_PRODUCT, y)
            shapes.line(poster, ((min(end + 20, LINE_START), y), to), LINE_COLOUR, 2)
            shapes.circle(poster, to, 7, LINE_COLOUR)
            shapes.circle(poster, to, 3, "#F7EFE4")
