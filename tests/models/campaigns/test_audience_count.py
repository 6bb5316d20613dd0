"""Whom a plan would reach: a subtraction that ends at the number of people."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from models.campaigns.audience import reckon
from models.db import Database
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.groups import Group
from models.org import Branch, Guide, Store, guides_in_scope

NOW = datetime(2026, 11, 19, 6, 32, tzinfo=UTC)


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """wang (north: 3 friends, one lost, one half; a code), zhao (north: nobody), sun (east: 1 friend, no code), li (left)."""
    with database.write() as session:
        made: dict[str, int] = {}
        for branch in ("north", "east"):
            one = keep(session, made, branch, Branch(code=branch, name=branch))
            keep(session, made, f"store_{branch}", Store(code=branch, name=branch, branch_id=one))
        for name, branch, status in (
            ("wang", "north", "active"),
            ("zhao", "north", "active"),
            ("sun", "east", "active"),
            ("li", "north", "left"),
        ):
            keep(
                session,
                made,
                name,
                Guide(
                    userid=name,
                    userid_key=name,
                    name=name,
                    store_id=made[f"store_{branch}"],
                    status=status,
                    joined_at=NOW,
                ),
            )
        for number, (owner, status) in enumerate(
            (("wang", "friend"), ("wang", "lost"), ("wang", "half"), ("sun", "friend"), ("li", "friend"))
        ):
            customer = keep(session, made, f"c{number}", Customer(external_userid=f"wm{number}", seen_at=NOW))
            session.add(
                Friend(
                    customer_id=customer, owner_id=made[owner], status=status, added_at=NOW, changed_at=NOW
                )
            )
        session.add(
            EntryCode(
                state="a",
                kind="guide",
                guide_id=made["wang"],
                status="ready",
                payload="https://x",
                created_at=NOW,
            )
        )
        session.add(Group(chat_id="g1", kind="customer", owner_id=made["sun"], created_at=NOW))
        session.add(
            Group(chat_id="g2", kind="customer", owner_id=made["sun"], status="dismissed", created_at=NOW)
        )
        session.add(Group(chat_id="g3", kind="internal", owner_id=made["sun"], created_at=NOW))
    return made


def keep(session: Session, made: dict[str, int], name: str, row: object) -> int:
    session.add(row)
    session.flush()
    made[name] = row.id  # type: ignore[attr-defined]
    return made[name]


def test_friends_minus_lost_minus_half_is_who_is_reached(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        found = reckon(session, {}, "mass", "text")
    assert (found.guides, found.start, found.reached, found.idle) == (3, 4, 2, 1)
    assert found.minus == (("已不是好友", 1), ("还没通过好友申请", 1))


def test_a_poster_needs_the_guide_s_code(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        found = reckon(session, {}, "mass", "poster")
    assert found.minus[-1] == ("导购还没有能用的渠道码", 1)
    assert (found.reached, found.idle) == (1, 2)


def test_a_poster_waits_for_a_code_that_is_being_made(database: Database, ids: dict[str, int]) -> None:
    with database.write() as session:
        session.exec(select(EntryCode)).one().status = EntryCodeStatus.WAITING
    with database.read() as session:
        assert reckon(session, {}, "mass", "poster").reached == 1


def test_groups_are_counted_as_groups(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        found = reckon(session, {}, "group_mass", "text")
    assert (found.start, found.minus, found.reached, found.idle) == (2, (("群已解散", 1),), 1, 2)


def test_a_notice_reaches_guides(database: Database, ids: dict[str, int]) -> None:
    with database.read() as session:
        assert reckon(session, {}, "notice", "text").reached == 3


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
        assert reckon(session, numbers, "mass", "text").guides == len(launched)
