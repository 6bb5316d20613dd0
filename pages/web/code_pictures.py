"""Entry codes as pages show them: redrawn from what they say, so that they are sharp at any size and served by us."""

import io

import segno

QUIET_MODULES = 4
MODULE_PIXELS = 10


def svg_of(payload: str) -> bytes:
    made = io.BytesIO()
    drawn = {"xmldecl": False, "svgclass": None, "lineclass": None, "omitsize": True}
    _code(payload).save(made, kind="svg", border=QUIET_MODULES, dark="#000", light="#fff", **drawn)
    return made.getvalue()


def png_of(payload: str) -> bytes:
    """What a phone recognises when a finger rests on it: no messenger reads a drawing of lines."""
    made = io.BytesIO()
    _code(payload).save(made, kind="png", border=QUIET_MODULES, scale=MODULE_PIXELS)
    return made.getvalue()


def _code(payload: str) -> segno.QRCode:
    return segno.make_qr(payload, error="m", boost_error=False)
