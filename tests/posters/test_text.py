"""Lines and words of a poster."""

from posters.fonts import REGULAR
from posters.text import Type, cut, wrap


def test_lines_wrap_between_characters_but_not_inside_words_or_before_a_comma() -> None:
    kind = Type(28, REGULAR, "black")
    lines = wrap("羊毛内里，防滑大底，Vibram 大底", kind, 28 * 9, 3)
    assert "".join(lines).replace(" ", "") == "羊毛内里，防滑大底，Vibram大底"
    assert not any(line[0] in "，。" for line in lines) and any("Vibram" in line for line in lines)
    assert wrap("字" * 60, kind, 280, 2)[1].endswith("…")
    assert cut("好", kind, 1) == "…"
