"""HQ's own picture above the strip."""

from PIL import Image

from posters.drawing import draw_art
from posters.fields import Art
from posters.templates import design
from tests.posters.samples import BOOTS_ART, opened, saved


def test_a_picture_of_any_shape_fills_the_artwork() -> None:
    for size in ((1080, 1920), (3000, 1000), (600, 600)):
        painted = design("artwork").paint(Art("artwork", saved(Image.new("RGB", size, "navy"), "PNG")))
        assert painted.size == (1080, 1600) and painted.getextrema() == ((0, 0), (0, 0), (128, 128))
    assert opened(draw_art(BOOTS_ART)).size == (1080, 1600)


def test_of_a_tall_picture_the_top_stays_because_the_strip_covers_its_foot() -> None:
    tall = Image.new("RGB", (1080, 1920), "white")
    tall.paste("black", (0, 0, 1080, 40))
    painted = design("artwork").paint(Art("artwork", saved(tall, "PNG")))
    assert painted.getpixel((500, 10)) == (0, 0, 0) and painted.getpixel((500, 1590)) == (255, 255, 255)
