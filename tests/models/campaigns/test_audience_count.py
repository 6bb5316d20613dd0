"""Whom a plan would reach: a subtraction that ends at the number of people."""

from typing import Any

import pytest
from sqlmodel import select

from models.campaigns.audience import reckon
from models.db import Database
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.groups import GroupStatus
from models.org import Branch, GuideStatus, Store, guides_in_scope
from tests import cast


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """wang (north: 3 friends, one lost, one half; a code), zhao (north: nobody), sun (east: 1 friend, no code), li (left)."""
    made: dict[str, Any] = {}
    with database.write() as session:
        for code in ("north", "east"):
            made[code] = cast.add(session, Branch(code=code, name=code))
            made[f"store_{code}"] = cast.add(session, Store(code=code, name=code, branch_id=made[code].id))
        for name, branch in (("wang", "north"), ("zhao", "north"), ("sun", "east"), ("li", "north")):
            made[name] = cast.add(session, cast.guide(name, made[f"store_{branch}"]))
        made["li"].status = GuideStatus.LEFT
        for number, (owner, status) in enumerate(
            (("wang", "friend"), ("wang", "lost"), ("wang", "half"), ("sun", "friend"), ("li", "friend"))
        ):
            cast.befriend(session, made[owner], f"wm{number}", status=status)
        cast.ready_code(session, guide=made["wang"])
        cast.customer_group(session, made["sun"], "g1")
        cast.customer_group(session, made["sun"], "g2", status=GroupStatus.DISMISSED)
        cast.internal_group(session).owner_id = made["sun"].id
        return {name: row.id for name, row in made.items()}


def test_friends_minus_lost_minus_half_is_who_is_reached(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        found = reckon(session, {}, "mass")
    assert (found.guides, found.start, found.reached, found.idle) == (3, 4, 2, 1)
    assert found.minus == (("已不是好友", 1), ("还没通过好友申请", 1))


def test_a_poster_needs_the_guide_s_code(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        found = reckon(session, {}, "mass", with_poster=True)
    assert found.minus[-1] == ("导购还没有能用的渠道码", 1)
    assert (found.reached, found.idle) == (1, 2)


def test_a_poster_waits_for_a_code_that_is_being_made(database: Database, ids: dict[str, int]) -> None:
    with database.write() as session:
        session.exec(select(EntryCode)).one().status = EntryCodeStatus.WAITING
    with database.read() as session:
        assert reckon(session, {}, "mass", with_poster=True).reached == 1


def test_groups_are_counted_as_groups(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        found = reckon(session, {}, "group_mass")
    assert (found.start, found.minus, found.reached, found.idle) == (2, (("群已解散", 1),), 1, 2)


def test_a_notice_reaches_guides(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        assert reckon(session, {}, "notice").reached == 3


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"branches": ["north"]},
        {"stores": ["store_east"]},
        {"guides": ["zhao"]},
        {"branches": ["north"], "guides": ["sun"]},
    ],
)
def test_the_count_follows_the_same_scope_as_the_launch(
    database: Database, ids: dict[str, int], scope: dict[str, list[str]]
) -> None:
    numbers = {kind: [ids[name] for name in names] for kind, names in scope.items()}
    with database.read() as session:
        launched = guides_in_scope(session, numbers)
        assert reckon(session, numbers, "mass").guides == len(launched)
