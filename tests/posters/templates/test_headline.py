"""A headline, a product, a price."""

import pytest

from posters.drawing import draw_art
from posters.fields import Art
from posters.templates.headline import headline_lines
from tests.posters.samples import opened


@pytest.mark.parametrize(
    ("headline", "lines"),
    [
        ("初雪，先暖脚。", ["初雪，", "先暖脚。"]),
        ("冬天的第一双鞋", ["冬天的第", "一双鞋"]),
        ("新品到店", ["新品到店"]),
        ("冬天的\n第一双鞋", ["冬天的", "第一双鞋"]),
        ("🎉新品", ["新品"]),
        ("", []),
    ],
)
def test_a_headline_breaks_where_the_writer_or_the_sense_does(headline: str, lines: list[str]) -> None:
    assert headline_lines(headline) == lines


def test_the_poster_is_complete_without_price_note_and_brand() -> None:
    bare = opened(draw_art(Art("headline", headline="上新")))
    assert bare.getpixel((500, 1580))[0] > 240 and bare.getpixel((10, 10))[2] < 100
