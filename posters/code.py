"""Draws a scannable code from its payload, and reads the payload out of a code's picture."""

from collections.abc import Iterator
from functools import lru_cache

import zxingcpp
from PIL import Image, ImageOps

from posters.fields import CodeUnreadable, PosterRefused
from posters.pictures import open_picture

QUIET_MODULES = 4
CODE_PIXELS = 204
CODE_WITH_QUIET_PIXELS = 254
SMALLEST_VERSION, FITS_SMALLEST = 4, 62
"""And the bytes that it holds: with fewer, larger modules the quiet zone would leave its frame"""
MOST_MODULES = 53
"""Version 9: beyond it a module is under 2.6 px in the picture 750 px wide"""
FINE = 12
"""Edges stay where they belong, in grey: moved to whole pixels, OpenCV could not read the picture 750 px wide."""
TINY = 600
"""Pixels"""


@lru_cache(maxsize=256)
def draw_code(payload: str) -> Image.Image:
    """The code without its quiet zone, black on white, at most 204 px."""
    bits = code_modules(payload)
    modules = bits.width
    pixels = min(CODE_PIXELS, CODE_WITH_QUIET_PIXELS * modules // (modules + 2 * QUIET_MODULES))
    wide = bits.resize((modules * FINE, modules), Image.Resampling.NEAREST)
    wide = wide.resize((pixels, modules), Image.Resampling.BOX)
    high = wide.resize((pixels, modules * FINE), Image.Resampling.NEAREST)
    return high.resize((pixels, pixels), Image.Resampling.BOX)


def code_modules(payload: str) -> Image.Image:
    """The code as it is before it is drawn: a pixel for each module, without a quiet zone."""
    if not payload:
        raise PosterRefused("这位导购还没有入口码，海报上没有码可以放")
    size = len(payload.encode())
    version = {"version": SMALLEST_VERSION} if size <= FITS_SMALLEST else {}
    try:  # a third of what segno takes, with the best mask
        code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M", **version)
        bits = Image.fromarray(code.to_image(scale=1, add_quiet_zones=False))
    except ValueError:  # more than any code holds
        bits = None
    if bits is None or bits.width > MOST_MODULES:
        raise PosterRefused("码的内容有 {n} 字节，太密，手机扫不出来。请换短一些的链接", n=size)
    return bits


def read_code(picture: bytes) -> str:
    """The payload of the one code in a picture; raises CodeUnreadable in words."""
    found: set[str] = set()
    for look in _looks(open_picture(picture).convert("L")):
        seen = zxingcpp.read_barcodes(look, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        found = {code.text for code in seen if code.valid}
        if found:
            break
    if not found:
        raise CodeUnreadable("这张图里没有读出二维码。请换一张清楚、完整、四边留白的码")
    if len(found) > 1:
        raise CodeUnreadable(f"这张图里有 {len(found)} 个不同的码，不知道用哪一个。请只留一个")
    return found.pop()


def _looks(image: Image.Image) -> Iterator[Image.Image]:
    """As it is; then with the quiet zone that cut-out pictures lack; then tiny ones enlarged."""
    yield image
    yield ImageOps.expand(image, 40, 255)
    if max(image.size) <= TINY:
        yield ImageOps.scale(ImageOps.expand(image, 8, 255), 3)
