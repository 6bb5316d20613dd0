"""Joins the artwork, encoded once per campaign, with each person's strip, byte for byte a normal JPEG.

A restart marker in a JPEG starts the decoder afresh. So the rows above can be encoded once, with the whole
poster's height in their header, and a strip encoded alone with the same tables follows after the marker.
"""

from PIL import Image

from posters.fields import ART_HEIGHT, HEIGHT, WIDTH
from posters.pictures import encode

QUALITY = 85
BLOCK = 16
"""Pixels: with 4:2:0 the encoder works in squares of 16"""
ART_BLOCKS = -(-WIDTH // BLOCK) * (ART_HEIGHT // BLOCK)
FRAME, SCAN = 0xC0, 0xDA
FIRST_RESTART, END_OF_IMAGE = b"\xff\xd0", b"\xff\xd9"


def upper_part(art: Image.Image) -> bytes:
    """The artwork's rows as the beginning of a poster."""
    jpeg = bytearray(encode(art, QUALITY, ART_BLOCKS))
    frame = _segment(jpeg, FRAME)
    jpeg[frame + 5 : frame + 7] = HEIGHT.to_bytes(2, "big")
    return bytes(jpeg.removesuffix(END_OF_IMAGE))


def with_strip(upper: bytes, strip: Image.Image) -> bytes:
    """A whole poster: the beginning, the restart marker, and only the pixels of the strip."""
    jpeg = encode(strip, QUALITY)
    scan = _segment(jpeg, SCAN)
    length = int.from_bytes(jpeg[scan + 2 : scan + 4], "big")
    return upper + FIRST_RESTART + jpeg[scan + 2 + length :]


def _segment(jpeg: bytes | bytearray, wanted: int) -> int:
    """Where a segment of the header begins (at its 0xFF)."""
    at = 2
    while jpeg[at + 1] != wanted:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return at
