"""导购名片: four things that she can help with, in a bubble that points to her."""

from PIL import Image, ImageDraw

from posters import layout, shapes
from posters.fields import WIDTH, Art, PosterRefused
from posters.fonts import BOLD, REGULAR, plain
from posters.layout import MARGIN, Palette
from posters.text import Type, fit, width, write, write_right

TITLE = "导购名片"
ABOUT = "四件能帮的事，气泡指向导购"
FIELDS = {
    **layout.WORDS,
    "note": "一行，例如 10:00 – 22:00 回您",
    "points": "能帮的事，每件一行，最多 4 行：名称，空格，一句说明",
}

PALETTE = Palette(headline="#1F1F52", words="#45456B", price="#1F1F52", note="#45456B")
GROUND = ((0.0, "#F6F5FE"), (0.5, "#EAE8FA"), (1.0, "#D9D6F3"))
ACCENT, ACCENT_SOFT, LINE, WHITE, INK_2 = "#4C4BC0", "#EFEFFB", "#E7E7EC", "#FFFFFF", "#545561"
CIRCLES, HANGER = (828, 330), (828, 342)
HOOK = ((-26, -74), (-22, -106), (8, -114), (24, -86), (4, -60), (0, -34))
BAR = ((0, -34), (128, 44), (132, 66), (112, 74), (-112, 74), (-132, 66), (-128, 44), (0, -34))
BUBBLE, BUBBLE_RADIUS = (MARGIN, 684, WIDTH - MARGIN, 1456), 52
TAIL = ((150, 1440), (290, 1440), (214, 1500), (132, 1566), (164, 1500))
SERVICES, INSET, TILE = 4, 56, 96
NAME, WORDS, INITIAL = Type(40, BOLD, "#1A1A22"), Type(30, REGULAR, INK_2), Type(48, BOLD, ACCENT)
NAME_SMALLEST, WORDS_SMALLEST = 32, 25
TEXT_LEFT = BUBBLE[0] + INSET + TILE + 32
TEXT_ROOM = float(BUBBLE[2] - INSET - TEXT_LEFT)
NOTE_TYPE = Type(28, REGULAR, "#45456B")


def complaints(art: Art) -> dict[str, PosterRefused]:
    """At least one service; a short note."""
    wrong = layout.faults(art)
    places = (NAME.at(NAME_SMALLEST), TEXT_ROOM), (WORDS.at(WORDS_SMALLEST), TEXT_ROOM)
    if not layout.points(art.points):
        wrong["points"] = PosterRefused("请写她能帮的事，一行一件，最多 4 行")
    elif fault := layout.points_fault(art.points, SERVICES, *places):
        wrong["points"] = fault
    if "note" not in wrong and width(_note(art), NOTE_TYPE) > WIDTH - MARGIN - TAIL[1][0]:
        wrong["note"] = PosterRefused("说明放不进 {n} 行，请写短一些", n=1)
    return wrong


def paint(art: Art) -> Image.Image:
    """Light circles with a hanger, the words, the bubble with its lines."""
    poster = shapes.gradient(*GROUND)
    for radius, opacity in ((340, 0.5), (236, 0.6), (140, 0.7)):
        shapes.circle(poster, CIRCLES, radius, "#D5D2F4", opacity)
    _hanger(poster)
    layout.paint_head(poster, art, PALETTE)
    shapes.shadow(
        poster, (BUBBLE[0], BUBBLE[1] + 22, BUBBLE[2], BUBBLE[3] + 22), BUBBLE_RADIUS, "#6C69B8", 0.3, 60
    )
    shapes.rounded(poster, BUBBLE, BUBBLE_RADIUS, WHITE)
    shapes.polygon(poster, shapes.curve(TAIL, closed=True), WHITE)
    _services(poster, layout.points(art.points)[:SERVICES])
    write_right(ImageDraw.Draw(poster), WIDTH - MARGIN, 1544, _note(art), NOTE_TYPE)
    return poster


def _note(art: Art) -> str:
    return " ".join(plain(line) for line in art.note.splitlines())


def _hanger(poster: Image.Image) -> None:
    shapes.line(poster, shapes.curve(shapes.moved(HOOK, *HANGER)), ACCENT, 9)
    shapes.line(poster, shapes.moved(BAR, *HANGER), ACCENT, 9)


def _services(poster: Image.Image, services: list[tuple[str, str]]) -> None:
    """Each with its first character on a tile; fewer of them stand further apart."""
    canvas = ImageDraw.Draw(poster)
    left, top, right, bottom = BUBBLE
    pitch = (bottom - top - 48) / max(len(services), 1)
    for number, (name, about) in enumerate(services):
        middle = top + 24 + pitch * (number + 0.5)
        tile = (left + INSET, middle - TILE / 2, left + INSET + TILE, middle + TILE / 2)
        shapes.rounded(poster, tile, 26, ACCENT_SOFT)
        initial = name[:1]
        write(
            canvas,
            tile[0] + (TILE - width(initial, INITIAL)) / 2,
            middle + INITIAL.size * 0.36,
            initial,
            INITIAL,
        )
        shown, kind = fit(name, NAME, NAME_SMALLEST, TEXT_ROOM)
        write(canvas, TEXT_LEFT, middle + (-8 if about else 14), shown, kind)
        shown, kind = fit(about, WORDS, WORDS_SMALLEST, TEXT_ROOM)
        write(canvas, TEXT_LEFT, middle + 42, shown, kind)
        if number:
            line = middle - pitch / 2
            canvas.rectangle((left + INSET, line, right - INSET, line + 1), fill=LINE)
