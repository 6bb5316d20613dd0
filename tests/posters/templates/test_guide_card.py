"""导购名片: what she can help with."""

from dataclasses import replace

import numpy

from posters.samples import samples
from posters.templates import design, guide_card

CARD = samples()["guide_card"]


def tiles(points: str) -> int:
    """How many tiles stand in the bubble, one below the other."""
    poster = design("guide_card").paint(replace(CARD, points=points)).convert("L")
    left = guide_card.BUBBLE[0] + guide_card.INSET
    edge = numpy.asarray(poster.crop((left + 6, guide_card.BUBBLE[1], left + 10, guide_card.BUBBLE[3])), int)
    high = [len(run) for run in "".join("x" if dark else " " for dark in edge.max(axis=1) < 250).split()]
    return sum(rows > 30 for rows in high)


def test_each_service_has_its_tile_and_fewer_of_them_stand_further_apart() -> None:
    lines = CARD.points.split("\n")
    assert [tiles("\n".join(lines[:count])) for count in (1, 2, 3, 4)] == [1, 2, 3, 4]
