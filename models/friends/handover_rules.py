"""Who takes over, and how many each: numbers in, numbers out."""

from collections.abc import Mapping, Sequence
from heapq import heapify, heapreplace

from sqlmodel import Session, col, func, select

from models.friends import Friend, FriendStatus
from models.org import Guide, GuideStatus


def in_store(session: Session, store_id: int | None, leaver_id: int | None) -> list[Guide]:
    """Who works in her store and serves customers: its manager does so only where a person says so."""
    if store_id is None:
        return []
    query = select(Guide).where(
        Guide.store_id == store_id,
        Guide.status == GuideStatus.ACTIVE,
        Guide.id != leaver_id,
        col(Guide.is_manager).is_(False),
    )
    return list(session.exec(query.order_by(col(Guide.id))))


def loads(session: Session, guides: Sequence[int | None]) -> dict[int, int]:
    """How many friends each has in her account now."""
    query = (
        select(Friend.owner_id, func.count())
        .where(col(Friend.owner_id).in_(guides), Friend.status == FriendStatus.FRIEND)
        .group_by(col(Friend.owner_id))
    )
    found = dict(session.exec(query).all())
    return {one: found.get(one, 0) for one in guides if one is not None}


def evenly(number: int, people: Sequence[int]) -> dict[int, int]:
    """The same for each, with a difference of 1 at most; whoever stands first has the one more."""
    if not people:
        return {}
    each, rest = divmod(number, len(people))
    return {one: each + (place < rest) for place, one in enumerate(people)}


def to_the_least(number: int, load: Mapping[int, int]) -> dict[int, int]:
    """Each next one to whoever has the fewest then; of equals, to whoever stands first."""
    if not load:
        return {}
    given = dict.fromkeys(load, 0)
    heap = [(has, place, one) for place, (one, has) in enumerate(load.items())]
    heapify(heap)
    for _ in range(number):
        has, place, one = heap[0]
        given[one] += 1
        heapreplace(heap, (has + 1, place, one))
    return given


def by_weight(number: int, weights: Mapping[int, int]) -> dict[int, int]:
    """In these parts, whole people: what is left over goes to the largest remainders."""
    whole = sum(weights.values())
    if whole <= 0:
        return {}
    given = {one: number * weight // whole for one, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda one: number * weights[one] % whole, reverse=True)
    for one in by_remainder[: number - sum(given.values())]:
        given[one] += 1
    return given
