"""The white strip at the bottom of every poster: portrait, name, store, one sentence, her own code."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps

from posters.code import CODE_WITH_QUIET_PIXELS, draw_code
from posters.fields import ART_HEIGHT, HEIGHT, WIDTH, Person, PosterRefused
from posters.fonts import BOLD, REGULAR, missing_glyphs, plain
from posters.pictures import open_picture
from posters.text import Type, fit, width, write, write_kept

INK, INK_2, ACCENT, ACCENT_SOFT, LINE = "#1A1A22", "#545561", "#4C4BC0", "#EFEFFB", "#E7E7EC"
MARGIN = 84
STRIP = (WIDTH, HEIGHT - ART_HEIGHT)
PORTRAIT = 132
PORTRAIT_TOP = 62
TEXT_LEFT = 246
CARD = (775, 31, 775 + CODE_WITH_QUIET_PIXELS + 3, 31 + CODE_WITH_QUIET_PIXELS + 3)
"""A line of 2 px around"""
GAP = 24
NAME = Type(54, BOLD, INK)
NAME_SMALLEST = 40
STORE = Type(32, REGULAR, INK_2)
STORE_SMALLEST = 28
SENTENCE = Type(30, REGULAR, INK_2)
SENTENCE_SMALLEST = 26
SENTENCE_ROOM = CARD[0] - GAP - MARGIN
INITIAL = Type(60, BOLD, ACCENT)
NAME_BASELINE, STORE_BASELINE, SENTENCE_BASELINE = 121, 176, 254


def paint_strip(person: Person) -> Image.Image:
    """Everything personal, and nothing else."""
    strip = empty_strip().copy()
    name = plain(person.name)
    _paint_portrait(strip, person.avatar, name or plain(person.store))
    room = CARD[0] - GAP - TEXT_LEFT
    shown, kind = fit(name, NAME, NAME_SMALLEST, room)
    write_kept(strip, TEXT_LEFT, NAME_BASELINE, shown, kind)
    shown, kind = fit(plain(person.store), STORE, STORE_SMALLEST, room)
    write_kept(strip, TEXT_LEFT, STORE_BASELINE, shown, kind)
    shown, kind = fit(plain(person.sentence), SENTENCE, SENTENCE_SMALLEST, SENTENCE_ROOM)
    write_kept(strip, MARGIN, SENTENCE_BASELINE, shown, kind)
    code = draw_code(person.code)
    middle = ((CARD[0] + CARD[2] + 1 - code.width) // 2, (CARD[1] + CARD[3] + 1 - code.height) // 2)
    strip.paste(code, middle)
    return strip


def sentence_fault(sentence: str) -> PosterRefused | None:
    """Why everybody's strip would be drawn with it cut, or not at all."""
    if lost := missing_glyphs(sentence):
        return PosterRefused("字体里没有「{chars}」，画出来会是方框。请换一个写法", chars="".join(lost))
    if width(plain(sentence), SENTENCE.at(SENTENCE_SMALLEST)) > SENTENCE_ROOM:
        return PosterRefused("这句话一行放不下，最多约 {n} 个字", n=SENTENCE_ROOM // SENTENCE_SMALLEST)
    return None


@lru_cache(maxsize=1)
def empty_strip() -> Image.Image:
    """White, a hairline above, the frame of the code."""
    strip = Image.new("RGB", STRIP, "white")
    canvas = ImageDraw.Draw(strip)
    canvas.rectangle((0, 0, WIDTH, 1), fill=LINE)
    canvas.rounded_rectangle(CARD, radius=20, outline=LINE, width=2)
    return strip


def _paint_portrait(strip: Image.Image, avatar: bytes, name: str) -> None:
    """Her picture in a circle, or the first character of her name."""
    at = (MARGIN, PORTRAIT_TOP)
    if avatar:
        strip.paste(ImageOps.fit(open_picture(avatar), (PORTRAIT, PORTRAIT)), at, _circle())
        return
    strip.paste(ACCENT_SOFT, (*at, MARGIN + PORTRAIT, PORTRAIT_TOP + PORTRAIT), _circle())
    initial = name[:1].upper()
    left, top, right, bottom = _ink_box(initial)
    x = round(MARGIN + (PORTRAIT - (right - left)) / 2 - left)
    y = round(PORTRAIT_TOP + (PORTRAIT - (bottom - top)) / 2 - top)
    write_kept(strip, x, y, initial, INITIAL)


@lru_cache(maxsize=512)
def _ink_box(initial: str) -> tuple[int, int, int, int]:
    """Where the ink of the initial lies around its baseline, so that it can be centred by eye."""
    sheet = Image.new("L", (200, 200))
    write(ImageDraw.Draw(sheet), 50, 120, initial, Type(INITIAL.size, INITIAL.typeface, "white"))
    left, top, right, bottom = sheet.getbbox() or (50, 120, 50, 120)
    return left - 50, top - 120, right - 50, bottom - 120


@lru_cache(maxsize=1)
def _circle() -> Image.Image:
    large = Image.new("L", (PORTRAIT * 4, PORTRAIT * 4))
    ImageDraw.Draw(large).ellipse((0, 0, PORTRAIT * 4 - 1, PORTRAIT * 4 - 1), fill=255)
    return large.resize((PORTRAIT, PORTRAIT), Image.Resampling.BOX)
