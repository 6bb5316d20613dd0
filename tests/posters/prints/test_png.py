"""Cards as pictures: of the right size, and each code is read again by another library."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from posters.fields import PosterRefused
from posters.prints import PrintCode, counter_card, png
from tests.posters.prints.cards import BADGE, COUNTER, TILL, WANG
from tests.second_reader import second_reader


@pytest.mark.parametrize(
    ("card", "payload"),
    [
        (BADGE, WANG.payload),
        (COUNTER, TILL.payload),
        (counter_card(replace(TILL, night=True)), TILL.payload),
        (counter_card(replace(TILL, payload="https://onetap.example/" + "x" * 120)), None),
    ],
)
def test_a_scanner_reads_what_is_printed(card, payload):
    drawn = png.draw(card)
    assert second_reader(drawn) == (payload or card.payload)
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.size == (card.width * 12, card.height * 12)
        assert picture.info["dpi"] == pytest.approx((304.8, 304.8), abs=0.1)


def test_what_a_scanner_would_not_read_is_not_given_out():
    hidden = replace(
        BADGE, marks=(*BADGE.marks, replace(BADGE.marks[0], left=60, top=10, width=12, height=20))
    )
    with pytest.raises(PosterRefused):
        png.draw(hidden)
    other = replace(BADGE, marks=tuple(reversed([PrintCode(2, 2, 32, "other"), *BADGE.marks])))
    with pytest.raises(PosterRefused):
        png.prove(other)
