"""Where a poster's words stand, and which do not fit."""

import pytest
from PIL import Image

from posters import layout
from posters.fields import Art
from posters.fonts import BOLD, REGULAR
from posters.layout import Palette, headline_lines, points
from posters.text import Type

PALETTE = Palette("white", "white", "white", "white")


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


def test_a_point_is_a_name_and_what_stands_after_its_first_space_or_colon() -> None:
    written = "围巾 绕一圈，垂一边\n\n大衣：驼色 过膝\n 腰带"
    assert points(written) == [("围巾", "绕一圈，垂一边"), ("大衣", "驼色 过膝"), ("腰带", "")]


def test_a_point_that_does_not_fit_is_named() -> None:
    name, about = (Type(28, BOLD, "black"), 300.0), (Type(24, REGULAR, "black"), 300.0)
    assert layout.points_fault("围巾 绕一圈", 3, name, about) is None
    assert "「围巾 绕一圈" in str(layout.points_fault("围巾 绕一圈" + "，垂一边" * 4, 3, name, about))


@pytest.mark.parametrize("price", ["¥699", "满 ¥499", "￥699", "699 元起"])
def test_a_price_stands_at_the_foot_with_its_note_beside_it(price: str) -> None:
    poster = Image.new("L", (1080, 1600))
    layout.paint_foot(poster, Art(price=price, note="送袜子一双"), PALETTE)
    left, top, right, bottom = poster.getbbox() or (0, 0, 0, 0)
    assert 80 <= left <= 92 and top > 1450 and bottom < 1600 and right < 1000
    price_alone = Image.new("L", (1080, 1600))
    layout.paint_foot(price_alone, Art(price=price), PALETTE)
    assert (price_alone.getbbox() or (0, 0, 0, 0))[2] < right - 120
