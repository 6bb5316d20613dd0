"""Cards in the form that somebody wants. What draws PDF is loaded when the first is wanted: most programs never print."""

from collections.abc import Sequence
from typing import Literal

from posters.prints import PrintCard

Form = Literal["png", "svg", "pdf"]
FORMS: dict[Form, str] = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
"""And what a browser is told that it is"""


def one(card: PrintCard, form: Form) -> bytes:
    """A single card; its code has been read again."""
    from posters.prints import pdf, png, svg

    if form == "png":
        return png.draw(card)
    if form == "pdf":
        return pdf.single(card)
    png.prove(card)
    return svg.draw(card).encode()


def sheets(title: str, made: str, cards: Sequence[PrintCard]) -> bytes:
    """Sheets of A4 with lines to cut along, as PDF; every code has been read again."""
    from posters.prints import pdf

    return pdf.sheets(title, made, cards)
