"""Codes as pages show them: what a scanner reads is what the code says."""

import io

from PIL import Image

from pages.web.code_pictures import png_of, svg_of
from tests.second_reader import second_reader

SAYS = "https://work.weixin.qq.com/ca/cawcde5f1c2b3a4d5e"


def test_a_scanner_reads_the_picture_and_it_is_large_enough():
    drawn = png_of(SAYS)
    assert second_reader(drawn) == SAYS
    with Image.open(io.BytesIO(drawn)) as picture:
        assert min(picture.size) >= 240


def test_a_drawing_has_no_size_of_its_own():
    assert svg_of(SAYS).startswith(b"<svg") and b" width=" not in svg_of(SAYS)[:80]
