"""Characters as outlines."""

import pytest

from posters.fonts import BOLD, REGULAR, SERIF
from posters.prints import measured
from posters.prints.outlines import outline


@pytest.mark.parametrize("typeface", [REGULAR, BOLD, SERIF])
def test_a_line_is_as_wide_as_it_was_measured(typeface):
    path, wide = outline("尺码拿不准？Size 42，扫我。", typeface, 10)
    assert path.count("M") > 12
    assert wide == pytest.approx(measured("尺码拿不准？Size 42，扫我。", 10, typeface), rel=0.02)


def test_nothing_has_no_outline_and_tracking_stands_between_characters():
    assert outline("", REGULAR, 10) == ("", 0)
    apart, close = outline("霁野", REGULAR, 10, tracking=1)[1], outline("霁野", REGULAR, 10)[1]
    assert apart - close == pytest.approx(1)
