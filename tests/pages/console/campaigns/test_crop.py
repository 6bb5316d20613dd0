"""What a poster cuts off a picture is said, and drawn as a frame, before the picture is used."""

from io import BytesIO

import pytest
from PIL import Image

from pages.console.campaigns.crop import Crop
from posters.fields import ART_HEIGHT, WIDTH, Art
from posters.templates import artwork
from tests.pages.conftest import Console
from tests.pages.plan_form import poster, send


def picture(width: int, height: int) -> bytes:
    kept = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(kept, "JPEG", quality=95)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((1080, 1600), ["正好放满海报，一点不裁"]),
        ((1600, 1600), ["海报只用框里的：左右一共裁掉 32%"]),
        ((1080, 2400), ["海报只用框里的：下面裁掉 33%"]),
        ((810, 1200), ["做成海报要放大 1.3 倍，会有点糊"]),
        ((500, 741), ["图片只有 500 像素宽，做海报至少要 540：放大会糊，排期时会被拦下"]),
    ],
)
def test_what_becomes_of_a_picture_is_said(size: tuple[int, int], words: list[str]) -> None:
    assert Crop(*size).faults == words


@pytest.mark.parametrize("size", [(1600, 1600), (1080, 2400), (810, 1200), (2000, 700)])
def test_the_frame_is_what_the_poster_shows(size: tuple[int, int]) -> None:
    left, top, width, height = Crop(*size).box
    shown = Image.open(BytesIO(picture(*size))).convert("RGB").crop((left, top, left + width, top + height))
    drawn = artwork.paint(Art(picture=picture(*size)))
    expected = shown.resize((WIDTH, ART_HEIGHT))
    for place in ((40, 40), (WIDTH // 2, ART_HEIGHT // 2), (WIDTH - 40, ART_HEIGHT - 40)):
        assert abs(drawn.getpixel(place)[0] - expected.getpixel(place)[0]) <= 4, place


def test_the_slot_shows_the_frame_and_says_what_is_wrong_with_a_picture(console: Console) -> None:
    client = console.signed_in("zhou")
    form = poster("artwork") | {"attachments.0.upload": (BytesIO(picture(1600, 1600)), "初雪.jpg")}
    page = send(console, client, do="look", **form).get_data(as_text=True)
    assert "左右一共裁掉 32%" in page
    assert 'viewBox="0 0 1600 1600"' in page and 'x="260" y="0" width="1080" height="1600"' in page
    assert 'name="attachments.0.picture_id"\n         value="1"' in page
