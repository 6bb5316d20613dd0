"""Cards as PDF: each on a page of its size, or many on sheets of A4 with lines to cut along."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fpdf import FPDF

from posters.fonts import MEDIUM, REGULAR
from posters.prints import INK, INK_3, PrintCard, PrintLine, png, svg

A4 = (210.0, 297.0)
MARGIN, GAP = 11.0, 4.0
TOP, BOTTOM = 16.0, 281.0
"""Between them lie the cards; above is the title, below the sizes."""
CUT = "#B9BAC6"
SIZES = "柜台卡 92 × 130 毫米，胸牌 86 × 54 毫米。码边长 54 毫米和 32 毫米，含四周留白。"
HOW_TO = "按 100% 打印，沿虚线剪。码印出去就不用换，人换了也能扫。"


@dataclass(frozen=True)
class Placed:
    """A card on its sheet."""

    card: PrintCard
    left: float
    top: float


def single(card: PrintCard) -> bytes:
    png.prove(card)
    book = _book((card.width, card.height))
    book.add_page()
    _put(book, svg.draw(card), 0, 0, card.width, card.height)
    return bytes(book.output())


def sheets(title: str, made: str, cards: Sequence[PrintCard]) -> bytes:
    """As many sheets as are needed; `made` says when, at the foot."""
    pages = list(laid_out(cards))
    book = _book(A4)
    for number, page in enumerate(pages, 1):
        book.add_page()
        heading = f"{title} · 第 {number} 页，共 {len(pages)} 页   {HOW_TO}"
        _words(book, PrintLine(MARGIN, 10, heading, 3.2, MEDIUM, INK))
        for placed in page:
            png.prove(placed.card)
            _put(book, svg.draw(placed.card), placed.left, placed.top, placed.card.width, placed.card.height)
            _cut_line(book, placed)
        _words(book, PrintLine(MARGIN, 288, SIZES, 2.8, REGULAR, INK_3))
        _words(book, PrintLine(A4[0] - MARGIN, 288, made, 2.8, REGULAR, INK_3, "right"))
    return bytes(book.output())


def laid_out(cards: Sequence[PrintCard]) -> Iterable[list[Placed]]:
    """Large ones first, two beside each other; a sheet is full when the next row does not fit."""
    page: list[Placed] = []
    top = TOP
    rows = _rows(sorted(cards, key=lambda card: -card.height))
    for row in rows:
        high = max(card.height for card in row)
        if page and top + high > BOTTOM:
            yield page
            page, top = [], TOP
        left = _left(row[0])
        for card in row:
            page.append(Placed(card, left, top))
            left += card.width + GAP
        top += high + GAP
    if page:
        yield page


def _left(first: PrintCard) -> float:
    """Where a row begins: a full one stands in the middle of the sheet, and one that is not full stands below it."""
    beside = (A4[0] - MARGIN + GAP) // (first.width + GAP)
    return (A4[0] - beside * first.width - GAP * (beside - 1)) / 2


def _rows(cards: Sequence[PrintCard]) -> Iterable[list[PrintCard]]:
    """Cards of one size beside each other, as many as the sheet is wide."""
    row: list[PrintCard] = []
    for card in cards:
        wide = sum(one.width for one in row) + GAP * len(row) + card.width
        if row and (wide > A4[0] - MARGIN or card.height != row[0].height):
            yield row
            row = []
        row.append(card)
    if row:
        yield row


def _book(size: tuple[float, float]) -> FPDF:
    book = FPDF(unit="mm", format=size)
    book.set_margin(0)
    book.set_auto_page_break(False)
    return book


def _put(book: FPDF, drawing: str, left: float, top: float, wide: float, high: float) -> None:
    book.image(io.BytesIO(drawing.encode()), x=left, y=top, w=wide, h=high)


def _words(book: FPDF, line: PrintLine) -> None:
    """One line of the sheet itself, on a strip as wide as the sheet."""
    above, high = 1.5 * line.size, 2 * line.size
    strip = PrintCard("", A4[0], high, (replace(line, baseline=above),))
    _put(book, svg.draw(strip), 0, line.baseline - above, A4[0], high)


def _cut_line(book: FPDF, placed: Placed) -> None:
    book.set_draw_color(CUT)
    book.set_line_width(0.15)
    book.set_dash_pattern(dash=1.2, gap=1)
    book.rect(placed.left, placed.top, placed.card.width, placed.card.height)
    book.set_dash_pattern()
