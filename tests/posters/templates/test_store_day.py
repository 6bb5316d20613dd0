"""门店日: a shop that we draw, or HQ's picture of one."""

from dataclasses import replace

from PIL import ImageChops

from posters.samples import picture, samples
from posters.templates import design, store_day

DAY = samples()["store_day"]


def test_the_sign_above_the_shop_bears_the_brand() -> None:
    named, other = (design("store_day").paint(replace(DAY, brand=brand)) for brand in ("霁野", "远山户外"))
    left, top, right, bottom = ImageChops.difference(named, other).crop((0, 700, 1080, 1600)).getbbox()
    sign = store_day.SIGN_BOX
    assert sign[0] <= left and right <= sign[2] and sign[1] <= top + 700 and bottom + 700 <= sign[3]


def test_a_picture_of_the_shop_takes_the_place_of_the_drawn_one() -> None:
    pictured = design("store_day").paint(replace(DAY, picture=picture("art-boots.jpg")))
    changed = ImageChops.difference(pictured, design("store_day").paint(DAY)).getbbox()
    assert changed[1] > 780 and changed[3] <= store_day.STREET_TOP + 200
