"""A poster drawn by us: a headline of at most 8 characters on a calm evening, one product, one price."""

import math

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from posters.fields import ART_HEIGHT, WIDTH, Art, PictureRefused, PosterRefused
from posters.fonts import BOLD, MEDIUM, REGULAR, plain
from posters.pictures import open_picture
from posters.text import NOT_AT_LINE_START, Type, cut, fit, width, wrap, write, write_large, write_right

TITLE = "用文字排一张"
FIELDS = ("headline", "subline", "price", "note", "brand", "occasion", "picture")

NIGHT, DEEP, ACCENT, ACCENT_2, ACCENT_3 = "#26264A", "#3F3EA8", "#4C4BC0", "#8786DD", "#B9B9EE"
"""The design's tokens: accent and its steps. No second palette."""
ACCENT_SOFT, WHITE, GROUND, INK_2 = "#EFEFFB", "#FFFFFF", "#FAFAFB", "#545561"
SKY = ((0.0, NIGHT), (0.24, DEEP), (0.4, ACCENT), (0.64, ACCENT_2), (0.84, ACCENT_3), (1.0, ACCENT_3))

MARGIN = 84
ROOM = WIDTH - 2 * MARGIN
EVERYWHERE = (0, 0, WIDTH, ART_HEIGHT)
HEADLINE_CHARS = 8
HEADLINE = Type(168, BOLD, WHITE)
HEADLINE_SMALLEST = 104
HEADLINE_BASELINE, HEADLINE_PITCH = 336, 192
SUBLINE, SUBLINE_SMALLEST, SUBLINE_GAP = Type(38, MEDIUM, WHITE, 1), 30, 84
BRAND, OCCASION, TOP_BASELINE = Type(32, MEDIUM, WHITE, 6), Type(28, REGULAR, WHITE, 2), 150
PRICE, CURRENCY, PRICE_BASELINE = Type(70, BOLD, NIGHT), Type(38, BOLD, NIGHT), 1544
NOTE, NOTE_PITCH, NOTE_GAP, NOTE_LINES = Type(28, REGULAR, INK_2), 40, 44, 2
SIGN_GAP = 6
PRODUCT_TOP, PRODUCT_BOTTOM = 684, 1404
PRODUCT_RATIOS = (0.8, ROOM / (PRODUCT_BOTTOM - PRODUCT_TOP))
"""Width : height; beyond them it is cropped"""
PRODUCT_RADIUS = 36
SUN, SUN_RADIUS = (690, 1000), 290
HILLS = (
    (ACCENT_2, 1170, 64, 0.8, 5.6),
    (ACCENT_3, 1296, 44, 0.9, 3.3),
    (ACCENT_SOFT, 1384, 30, 0.8, 4.9),
    (GROUND, 1446, 12, 0.7, 1.2),
)
"""Far to near: colour, height of the middle, swing, waves across, shift."""


def complaints(art: Art) -> dict[str, PosterRefused]:
    """The headline must be there and short; a picture is optional."""
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
    if width(plain(art.subline), SUBLINE.at(SUBLINE_SMALLEST)) > ROOM:
        wrong["subline"] = PosterRefused("副标题一行放不下，请写短一些")
    if len(_note_lines(art.note, MARGIN + _price_width(plain(art.price)), NOTE_LINES + 1)) > NOTE_LINES:
        wrong["note"] = PosterRefused("说明放不进 {n} 行，请写短一些", n=NOTE_LINES)
    if art.picture:
        try:
            open_picture(art.picture)
        except PictureRefused as refused:
            wrong["picture"] = refused
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


def paint(art: Art) -> Image.Image:
    """The evening, the words on its calm upper part, the product, and the price on the snow."""
    poster = _evening(with_sun=not art.picture)
    if art.picture:
        _paint_product(poster, art.picture)
    canvas = ImageDraw.Draw(poster)
    write(canvas, MARGIN, TOP_BASELINE, cut(plain(art.brand), BRAND, ROOM / 2), BRAND)
    write_right(canvas, WIDTH - MARGIN, TOP_BASELINE, cut(plain(art.occasion), OCCASION, ROOM / 2), OCCASION)
    _paint_headline(poster, headline_lines(art.headline)[:2], plain(art.subline))
    _paint_price(canvas, plain(art.price), art.note)
    return poster


def _evening(*, with_sun: bool) -> Image.Image:
    """A quiet sky with hills, drawn at twice the size so that the edges are smooth."""
    column = Image.new("RGB", (1, ART_HEIGHT))
    for y in range(ART_HEIGHT):
        column.putpixel((0, y), _sky_colour(y / ART_HEIGHT))
    scene = column.resize((WIDTH, ART_HEIGHT))
    if with_sun:
        _paint_sun(scene)
    large = Image.new("L", (WIDTH * 2, ART_HEIGHT * 2))
    for colour, middle, swing, waves, shift in HILLS:
        large.paste(0, (0, 0, *large.size))
        line = [
            (2 * x, 2 * (middle + swing * math.sin(shift + waves * math.tau * x / WIDTH)))
            for x in range(0, WIDTH + 9, 8)
        ]
        ImageDraw.Draw(large).polygon([*line, (2 * WIDTH, 2 * ART_HEIGHT), (0, 2 * ART_HEIGHT)], fill=255)
        scene.paste(colour, EVERYWHERE, large.resize(scene.size, Image.Resampling.BOX))
    return scene


def _sky_colour(height: float) -> tuple[int, int, int]:
    """The colour between its two neighbouring stops."""
    upper = max(index for index, stop in enumerate(SKY[:-1]) if stop[0] <= height)
    (start, first), (end, second) = SKY[upper], SKY[upper + 1]
    share = (height - start) / (end - start)
    pairs = zip(_rgb(first), _rgb(second), strict=True)
    red, green, blue = (round(one + (other - one) * share) for one, other in pairs)
    return red, green, blue


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _paint_sun(scene: Image.Image) -> None:
    """A pale sun with a wide soft glow."""
    x, y = SUN
    small = Image.new("L", (WIDTH // 4, ART_HEIGHT // 4))
    reach = SUN_RADIUS + 90
    around = [side / 4 for side in (x - reach, y - reach, x + reach, y + reach)]
    ImageDraw.Draw(small).ellipse(around, fill=110)
    scene.paste(ACCENT_SOFT, EVERYWHERE, small.filter(ImageFilter.GaussianBlur(28)).resize(scene.size))
    side = 2 * SUN_RADIUS
    disc = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(disc).ellipse((0, 0, side * 2 - 1, side * 2 - 1), fill=255)
    box = (x - SUN_RADIUS, y - SUN_RADIUS, x + SUN_RADIUS, y + SUN_RADIUS)
    scene.paste(ACCENT_SOFT, box, disc.resize((side, side), Image.Resampling.BOX))


def _paint_product(poster: Image.Image, picture: bytes) -> None:
    """The product in its own proportions, with round corners and a soft shadow."""
    product = open_picture(picture)
    height = PRODUCT_BOTTOM - PRODUCT_TOP
    across = round(height * min(max(product.width / product.height, PRODUCT_RATIOS[0]), PRODUCT_RATIOS[1]))
    left = (WIDTH - across) // 2
    under = [side / 4 for side in (left, PRODUCT_TOP + 24, left + across, PRODUCT_BOTTOM + 24)]
    shadow = Image.new("L", (WIDTH // 4, ART_HEIGHT // 4))
    ImageDraw.Draw(shadow).rounded_rectangle(under, PRODUCT_RADIUS / 4, fill=90)
    poster.paste(NIGHT, EVERYWHERE, shadow.filter(ImageFilter.GaussianBlur(8)).resize(poster.size))
    mask = Image.new("L", (across * 2, height * 2))
    whole = (0, 0, across * 2 - 1, height * 2 - 1)
    ImageDraw.Draw(mask).rounded_rectangle(whole, PRODUCT_RADIUS * 2, fill=255)
    corners = mask.resize((across, height), Image.Resampling.BOX)
    poster.paste(ImageOps.fit(product, (across, height)), (left, PRODUCT_TOP), corners)


def _paint_headline(poster: Image.Image, lines: list[str], subline: str) -> None:
    """Both lines in the size that the longer one allows, the subline below."""
    longest = max(lines, key=lambda line: width(line, HEADLINE), default="")
    _, kind = fit(longest, HEADLINE, HEADLINE_SMALLEST, ROOM)
    baseline = HEADLINE_BASELINE - HEADLINE_PITCH
    for line in lines:
        baseline += HEADLINE_PITCH
        write_large(poster, MARGIN - kind.size // 24, baseline, cut(line, kind, ROOM), kind)
    shown, small = fit(subline, SUBLINE, SUBLINE_SMALLEST, ROOM)
    write(ImageDraw.Draw(poster), MARGIN, baseline + SUBLINE_GAP, shown, small)


def _paint_price(canvas: ImageDraw.ImageDraw, price: str, note: str) -> None:
    """One price at the left, at most two lines of note beside it."""
    sign, figures, kind = _price_parts(price)
    after = write(canvas, MARGIN, PRICE_BASELINE, sign, CURRENCY) + (SIGN_GAP if sign else 0)
    write(canvas, after, PRICE_BASELINE, figures, kind)
    left = MARGIN + _price_width(price)
    lines = _note_lines(note, left, NOTE_LINES)
    baseline = PRICE_BASELINE - 14 - NOTE_PITCH * (len(lines) - 1) / 2
    for line in lines:
        write(canvas, left, baseline, line, NOTE)
        baseline += NOTE_PITCH


def _price_parts(price: str) -> tuple[str, str, Type]:
    """The small sign before it, if any, the figures, and the size in which they take half of the room."""
    sign = "¥" if price[:1] in ("¥", "￥") else ""
    figures, kind = fit(price[len(sign) :].lstrip(), PRICE, CURRENCY.size, ROOM / 2)
    return sign, figures, kind


def _price_width(price: str) -> float:
    """How far the price pushes the note to the right."""
    sign, figures, kind = _price_parts(price)
    if not figures:
        return 0
    return (width(sign, CURRENCY) + SIGN_GAP if sign else 0) + width(figures, kind) + NOTE_GAP


def _note_lines(note: str, left: float, most: int) -> list[str]:
    """The note in the room that the price leaves."""
    return wrap("\n".join(plain(line) for line in note.splitlines()), NOTE, WIDTH - MARGIN - left, most)
