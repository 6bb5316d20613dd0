"""A large retailer in a database, planted by the database itself: guides with their friends, numbered and evenly spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, String, cast, insert, literal, select
from sqlmodel import Session, SQLModel

from models import migrate
from models.campaigns import Campaign, CampaignStatus
from models.db import Database, defaults
from models.friends import Customer, Friend
from models.org import Branch, Guide, Store

NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)
STRIDE = 7919
"""A prime: neighbours among the customers are friends of guides far apart."""


@dataclass(frozen=True)
class RetailerSize:
    guides: int
    friends: int
    """Of each guide"""

    @property
    def customers(self) -> int:
        return self.guides * self.friends


FULL, QUICK = RetailerSize(10_000, 200), RetailerSize(1_000, 200)


def plant(db: Database, size: RetailerSize) -> None:
    """One branch, one store, everybody's friends."""
    migrate.upgrade(db)
    with db.write() as session:
        branch = Branch(code="B1", name="东北分公司")
        session.add(branch)
        session.flush()
        store = Store(code="S1", name="沈阳中街店", branch_id=branch.id or 0)
        session.add(store)
        session.flush()
        of = numbers(size.guides)
        name = cast(of.c.i, String)
        guide = {"userid": "g" + name, "userid_key": "g" + name, "name": "王芳", "store_id": store.id}
        fill(session, Guide, of, {**guide, "joined_at": LONG_AGO})
    with db.write() as session:
        of = numbers(size.customers)
        name = cast(of.c.i, String)
        fill(session, Customer, of, {"external_userid": "wm" + name, "seen_at": LONG_AGO})
    with db.write() as session:
        of = numbers(size.customers)
        number = of.c.i
        friend = {"customer_id": number, "owner_id": number * STRIDE % size.guides + 1}
        fill(session, Friend, of, {**friend, "added_at": LONG_AGO, "changed_at": LONG_AGO})


def planned(db: Database) -> int:
    """A campaign for everybody that is due."""
    with db.write() as session:
        made = Campaign(
            name="初雪",
            text="今晚有雪",
            status=CampaignStatus.SCHEDULED,
            launch_at=NOW,
            ends_at=NOW + timedelta(hours=8),
            created_at=LONG_AGO,
        )
        session.add(made)
        session.flush()
        return made.id or 0


def numbers(most: int) -> Any:
    """1, 2, 3 … as a query."""
    first = select(literal(1, BigInteger).label("i")).cte("numbers", recursive=True)
    return first.union_all(select(first.c.i + 1).where(first.c.i < most))


def fill(session: Session, model: type[SQLModel], of: Any, values: Mapping[str, Any]) -> None:
    """A row for each of these numbers, made inside the database; what is no expression is the same in each."""
    table = model.__table__  # type: ignore[attr-defined]
    given = {name: one for name, one in defaults(model).items() if name != "id"} | dict(values)
    columns = [
        one if hasattr(one, "label") else literal(one, table.c[name].type) for name, one in given.items()
    ]
    session.execute(insert(table).from_select(list(given), select(*columns).select_from(of)))
