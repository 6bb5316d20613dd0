"""新品: a product, a price."""

from posters.drawing import draw_art
from posters.fields import Art
from tests.posters.samples import opened


def test_the_poster_is_complete_without_price_note_and_brand() -> None:
    bare = opened(draw_art(Art("headline", headline="上新")))
    assert bare.getpixel((500, 1580))[0] > 240 and bare.getpixel((10, 10))[2] < 100
