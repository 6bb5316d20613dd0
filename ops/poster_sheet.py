"""Draws docs/posters.jpg, the contact sheet of all designs: `python -m ops.poster_sheet`."""

from pathlib import Path

from PIL import Image, ImageDraw

from posters.drawing import Size, draw
from posters.fields import HEIGHT, WIDTH, Person, PosterFields
from posters.fonts import BOLD, REGULAR
from posters.pictures import encode, open_picture
from posters.samples import samples
from posters.shapes import rounded, shadow
from posters.templates import DESIGNS
from posters.text import Type, write

SHEET = Path(__file__).resolve().parent.parent / "docs" / "posters.jpg"
GROUND, PAPER, INK, INK_2 = "#ECECF1", "#FFFFFF", "#1A1A22", "#545561"
MARGIN, GAP, ACROSS = 56, 36, 3
LARGE, CHAT = 340, 144
"""Widths: to be looked at, and as in a chat"""
CAPTION, ROUND = 64, 14
HEADING, TITLE, SMALL = Type(30, BOLD, INK), Type(20, BOLD, INK), Type(18, REGULAR, INK_2)
QUALITY = 82
GUIDES = (
    ("王芳", "沈阳中街店", "尺码我帮您挑"),
    ("陆嘉宁", "上海静安店", "帮您留一套"),
    ("刘洋", "长春欧亚店", "周末等您"),
    ("阿依古丽·买买提江", "武汉楚河店", "袜子给您留着"),
    ("许文静", "南京新街口店", "雨天也送到家"),
    ("马晓彤", "哈尔滨群力店", "有事说一声"),
)


def sheet() -> Image.Image:
    """The designs that write words, three in a row, then all of them as small as in a chat."""
    arts = [art for name, art in samples().items() if name != "artwork"]
    posters = [
        open_picture(draw(PosterFields(_guide(number), art), Size.FULL)) for number, art in enumerate(arts)
    ]
    high = LARGE * HEIGHT // WIDTH
    rows = -(-len(arts) // ACROSS)
    width = 2 * MARGIN + ACROSS * LARGE + (ACROSS - 1) * GAP
    chat_top = 130 + rows * (high + CAPTION)
    made = Image.new("RGB", (width, chat_top + CHAT * HEIGHT // WIDTH + 120), GROUND)
    canvas = ImageDraw.Draw(made)
    write(canvas, MARGIN, 78, "海报的六种版式", HEADING)
    write(canvas, MARGIN + 240, 78, "上面总部的画人人一样，下面一条是导购自己的", SMALL)
    for number, (art, poster) in enumerate(zip(arts, posters, strict=True)):
        left = MARGIN + number % ACROSS * (LARGE + GAP)
        top = 110 + number // ACROSS * (high + CAPTION)
        _put(made, poster, left, top, LARGE)
        design = DESIGNS[art.design]
        after = write(canvas, left, top + high + 34, design.TITLE, TITLE)
        write(canvas, after + 12, top + high + 34, design.ABOUT, SMALL)
    rounded(made, (MARGIN, chat_top, width - MARGIN, made.height - 40), ROUND, PAPER)
    write(canvas, MARGIN + 24, chat_top + 36, f"聊天里的大小，{CHAT} 像素宽", TITLE)
    pitch = (width - 2 * MARGIN - 48 - CHAT) / (len(arts) - 1)
    for number, poster in enumerate(posters):
        _put(made, poster, round(MARGIN + 24 + number * pitch), chat_top + 54, CHAT)
    return made


def _guide(number: int) -> Person:
    name, store, offer = GUIDES[number % len(GUIDES)]
    code = f"https://work.weixin.qq.com/ca/cawcde5f0a1b2c3d4e5f{number}"
    return Person(name, f"霁野 · {store}", code, f"长按识别，加我微信，{offer}")


def _put(made: Image.Image, poster: Image.Image, left: int, top: int, width: int) -> None:
    small = poster.resize((width, width * HEIGHT // WIDTH), Image.Resampling.LANCZOS)
    radius = ROUND * width / LARGE
    box = (left, top, left + small.width - 1, top + small.height - 1)
    shadow(made, (left, top + 6, left + small.width, top + small.height + 6), radius, "#7A7A90", 0.28, 16)
    layer = Image.new("RGB", made.size)
    layer.paste(small, (left, top))
    rounded(made, box, radius, layer)


if __name__ == "__main__":
    SHEET.write_bytes(encode(sheet(), QUALITY))
    print(f"{SHEET.name}: {SHEET.stat().st_size:,} bytes")
