"""A product comes out of its plain ground, and one in a scene keeps it."""

import pytest
from PIL import Image, ImageDraw

from posters import product, shapes
from posters.samples import picture
from tests.posters.samples import opened, saved

BOX = (100, 100, 500, 500)


def shot(ground: str, size: tuple[int, int] = (600, 400)) -> Image.Image:
    """A dark bag with a handle, through which the ground is seen."""
    made = Image.new("RGB", size, ground)
    brush = ImageDraw.Draw(made)
    brush.rectangle((200, 180, 400, 340), fill="#402010")
    brush.ellipse((240, 90, 360, 240), outline="#402010", width=14)
    return made


def whole(sheet: Image.Image, box: shapes.Box) -> None:
    shapes.rounded(sheet, box, 0, "#FFFFFF")


@pytest.mark.parametrize("ground", ["white", "#DDE4EC", "black"])
def test_a_product_on_one_colour_is_cut_out_whatever_the_colour(ground: str) -> None:
    mask = product.cut_out(shot(ground))
    assert mask is not None
    assert mask.getpixel((300, 260)) == 255 and mask.getpixel((20, 20)) == mask.getpixel((430, 200)) == 0


@pytest.mark.parametrize("name", ["boots.jpg", "coat.jpg", "socks.jpg", "rain-boots.jpg"])
def test_the_samples_are_cut_out_though_they_were_compressed(name: str) -> None:
    mask = product.cut_out(opened(picture(name)))
    assert mask is not None and 0.3 < sum(mask.histogram()[200:]) / (mask.width * mask.height) < 0.8


def test_a_product_in_a_scene_or_hardly_there_is_not_cut_out() -> None:
    scene = shapes.gradient((0.0, "#203040"), (1.0, "#F0E0D0"), size=(600, 400))
    scene.paste("#402010", (200, 100, 400, 300))
    assert product.cut_out(scene) is None
    assert product.cut_out(Image.new("RGB", (400, 400), "white")) is None


def test_it_stands_on_the_foot_of_its_box_in_its_own_proportions() -> None:
    poster = Image.new("RGB", (600, 600), "#808080")
    covered = product.place(poster, saved(shot("white"), "PNG"), BOX, whole, "#000000")
    left, top, right, bottom = covered.getbbox() or (0, 0, 0, 0)
    assert bottom == 500 and top >= 100 and abs((left + right) / 2 - 300) < 3
    assert abs((right - left) / (bottom - top) - 200 / 250) < 0.1


def test_one_in_a_scene_is_seen_through_the_designs_shape() -> None:
    poster = Image.new("RGB", (1080, 1600))
    covered = product.place(poster, picture("art-boots.jpg"), BOX, whole, "#000000")
    assert covered.getbbox() == BOX or covered.getbbox() == (100, 100, 501, 501)
    assert poster.getpixel((300, 300)) != (0, 0, 0) and poster.getpixel((50, 300)) == (0, 0, 0)
