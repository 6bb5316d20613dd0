"""Ids and the platform's names lead to each other, for customers and for groups, however many."""

from pyroaring import FrozenBitMap
from sqlalchemy import insert

from models.campaigns import recipients
from models.db import PIECE, defaults
from models.friends import Customer
from models.groups import Group, GroupKind
from models.ledger.channels import GROUP_MASS, MASS
from tests.cast import NOW


def test_names_come_in_the_order_of_the_ids_and_lead_back(database):
    known_as = [f"wm{number}" for number in range(2 * PIECE + 1)]
    with database.write() as session:
        session.execute(
            insert(Customer),
            [{**defaults(Customer), "external_userid": one, "seen_at": NOW} for one in known_as],
        )
        numbers = recipients.ids_of(session, MASS, known_as)
        names = recipients.names_of(session, MASS, FrozenBitMap(numbers.values()))
    assert list(names) == sorted(numbers.values())
    assert {name: number for number, name in names.items()} == numbers and set(numbers) == set(known_as)


def test_whom_we_do_not_know_has_no_id(database):
    with database.write() as session:
        session.add(Customer(external_userid="wm1", seen_at=NOW))
        session.add(Group(chat_id="wr1", kind=GroupKind.CUSTOMER, created_at=NOW))
        session.flush()
        asked = ["wm1", "wr1", "", "wm" * 40]
        assert set(recipients.ids_of(session, MASS, asked)) == {"wm1"}
        assert set(recipients.ids_of(session, GROUP_MASS, asked)) == {"wr1"}
