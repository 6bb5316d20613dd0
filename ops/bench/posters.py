"""Posters: processor time for drawing one, beside the two ways in which anybody would begin; their bytes; their codes."""

import hashlib
import io
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from ops.bench.report import Report, ms, progress
from posters.code import read_code
from posters.drawing import QUALITY, Size, draw_strip, draw_upper
from posters.fields import ART_HEIGHT, HEIGHT, WIDTH, Art, CodeUnreadable, Person, PosterFields
from posters.fonts import BOLD, REGULAR, main_file
from posters.pictures import PHONE_WIDTH, encode
from posters.pool import PosterPool
from posters.samples import picture
from posters.shelf import Shelf
from posters.strip import paint_strip

PER_ROUND = 5
TIMES_NAIVE, TIMES_CACHED, MOST_BYTES = 12.0, 3.5, 0.2
"""What is claimed"""
MESSENGER_QUALITY = 50
"""What a messenger makes of a picture: 750 wide, and compressed anew"""
LINES = ((54, 121, BOLD, 246), (32, 176, REGULAR, 246), (30, 254, REGULAR, 84))
"""Size, baseline, typeface and left edge of name, store and sentence"""
FAMILY = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
GIVEN = "芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红娥玲芬燕"
LONG_NAMES = ("阿依古丽·买买提", "古丽巴哈尔·买买提江娜娜", "欧阳娜娜")


@cache
def kept_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@dataclass(frozen=True)
class PosterSize:
    """How much is measured."""

    rounds: int = 41
    kept: int = 200
    codes: int = 3000


QUICK = PosterSize(rounds=5, kept=20, codes=60)


def measure(report: Report, size: PosterSize) -> None:
    """Interleaved rounds of all three, on one core each; then bytes and codes of so many guides."""
    art = picture("art-boots.jpg")
    drawing(report, art, size.rounds)
    kept(report, art, size.kept)
    read(report, size.codes)


def drawing(report: Report, art: bytes, rounds: int) -> None:
    progress("画海报")
    upper, base = draw_upper(Art(picture=art), Size.FULL), opened_base(art)
    ways: tuple[Callable[[Person], bytes], ...] = (
        lambda one: upper.poster(draw_strip(one, Size.FULL, upper.quality)),
        lambda one: naive(art, one),
        lambda one: on_base(base, one),
    )
    people = guides()
    seconds: list[list[float]] = [[], [], []]
    for _ in range(rounds):
        five = [next(people) for _ in range(PER_ROUND)]
        for way, each in zip(ways, seconds, strict=True):
            each.append(_cpu(way, five))
    ours, simple, cached = (statistics.median(each) for each in seconds)
    report.claim(
        simple / ours >= TIMES_NAIVE and cached / ours >= TIMES_CACHED,
        f"画海报 {simple / ours:.1f} × 直接用 Pillow，{cached / ours:.1f} × 底图留在内存里的 Pillow",
        f"要 {TIMES_NAIVE:g} 和 {TIMES_CACHED:g}",
        f"每核每秒 {1 / ours:.0f} 对 {1 / simple:.0f} 和 {1 / cached:.0f} 张，CPU {ms(ours)} 对 {ms(simple)} 和 {ms(cached)}",
        f"{rounds} 轮各 {PER_ROUND} 张，中位数",
    )


def kept(report: Report, art: bytes, count: int) -> None:
    """What the shelf's folder holds, beside the files that customers get."""
    progress("海报存在盘上")
    people = guides()
    with tempfile.TemporaryDirectory(prefix="onetap-bench-") as folder:
        shelf, sent = Shelf(Path(folder), PosterPool(1)), 0
        for _ in range(count):
            sent += len(shelf.poster(PosterFields(next(people), Art(picture=art)), Size.FULL))
        shelf.pool.close()
        stored = sum(path.stat().st_size for path in shelf.folder.glob("*/*"))
    report.claim(
        stored <= MOST_BYTES * sent,
        f"存下的字节是整张海报的 {stored / sent:.2f}",
        f"要 {MOST_BYTES:g}",
        f"{count} 位导购，{stored // 1000:,} KB 对 {sent // 1000:,} KB",
    )


def read(report: Report, count: int) -> None:
    """Each guide's code, from the strip as a messenger passes it on."""
    progress(f"认 {count} 个码")
    people, wrong = guides(), 0
    for _ in range(count):
        person = next(people)
        wrong += passed_on(encode(paint_strip(person), QUALITY)) != person.code
    report.claim(
        wrong == 0,
        f"{count:,} 位导购的码，经微信压缩后认错或认不出 {wrong} 个",
        f"宽 {PHONE_WIDTH}，质量 {MESSENGER_QUALITY}",
    )


def passed_on(strip: bytes) -> str:
    """What its code says after a messenger; empty when nobody can tell."""
    seen = Image.open(io.BytesIO(strip))
    small = seen.resize((PHONE_WIDTH, seen.height * PHONE_WIDTH // WIDTH))
    try:
        return read_code(encode(small, MESSENGER_QUALITY))
    except CodeUnreadable:
        return ""


def naive(art: bytes, person: Person) -> bytes:
    """Open the artwork, load the fonts, paste, write, save: everything anew for each guide."""
    return on_base(opened_base(art), person, ImageFont.truetype)


def opened_base(art: bytes) -> Image.Image:
    base = Image.new("RGB", (WIDTH, HEIGHT), "white")
    base.paste(Image.open(io.BytesIO(art)).convert("RGB").resize((WIDTH, ART_HEIGHT)))
    return base


def on_base(
    base: Image.Image, person: Person, load: Callable[[str, int], ImageFont.FreeTypeFont] = kept_font
) -> bytes:
    """What is personal onto a copy of what is shared, and all of it encoded."""
    poster = base.copy()
    brush = ImageDraw.Draw(poster)
    brush.ellipse((84, ART_HEIGHT + 62, 216, ART_HEIGHT + 194), fill="#EFEFFB")
    initial = load(main_file(BOLD), 60)
    brush.text((150, ART_HEIGHT + 128), person.name[0], fill="#4C4BC0", font=initial, anchor="mm")
    lines = zip((person.name, person.store, person.sentence), LINES, strict=True)
    for words, (size, baseline, kind, left) in lines:
        font = load(main_file(kind), size)
        brush.text((left, ART_HEIGHT + baseline), words, fill="#1A1A22", font=font, anchor="ls")
    code = io.BytesIO()
    segno.make(person.code, error="m", micro=False).save(code, kind="png", scale=6, border=4)
    poster.paste(Image.open(code).convert("RGB"), (776, ART_HEIGHT + 32))
    full = io.BytesIO()
    poster.save(full, "JPEG", quality=QUALITY)
    return full.getvalue()


def guides() -> Iterator[Person]:
    """One after the other, no two alike; every tenth has a long name."""
    for number in itertools.count():
        short = FAMILY[number % len(FAMILY)] + GIVEN[number // len(FAMILY) % len(GIVEN)]
        name = short if number % 10 else LONG_NAMES[number // 10 % len(LONG_NAMES)]
        code = hashlib.sha256(str(number).encode()).hexdigest()[:20]
        yield Person(name, f"霁野 · 沈阳第 {number} 店", f"https://work.weixin.qq.com/ca/cawcde{code}")


def _cpu(make: Callable[[Person], bytes], people: list[Person]) -> float:
    """Processor seconds for one."""
    began = time.process_time()
    for person in people:
        make(person)
    return (time.process_time() - began) / len(people)
