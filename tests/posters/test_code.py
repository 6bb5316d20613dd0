"""Her code on the poster: read by another library, also small and compressed."""

import random
from dataclasses import replace

import numpy
import pytest
from PIL import Image

from posters.code import draw_code, read_code
from posters.drawing import draw
from posters.fields import CodeUnreadable, PictureRefused, PosterFields, PosterRefused
from posters.strip import CARD, paint_strip
from tests.posters.samples import BOOTS_ART, CODE, WANG, saved
from tests.posters.test_pictures import PHOTO
from tests.second_reader import second_reader


def test_each_of_many_codes_survives_the_messengers_compression_K05() -> None:
    """Codes of every length, strip only, at 750 px and quality 60."""
    dice = random.Random(5)
    for length in range(12, 132, 4):
        code = "https://work.weixin.qq.com/ca/"[:length] + "".join(dice.choices("abcdef0123456789", k=length))
        strip = paint_strip(replace(WANG, code=code))
        small = strip.resize((750, 222), Image.Resampling.LANCZOS)
        assert read_code(saved(small, "JPEG", quality=60)) == second_reader(saved(small, "PNG")) == code
        assert second_reader(saved(strip, "JPEG", quality=60)) == code


def test_the_quiet_zone_is_four_modules_of_pure_white() -> None:
    for code in ("short", CODE, CODE * 2):
        strip = numpy.asarray(paint_strip(replace(WANG, code=code)).convert("L"))
        inside = strip[CARD[1] + 2 : CARD[3] - 1, CARD[0] + 2 : CARD[2] - 1]
        rows, columns = numpy.nonzero(inside < 128)
        side = rows.max() - rows.min() + 1
        ends = (*inside.shape, rows.max() + 1, columns.max() + 1)
        border = min(rows.min(), columns.min(), ends[0] - ends[2], ends[1] - ends[3])
        module = numpy.nonzero(inside[rows.min(), columns.min() :] > 128)[0][0] / 7
        assert side <= 204 and border >= 4 * module - 1
        assert (inside[20:-20, : border - 1] == 255).all() and (inside[: border - 1, 20:-20] == 255).all()


def test_a_code_too_long_to_be_scanned_is_refused_in_words() -> None:
    for code, words in (("x" * 400, "太密"), ("x" * 4000, "太密"), ("", "还没有入口码")):
        with pytest.raises(PosterRefused, match=words):
            draw(PosterFields(replace(WANG, code=code), BOOTS_ART))


def test_a_code_is_read_from_a_cut_out_a_tiny_and_a_photographed_picture() -> None:
    code = draw_code(CODE)
    tiny = code.resize((66, 66), Image.Resampling.NEAREST)
    photo = Image.new("RGB", (900, 700), "gray")
    photo.paste(code.resize((400, 400)).rotate(8, expand=True, fillcolor=255), (200, 100))
    for picture in (saved(code, "PNG"), saved(tiny, "PNG"), saved(photo, "JPEG", quality=60)):
        assert read_code(picture) == CODE


def test_a_picture_without_a_code_or_with_two_is_refused_in_words() -> None:
    with pytest.raises(CodeUnreadable, match="没有读出二维码"):
        read_code(saved(PHOTO, "PNG"))
    both = Image.new("L", (700, 350), 255)
    for place, text in ((40, CODE), (400, CODE + "x")):
        both.paste(draw_code(text), (place, 60))
    with pytest.raises(CodeUnreadable, match="2 个不同的码"):
        read_code(saved(both, "PNG"))
    with pytest.raises(PictureRefused):
        read_code(b"no picture")
