"""A recipient's two names: our id, which sets are made of, and the platform's, which its calls and answers use."""

from collections.abc import Sequence
from typing import Any

from pyroaring import FrozenBitMap
from sqlmodel import Session, col, select

from models.db import pieces
from models.db.sets import among, texts
from models.friends import Customer
from models.groups import Group
from models.ledger.channels import CHANNELS, CUSTOMER_GROUPS


def names_of(session: Session, channel: str, members: FrozenBitMap) -> dict[int, str]:
    """Id → external_userid (chat_id for groups), in the order of the ids."""
    number, name = _columns(channel)
    found = dict(texts(session, number, name, among(session, number, members)))
    return {one: found[one] for one in members if one in found}


def ids_among(session: Session, channel: str, members: FrozenBitMap) -> dict[str, int]:
    """The platform's name → id, of all of these."""
    number, name = _columns(channel)
    found = texts(session, number, name, among(session, number, members))
    return {known_as: one for one, known_as in found}


def described(session: Session, channel: str, members: FrozenBitMap) -> dict[int, tuple[str, str]]:
    """Id → (external_userid or chat_id, the name that people know)."""
    number, name = _columns(channel)
    said = col(Group.name) if CHANNELS[channel].to == CUSTOMER_GROUPS else col(Customer.name)
    found: dict[int, tuple[str, str]] = {}
    for piece in pieces(list(members)):
        rows = session.execute(select(number, name, said).where(number.in_(piece)))
        found |= {one: (known_as, words) for one, known_as, words in rows}
    return found


def ids_of(session: Session, channel: str, known_as: Sequence[str]) -> dict[str, int]:
    """The platform's name → id; whom we do not know is not in it."""
    number, name = _columns(channel)
    found: dict[str, int] = {}
    for piece in pieces(known_as):
        found |= dict(session.exec(select(name, number).where(name.in_(piece))).all())
    return found


def _columns(channel: str) -> tuple[Any, Any]:
    if CHANNELS[channel].to == CUSTOMER_GROUPS:
        return col(Group.id), col(Group.chat_id)
    return col(Customer.id), col(Customer.external_userid)
