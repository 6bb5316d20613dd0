"""Twenty real people of a selection: up to six who do not get it, and who do, of as many guides as there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sqlmodel import Session, col, select

from models.campaigns.selection import Selection
from models.friends import Customer

ALL, LEFT_OUT = 20, 6


@dataclass(frozen=True)
class SampledCustomer:
    """One customer, and who writes to her or why nobody does."""

    customer_id: int
    name: str
    guide: str = ""
    why: str = ""


def samples(session: Session, found: Selection, turn: int) -> list[SampledCustomer]:
    """Others at each turn; of the reasons, each that there is stands in it before any comes twice."""
    left_out = list(_left_out(found, turn))
    picked = [*_getting(found, Random(turn), ALL - len(left_out)), *left_out]
    names = select(Customer.id, Customer.name).where(col(Customer.id).in_([one for one, *_ in picked]))
    named = dict(session.exec(names).all())
    return [SampledCustomer(one, named.get(one, ""), guide, why) for one, guide, why in picked]


def _getting(found: Selection, chance: Random, most: int) -> Iterator[tuple[int, str, str]]:
    """(customer, her guide, "")"""
    sending = [guide for guide in found.guides if found.shares.get(guide.id or 0)]
    chance.shuffle(sending)
    for number in range(min(most, found.reached)):
        guide = sending[number % len(sending)]
        share, place = found.shares[guide.id or 0], number // len(sending)
        if place < len(share):
            yield share[place], guide.name, ""


def _left_out(found: Selection, turn: int) -> Iterator[tuple[int, str, str]]:
    """(customer, "", why not)"""
    reasons = found.reasons
    for number in range(LEFT_OUT if reasons else 0):
        one, place = reasons[number % len(reasons)], number // len(reasons)
        if place < len(one.members):
            yield one.members[(turn * LEFT_OUT + place) % len(one.members)], "", one.words
