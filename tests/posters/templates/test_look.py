"""搭配: lines from the names to the look."""

from dataclasses import replace

import numpy

from posters.samples import samples
from posters.templates import design, look

LOOK = samples()["look"]


def test_each_name_has_a_line_that_ends_on_the_look() -> None:
    """At the height of each name something dark leads from the words into the picture; without names nothing does."""
    with_names, without = (
        numpy.asarray(design("look").paint(art).convert("L"), int) for art in (LOOK, replace(LOOK, points=""))
    )
    for number in range(3):
        y = look.FIRST_PIECE + number * look.PIECE_PITCH - 10
        row = numpy.nonzero(abs(with_names[y] - without[y]) > 12)[0]
        assert row.min() < 400 and row.max() > look.PRODUCT_BOX[0] + 20
    assert (abs(with_names[1200:] - without[1200:]) == 0).all()
