"""The nearest store over the ground, never on paper."""

import math
import random

import pytest

from models.org import nearest
from models.org.nearest import EARTH_METRES, Position, StoreMap


def metres(one: Position, latitude: float, longitude: float) -> float:
    """By the haversine formula."""
    a, b = math.radians(latitude), math.radians(one.latitude)
    along = math.radians(one.longitude - longitude)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(along / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1, math.sqrt(half)))


def anywhere(rng: random.Random) -> tuple[float, float]:
    return math.degrees(math.asin(rng.uniform(-1, 1))), rng.uniform(-180, 180)


@pytest.mark.parametrize("n", [1, 3])
def test_the_map_answers_as_a_look_at_every_store_does(n):
    rng = random.Random(1)
    stores = [Position(number, *anywhere(rng)) for number in range(1, 401)]
    known = StoreMap(stores)
    for place in (anywhere(rng) for _ in range(200)):
        expected = sorted((metres(one, *place), one.store_id) for one in stores)[:n]
        found = known.nearest(*place, n)
        assert [one.store_id for one in found] == [number for _, number in expected]
        assert [one.metres for one in found] == pytest.approx(
            [far for far, _ in expected], rel=1e-9, abs=0.01
        )


@pytest.mark.parametrize(
    ("stores", "place", "nearer"),
    [
        # 5 degrees of longitude are 192 km at 70° north, and 3 degrees of latitude are 334
        ([(70.0, 5.0), (73.0, 0.0)], (70.0, 0.0), 1),
        # across the date line it is 2 degrees, and not 358
        ([(0.0, -179.0), (0.0, 170.0)], (0.0, 179.0), 1),
        # over the pole
        ([(89.0, 180.0), (85.0, 0.0)], (89.0, 0.0), 1),
    ],
)
def test_where_paper_is_wrong_the_ground_decides(stores, place, nearer):
    known = StoreMap(Position(number, *one) for number, one in enumerate(stores, 1))
    assert known.nearest(*place)[0].store_id == nearer


def test_of_stores_in_one_building_the_older_comes_first_and_none_is_left_out():
    known = StoreMap(Position(number, 41.8016, 123.4667) for number in range(50, 0, -1))
    assert [one.store_id for one in known.nearest(41.8, 123.4, 3)] == [1, 2, 3]
    assert known.nearest(41.8016, 123.4667)[0].metres == pytest.approx(0, abs=0.01)


def test_a_map_is_made_once_until_a_store_moves():
    here = (Position(1, 41.8, 123.4), Position(2, 32.0, 118.8))
    assert nearest.map_of(here) is nearest.map_of(tuple(Position(*one) for one in here))
    moved = nearest.map_of((here[0]._replace(latitude=31.0), here[1]))
    assert moved.nearest(32.5, 118.8)[0].store_id == 2


def test_without_a_store_on_the_map_nothing_is_near():
    assert StoreMap([]).nearest(30.0, 120.0) == []
