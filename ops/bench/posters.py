"""Posters: processor time for drawing one and shrinking it for phones, beside the way in which anybody would begin."""

import io
import statistics
import time
from collections.abc import Callable

import segno
from PIL import Image, ImageDraw, ImageFont

from ops.bench.report import Report, ms, progress
from ops.bench.stage import ART
from posters.drawing import draw
from posters.fields import ART_HEIGHT, HEIGHT, WIDTH, Art, Person, PosterFields
from posters.fonts import REGULAR, main_file
from posters.pictures import shrink

PHONE_WIDTH = 750
PER_ROUND = 5


def measure(report: Report, *, rounds: int) -> None:
    """Interleaved rounds of both, on one core each."""
    progress("画海报")
    art = ART.read_bytes()
    ours_each, naive_each = [], []
    for number in range(rounds):
        people = [
            Person(f"王{number}", f"沈阳中街店{place}", f"https://work.weixin.qq.com/ca/{number}-{place}")
            for place in range(PER_ROUND)
        ]
        naive_each.append(_cpu(lambda one: naive(art, one), people))
        ours_each.append(
            _cpu(lambda one: shrink(draw(PosterFields(one, Art(picture=art))), PHONE_WIDTH), people)
        )
    ours, simple = statistics.median(ours_each), statistics.median(naive_each)
    report.tell(
        f"画海报 {simple / ours:.1f} × 直接用 Pillow",
        f"每核每秒 {1 / ours:.0f} 对 {1 / simple:.0f} 张，画一张并缩到手机大小 CPU {ms(ours)} 对 {ms(simple)}",
        f"{rounds} 轮各 {PER_ROUND} 张，中位数",
    )


def naive(art: bytes, person: Person) -> bytes:
    """Open the artwork, load the font, paste, write, save: everything anew for each guide."""
    poster = Image.new("RGB", (WIDTH, HEIGHT), "white")
    poster.paste(Image.open(io.BytesIO(art)).convert("RGB").resize((WIDTH, ART_HEIGHT)))
    brush = ImageDraw.Draw(poster)
    for place, (words, size) in enumerate(((person.name, 56), (person.store, 40), (person.sentence, 32))):
        font = ImageFont.truetype(main_file(REGULAR), size)
        brush.text((60, ART_HEIGHT + 50 + place * 80), words, fill="black", font=font)
    code = io.BytesIO()
    segno.make(person.code, error="m", micro=False).save(code, kind="png", scale=8, border=4)
    poster.paste(Image.open(code).convert("RGB").resize((260, 260)), (780, ART_HEIGHT + 30))
    full = io.BytesIO()
    poster.save(full, "JPEG", quality=85)
    small = io.BytesIO()
    Image.open(full).resize((PHONE_WIDTH, HEIGHT * PHONE_WIDTH // WIDTH)).save(small, "JPEG", quality=85)
    return small.getvalue()


def _cpu(make: Callable[[Person], bytes], people: list[Person]) -> float:
    """Processor seconds for one."""
    began = time.process_time()
    for person in people:
        make(person)
    return (time.process_time() - began) / len(people)
