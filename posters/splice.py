"""Joins what all posters of a campaign share, encoded once, with each person's strip, byte for byte a normal JPEG.

A restart marker in a JPEG starts the decoder afresh. So the rows above can be encoded once, with the whole
poster's height in their header, and a strip encoded alone with the same tables follows after the marker.
"""

from PIL import Image

from posters.pictures import encode

BLOCK = 16
"""Pixels: with 4:2:0 the encoder works in squares of 16, so the seam lies on a multiple of it"""
FRAME, SCAN = 0xC0, 0xDA
FIRST_RESTART, END_OF_IMAGE = b"\xff\xd0", b"\xff\xd9"


def upper_part(shared: Image.Image, height: int, quality: int) -> bytes:
    """The shared rows as the beginning of a file that will be so high."""
    blocks = -(-shared.width // BLOCK) * (shared.height // BLOCK)
    jpeg = bytearray(encode(shared, quality, blocks))
    frame = _segment(jpeg, FRAME)
    jpeg[frame + 5 : frame + 7] = height.to_bytes(2, "big")
    return bytes(jpeg.removesuffix(END_OF_IMAGE))


def strip_part(strip: Image.Image, quality: int) -> bytes:
    """The end of the file: the restart marker, and only the pixels of the strip."""
    jpeg = encode(strip, quality)
    scan = _segment(jpeg, SCAN)
    length = int.from_bytes(jpeg[scan + 2 : scan + 4], "big")
    return FIRST_RESTART + jpeg[scan + 2 + length :]


def _segment(jpeg: bytes | bytearray, wanted: int) -> int:
    """Where a segment of the header begins (at its 0xFF)."""
    at = 2
    while jpeg[at + 1] != wanted:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return at
