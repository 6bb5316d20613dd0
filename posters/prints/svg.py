"""Cards as SVG in millimetres, words as outlines: sharp at any size, and the same wherever it is opened."""

from posters.code import QUIET_MODULES, code_modules
from posters.prints import Mark, PrintCard, PrintCode, PrintLine, PrintPanel
from posters.prints.outlines import outline

EDGE_MM = 0.2


def draw(card: PrintCard) -> str:
    body = "".join(_mark(mark) for mark in card.marks)
    wide, high = _short(card.width), _short(card.height)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" viewBox="0 0 {wide} {high}">'
    return f"{head}{body}</svg>"


def _mark(mark: Mark) -> str:
    match mark:
        case PrintPanel():
            return _panel(mark)
        case PrintLine():
            return _line(mark)
        case PrintCode():
            return _code(mark)


def _panel(mark: PrintPanel) -> str:
    edge = f' stroke="{mark.edge}" stroke-width="{EDGE_MM}"' if mark.edge else ""
    place = f'x="{_short(mark.left)}" y="{_short(mark.top)}"'
    size = f'width="{_short(mark.width)}" height="{_short(mark.height)}" rx="{_short(mark.radius)}"'
    return f'<rect {place} {size} fill="{mark.fill}"{edge}/>'


def _line(mark: PrintLine) -> str:
    path, wide = outline(mark.text, mark.typeface, mark.size, mark.tracking)
    left = mark.left - {"left": 0.0, "middle": 0.5, "right": 1.0}[mark.anchor] * wide
    place = f"translate({_short(left)} {_short(mark.baseline)})"
    return f'<path transform="{place}" fill="{mark.colour}" d="{path}"/>'


def _code(mark: PrintCode) -> str:
    """Each row's dark modules, those beside each other in one piece: no hair of white between them."""
    bits = code_modules(mark.payload)
    module = mark.side / (bits.width + 2 * QUIET_MODULES)
    pieces = []
    for row in range(bits.height):
        column = 0
        while column < bits.width:
            start = column
            while column < bits.width and not bits.getpixel((column, row)):
                column += 1
            if column > start:
                pieces.append(f"M{start} {row}h{column - start}v1h{start - column}z")
            column += 1
    quiet = QUIET_MODULES * module
    place = f"translate({_short(mark.left + quiet)} {_short(mark.top + quiet)}) scale({module:.6f})"
    return f'<path transform="{place}" fill="#000000" d="{"".join(pieces)}"/>'


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
