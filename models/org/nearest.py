"""The stores nearest to a place, by great circle: a tree of boxes around their unit vectors, so that few of them are looked at.

A planar distance is wrong by a third in the north, and at the date line by the whole earth. On the unit sphere the shorter
chord is the shorter arc, so straight distances in space compare as distances on the ground do.

Phones tell WGS-84. A store's place that was copied out of a map made in China is usually GCJ-02, up to about 600 m beside
it: all stores of one city by nearly as much, so which one is nearest seldom changes; the distance shown may.
"""

import math
from bisect import insort
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

EARTH_METRES = 6_371_008.8
"""The mean radius; the real earth differs by 0.3 % at most."""
LEAF = 8
"""So many stores in one box are looked at one by one."""

Point: TypeAlias = tuple[float, float, float, int]
"""Its unit vector, and the number of the store"""
Box: TypeAlias = tuple[float, float, float, float, float, float]
Tree: TypeAlias = "list[Point] | Branching"
Branching: TypeAlias = tuple[
    float, float, float, float, float, float, "Tree",
    float, float, float, float, float, float, "Tree",
]  # fmt: skip
"""Two boxes (from, to on each axis), each with what lies in it"""


class Near(NamedTuple):
    """A store, and how far it is in a straight line over the ground."""

    store_id: int
    metres: float


class Position(NamedTuple):
    """A store on the map."""

    store_id: int
    latitude: float
    longitude: float


class StoreMap:
    """Where the stores are; made once (`map_of`), asked by every visitor."""

    def __init__(self, positions: Iterable[Position]) -> None:
        points = [(*unit_vector(one.latitude, one.longitude), one.store_id) for one in positions]
        self.size = len(points)
        self._tree = _grow(points)

    def nearest(self, latitude: float, longitude: float, n: int = 1) -> list[Near]:
        """The n nearest, the nearest first, of equal ones the older."""
        found = _search(self._tree, unit_vector(latitude, longitude), n)
        return [Near(store_id, _metres(squared)) for squared, store_id in found]


@lru_cache(maxsize=16)
def map_of(positions: tuple[Position, ...]) -> StoreMap:
    """The same one for as long as no store moves, opens or closes: to make it takes longer than to look at all of them."""
    return StoreMap(positions)


def unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    a, b = math.radians(latitude), math.radians(longitude)
    return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)


def _metres(squared: float) -> float:
    """Of a chord, squared, on the unit sphere."""
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(squared) / 2))


def _box(points: list[Point]) -> Box:
    xs, ys, zs, _ids = zip(*points, strict=True)
    return min(xs), max(xs), min(ys), max(ys), min(zs), max(zs)


def _grow(points: list[Point]) -> Tree:
    """Cut along the longest side at its widest gap, so that no city is cut where it need not be, until few are left."""
    if len(points) <= LEAF:
        return points
    box, half = _box(points), len(points) // 2
    axis = max(range(3), key=lambda one: box[2 * one + 1] - box[2 * one])
    points.sort(key=lambda point: point[axis])
    inner = range(half - half // 2, half + half // 2 + 1)
    middle = max(inner, key=lambda one: points[one][axis] - points[one - 1][axis])
    left, right = points[:middle], points[middle:]
    return (*_box(left), _grow(left), *_box(right), _grow(right))


def _search(tree: Tree, place: tuple[float, float, float], n: int) -> list[tuple[float, int]]:
    """(chord squared, store), nearest first. The nearer box first; a box further than the worst found is left unopened.

    One function without calls inside: it answers every visitor, and calls would take most of its time.
    """
    x, y, z = place
    found: list[tuple[float, int]] = []
    worst = 9.0  # no chord of the unit sphere is longer than 2
    waiting: list[tuple[float, Tree]] = [(0.0, tree)]
    while waiting:
        distance, node = waiting.pop()
        if distance > worst:
            continue
        while isinstance(node, tuple):
            a, b, c, d, e, f, left, g, h, i, j, k, m, right = node
            u = a - x if x < a else x - b if x > b else 0.0
            v = c - y if y < c else y - d if y > d else 0.0
            w = e - z if z < e else z - f if z > f else 0.0
            to_left = u * u + v * v + w * w
            u = g - x if x < g else x - h if x > h else 0.0
            v = i - y if y < i else y - j if y > j else 0.0
            w = k - z if z < k else z - m if z > m else 0.0
            to_right = u * u + v * v + w * w
            if to_left <= to_right:
                if to_left > worst:
                    break
                node = left
                if to_right <= worst:
                    waiting.append((to_right, right))
            else:
                if to_right > worst:
                    break
                node = right
                if to_left <= worst:
                    waiting.append((to_left, left))
        else:
            for a, b, c, store_id in node:
                a -= x
                b -= y
                c -= z
                squared = a * a + b * b + c * c
                if squared <= worst:
                    insort(found, (squared, store_id))
                    del found[n:]
                    if len(found) == n:
                        worst = found[-1][0]
    return found
