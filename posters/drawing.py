"""Draws a poster: the artwork once per campaign, the strip for each person."""

from functools import lru_cache

from posters.fields import Art, PosterFields
from posters.pictures import CLEAN_QUALITY, encode
from posters.splice import upper_part, with_strip
from posters.strip import paint_strip
from posters.templates import design


def draw(fields: PosterFields) -> bytes:
    """The poster as JPEG, 1080 × 1920; raises PosterRefused with words for people."""
    strip = paint_strip(fields.person)
    return with_strip(_upper(fields.art), strip)


def draw_art(art: Art) -> bytes:
    """Only the artwork as JPEG, 1080 × 1600: what HQ sees before anybody's name is on it."""
    return encode(design(art.design).paint(art), CLEAN_QUALITY)


@lru_cache(maxsize=4)
def _upper(art: Art) -> bytes:
    return upper_part(design(art.design).paint(art))
