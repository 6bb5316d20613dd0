"""The cities of the stores, as somebody looks for hers who tells no position: the large ones, then all by their initial."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from pypinyin import Style, lazy_pinyin

from models.org import Store

LARGE = 8
"""So many cities with most stores stand above"""
OTHER = "#"
"""The head of what begins with no letter"""


@dataclass(frozen=True)
class City:
    """A city with its stores."""

    name: str
    stores: int


def largest(stores: Iterable[Store]) -> list[City]:
    """Those with most stores, where there are more cities than fit above."""
    found = _counted(stores)
    return (
        sorted(found, key=lambda one: (-one.stores, spelling(one.name)))[:LARGE] if len(found) > LARGE else []
    )


def by_initial(stores: Iterable[Store]) -> list[tuple[str, list[City]]]:
    """All of them, under the letter with which each is spelled."""
    found = sorted(_counted(stores), key=lambda one: (initial(one.name) == OTHER, spelling(one.name)))
    return [(letter, list(cities)) for letter, cities in groupby(found, key=lambda one: initial(one.name))]


def _counted(stores: Iterable[Store]) -> list[City]:
    return [City(name, n) for name, n in Counter(one.city for one in stores if one.city).items()]


@lru_cache(maxsize=2048)
def spelling(city: str) -> str:
    """沈阳: shenyang; 重庆: chongqing"""
    return "".join(lazy_pinyin(city, style=Style.NORMAL)).lower()


def initial(city: str) -> str:
    letter = spelling(city)[:1].upper()
    return letter if "A" <= letter <= "Z" else OTHER


def matching(stores: Iterable[Store], text: str) -> Sequence[Store]:
    """Stores that hold every word of what somebody typed: city, name, street, or the city as it is spelled."""
    words = text.lower().split()
    return [one for one in stores if all(word in _searched(one) for word in words)]


def _searched(store: Store) -> str:
    return f"{store.city} {store.name} {store.address} {spelling(store.city)}".lower()
