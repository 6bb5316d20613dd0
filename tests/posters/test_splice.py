"""What is shared and what is hers become one file without another encode."""

import cv2
import numpy
import pytest
from PIL import Image, ImageChops

from posters.drawing import (
    PHONE_HEIGHT,
    PHONE_SEAM,
    QUALITY,
    SMOOTH,
    Size,
    draw_strip,
    draw_upper,
    small_strip,
    small_upper,
)
from posters.samples import samples
from posters.splice import strip_part, upper_part
from posters.strip import paint_strip
from tests.posters.arts import painted
from tests.posters.samples import WANG, opened, saved


def whole_poster(name: str) -> Image.Image:
    whole = Image.new("RGB", (1080, 1920))
    whole.paste(painted(name), (0, 0))
    whole.paste(paint_strip(WANG), (0, 1600))
    return whole


def the_same_to_two_decoders(spliced: bytes, full: bytes) -> bool:
    """Pillow and OpenCV each see equal pixels in both."""
    seen = [
        cv2.imdecode(numpy.frombuffer(picture, numpy.uint8), cv2.IMREAD_COLOR) for picture in (spliced, full)
    ]
    return opened(spliced).tobytes() == opened(full).tobytes() and bool((seen[0] == seen[1]).all())


@pytest.mark.parametrize("name", ["artwork", "headline", "guide_card"])
def test_the_spliced_file_has_the_same_pixels_as_a_full_encode_in_two_decoders(name: str) -> None:
    """Goal A4 of the measurements: joining costs nothing in looks."""
    whole = whole_poster(name)
    spliced = upper_part(whole.crop((0, 0, 1080, 1600)), 1920, QUALITY) + strip_part(
        whole.crop((0, 1600, 1080, 1920)), QUALITY
    )
    assert the_same_to_two_decoders(spliced, saved(whole, "JPEG", quality=QUALITY, subsampling=2))


def test_the_phones_file_is_the_whole_poster_made_smaller_though_its_seam_lies_elsewhere() -> None:
    """1,600 rows become 1,111 and a ninth, where no file can be cut: it is cut at 1,120, inside the strip's blank rows."""
    joined = Image.new("RGB", (750, PHONE_HEIGHT))
    joined.paste(small_upper(painted("headline")))
    joined.paste(small_strip(paint_strip(WANG)), (0, PHONE_SEAM))
    used = (0, 0, 1080, PHONE_HEIGHT * 1080 / 750)
    whole = whole_poster("headline").resize(joined.size, SMOOTH, box=used)
    assert max(most for _, most in ImageChops.difference(joined, whole).getextrema()) <= 1, "rounding"
    upper = draw_upper(samples()["headline"], Size.PHONE)
    spliced = upper.poster(draw_strip(WANG, Size.PHONE, upper.quality))
    assert the_same_to_two_decoders(spliced, saved(joined, "JPEG", quality=upper.quality, subsampling=2))
