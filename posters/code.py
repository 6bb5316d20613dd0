"""Draws a scannable code from its payload, and reads the payload out of a code's picture."""

from collections.abc import Iterator
from functools import lru_cache

import segno
from PIL import Image, ImageOps

from posters.fields import CodeUnreadable, PosterRefused
from posters.pictures import open_picture

QUIET_MODULES = 4
CODE_PIXELS = 204
CODE_WITH_QUIET_PIXELS = 254
SMALLEST_MODULES = 33
"""Version 4: with fewer, larger modules the quiet zone would leave its frame"""
MOST_MODULES = 53
"""Version 9: beyond it a module is under 2.6 px in the picture 750 px wide"""
MASK = 4
"""A fixed mask: choosing the best one costs four times as much, and none failed to decode (measured)."""
FINE = 12
"""Edges stay where they belong, in grey: moved to whole pixels, OpenCV could not read the picture 750 px wide."""
BLACK_ON_WHITE = bytes([255, 0]) + bytes(254)
"""What a module's 0 and 1 become"""
TINY = 600
"""Pixels"""


@lru_cache(maxsize=256)
def draw_code(payload: str) -> Image.Image:
    """The code without its quiet zone, black on white, at most 204 px."""
    if not payload:
        raise PosterRefused("这位导购还没有渠道码，海报上没有码可以放")
    try:
        code = segno.make_qr(payload, error="m", mask=MASK, boost_error=False)
        if len(code.matrix) < SMALLEST_MODULES:
            code = segno.make_qr(payload, error="m", mask=MASK, version=4)
    except segno.DataOverflowError:
        code = None
    modules = len(code.matrix) if code else MOST_MODULES + 1
    if code is None or modules > MOST_MODULES:
        raise PosterRefused(
            "码的内容有 {n} 字节，太密，手机扫不出来。请换短一些的链接", n=len(payload.encode())
        )
    pixels = min(CODE_PIXELS, CODE_WITH_QUIET_PIXELS * modules // (modules + 2 * QUIET_MODULES))
    bits = Image.frombytes("L", (modules, modules), b"".join(code.matrix).translate(BLACK_ON_WHITE))
    wide = bits.resize((modules * FINE, modules), Image.Resampling.NEAREST)
    wide = wide.resize((pixels, modules), Image.Resampling.BOX)
    high = wide.resize((pixels, modules * FINE), Image.Resampling.NEAREST)
    return high.resize((pixels, pixels), Image.Resampling.BOX)


def read_code(picture: bytes) -> str:
    """The payload of the one code in a picture; raises CodeUnreadable in words."""
    import zxingcpp  # only who reads codes loads it: children that draw stay small

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
