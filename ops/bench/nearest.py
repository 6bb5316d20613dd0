"""The nearest of 5,000 stores, asked of the map and, beside it, of a loop over all of them by the haversine formula."""

import math
import random
import time

from models.org.nearest import Position, StoreMap
from ops.bench.report import Report, ms, progress, times

STORES, CITIES = 5_000, 300
PLACES, FLOOR = 10_000, 100
TURN = 250
QUICK = 500
"""Places that both are asked about; the loop takes half a minute for all."""
CHINA = ((18.2, 53.5), (73.5, 134.8))
"""Degrees of latitude and longitude"""


def measure(report: Report, places: int = PLACES) -> None:
    """Half of the places are near some city, as customers are, half anywhere in the country; a tenth anywhere on earth.

    Both only compute, so the processor's time is counted, in turns: what else the machine does weighs on both alike.
    """
    rng = random.Random(8)
    stores = _stores(rng)
    asked = _places(rng, stores, places)
    progress(f"{STORES:,} 家门店，{places:,} 个位置")
    began = time.process_time()
    known = StoreMap(stores)
    built = time.process_time() - began
    loop = [(one.store_id, math.radians(one.latitude), math.radians(one.longitude)) for one in stores]
    quick, slow, wrong = 0.0, 0.0, 0
    for first in range(0, places, TURN):
        some = asked[first : first + TURN]
        began = time.process_time()
        ours = [known.nearest(*place)[0].store_id for place in some]
        between = time.process_time()
        theirs = [_haversine(loop, *place) for place in some]
        quick, slow = quick + between - began, slow + time.process_time() - between
        wrong += sum(one != other for one, other in zip(ours, theirs, strict=True))
    quick, slow = quick / places, slow / places
    report.claim(
        times(slow, quick) >= FLOOR and not wrong,
        f"最近门店 {times(slow, quick):.0f} × 逐家算（要求 ≥ {FLOOR}），答案不同 {wrong} 次（要求 0）",
        f"处理器时间每次 {quick * 1e6:.0f} 微秒对 {ms(slow)}，建一次 {ms(built)}",
    )


def _stores(rng: random.Random) -> list[Position]:
    """Most in the middle of cities, as shops are."""
    cities = [tuple(rng.uniform(*side) for side in CHINA) for _ in range(CITIES)]
    placed = []
    for number in range(1, STORES + 1):
        latitude, longitude = rng.choice(cities)
        placed.append(Position(number, latitude + rng.gauss(0, 0.08), longitude + rng.gauss(0, 0.1)))
    return placed


def _places(rng: random.Random, stores: list[Position], n: int) -> list[tuple[float, float]]:
    found = []
    for number in range(n):
        if number % 10 == 9:
            found.append((math.degrees(math.asin(rng.uniform(-1, 1))), rng.uniform(-180, 180)))
        elif number % 2:
            found.append((rng.uniform(*CHINA[0]), rng.uniform(*CHINA[1])))
        else:
            near = rng.choice(stores)
            found.append((near.latitude + rng.gauss(0, 0.1), near.longitude + rng.gauss(0, 0.1)))
    return found


def _haversine(stores: list[tuple[int, float, float]], latitude: float, longitude: float) -> int:
    a, b = math.radians(latitude), math.radians(longitude)
    best, nearest = 9.0, 0
    for number, other, along in stores:
        half = math.sin((other - a) / 2) ** 2
        half += math.cos(a) * math.cos(other) * math.sin((along - b) / 2) ** 2
        if half < best:
            best, nearest = half, number
    return nearest
