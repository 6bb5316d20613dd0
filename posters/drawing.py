"""Draws a poster in two parts: what a campaign's posters share, once, and the strip of each person."""

from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from posters.fields import ART_HEIGHT, HEIGHT, WIDTH, Art, Person, PosterFields
from posters.pictures import CLEAN_QUALITY, PHONE_BYTES, PHONE_QUALITIES, PHONE_WIDTH, encode
from posters.splice import strip_part, upper_part
from posters.strip import empty_strip, paint_strip
from posters.templates import design

QUALITY = 85
"""Of the full size"""
PHONE_HEIGHT = HEIGHT * PHONE_WIDTH // WIDTH
PHONE_SEAM = 1120
"""The art ends at row 1,111, which no file can be cut at; the strip's first rows, blank for everybody, fill up to here."""
SEAM = PHONE_SEAM * WIDTH / PHONE_WIDTH
"""The same row in full size"""
SMOOTH = Image.Resampling.HAMMING
PHONE_STRIP_BYTES = 32_000
"""Room for the largest strip: what is shared takes the best quality that leaves it"""


class Size(StrEnum):
    """In which a poster is wanted."""

    FULL = "full"
    """1080 × 1920, which customers get"""
    PHONE = "phone"
    """750 × 1333 and at most 120 KB, for the guide's own page"""


@dataclass(frozen=True, slots=True)
class Upper:
    """What is equal on all posters of a campaign, encoded; whatever follows has to have its quality."""

    jpeg: bytes
    quality: int

    def poster(self, strip: bytes) -> bytes:
        """The whole file of one person."""
        return self.jpeg + strip


def draw(fields: PosterFields, size: Size = Size.FULL) -> bytes:
    """A poster as JPEG; raises PosterRefused with words for people."""
    upper = draw_upper(fields.art, size)
    return upper.poster(draw_strip(fields.person, size, upper.quality))


def draw_upper(art: Art, size: Size) -> Upper:
    """The art, encoded so that a strip can follow."""
    painted = design(art.design).paint(art)
    if size == Size.FULL:
        return Upper(upper_part(painted, HEIGHT, QUALITY), QUALITY)
    small = small_upper(painted)
    for quality in PHONE_QUALITIES:
        jpeg = upper_part(small, PHONE_HEIGHT, quality)
        if len(jpeg) <= PHONE_BYTES - PHONE_STRIP_BYTES:
            break
    return Upper(jpeg, quality)


def draw_strip(person: Person, size: Size, quality: int) -> bytes:
    """What follows for one person, whatever the art above it."""
    strip = paint_strip(person)
    return strip_part(small_strip(strip) if size == Size.PHONE else strip, quality)


def small_upper(painted: Image.Image) -> Image.Image:
    """The phone's rows above the seam: the art, and the first rows of any strip."""
    whole = Image.new("RGB", (WIDTH, HEIGHT))
    whole.paste(painted)
    whole.paste(empty_strip(), (0, ART_HEIGHT))
    return whole.resize((PHONE_WIDTH, PHONE_SEAM), SMOOTH, box=(0, 0, WIDTH, SEAM))


def small_strip(strip: Image.Image) -> Image.Image:
    """The phone's rows below the seam."""
    rows, top = PHONE_HEIGHT - PHONE_SEAM, SEAM - ART_HEIGHT
    foot = top + rows * WIDTH / PHONE_WIDTH
    return strip.resize((PHONE_WIDTH, rows), SMOOTH, box=(0, top, WIDTH, foot))


def draw_art(art: Art) -> bytes:
    """Only the art as JPEG, 1080 × 1600: what HQ sees before anybody's name is on it."""
    return encode(design(art.design).paint(art), CLEAN_QUALITY)
