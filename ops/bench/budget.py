"""Contact budget: who has been contacted too often, asked of sets and, beside it, of a row per contact."""

from datetime import timedelta
from pathlib import Path

from pyroaring import FrozenBitMap
from sqlalchemy import Column, Index, Integer, MetaData, Table, func, insert, literal, select

from models import contact_budget
from models.campaigns import Campaign, CampaignAudience, CampaignStatus
from models.db import Database
from models.db.sets import NOBODY
from ops.bench.launch import timed
from ops.bench.report import Report, ms, progress, times
from ops.bench.retailer import LONG_AGO, NOW, RetailerSize, numbers, plant
from ops.sample_data import ZONE

CAMPAIGNS, FLOOR = 60, 30
MODULUS, STEP = 1009, 37
TABLES = MetaData()
CONTACTS = Table(
    "bench_contact",
    TABLES,
    Column("campaign_id", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", Integer, primary_key=True, autoincrement=False),
    Column("days_ago", Integer),
    Index("ix_bench_contact_customer", "days_ago", "customer_id"),
    sqlite_with_rowid=False,
)


def measure(report: Report, folder: Path, size: RetailerSize, url: str = "") -> None:
    """Sixty campaigns of a month that reached 2 to 80 % each; the caps of 7 and of 30 days."""
    folder.mkdir(parents=True, exist_ok=True)
    db = Database(url or f"sqlite:///{folder / 'budget.sqlite3'}")
    try:
        progress(f"{size.customers:,} 位客户，{CAMPAIGNS} 个活动")
        plant(db, RetailerSize(1, 1))
        contacts = _contacted(db, size.customers)
        ours, found = timed(db, lambda: _sets(db))
        theirs, rows = timed(db, lambda: _rows(db))
    finally:
        db.close()
    report.claim(
        found == rows and times(theirs, ours) >= FLOOR,
        f"联系次数 {times(theirs, ours):.0f} × 在联系记录上用 SQL 问（要求 ≥ {FLOOR}）",
        f"{size.customers:,} 位客户、{CAMPAIGNS} 个活动、{contacts:,} 次联系：{ms(ours)} 对 {ms(theirs)}",
        f"到上限的 {found}",
    )


def _contacted(db: Database, customers: int) -> int:
    """The same contacts as sets and as rows; how many."""
    with db.write() as session:
        TABLES.create_all(session.connection())
    total = 0
    for number in range(CAMPAIGNS):
        days, percent = number % 30, 2 + number * 13 % 79
        least = percent * MODULUS // 100
        members = FrozenBitMap(
            [one for one in range(1, customers + 1) if (one * (STEP + number)) % MODULUS < least]
        )
        total += len(members)
        with db.write() as session:
            began = NOW - timedelta(days=days)
            campaign = Campaign(
                name=f"活动 {number}",
                text="雪",
                status=CampaignStatus.FINISHED,
                launch_at=began,
                launched_at=began,
                ends_at=began,
                created_at=LONG_AGO,
            )
            session.add(campaign)
            session.flush()
            number_of = campaign.id or 0
            session.add(
                CampaignAudience(campaign_id=number_of, members=members, reached=members, limited=NOBODY)
            )
            of = numbers(customers)
            who = of.c.i
            rows = (
                select(literal(number_of), who, literal(days))
                .select_from(of)
                .where(who * (STEP + number) % MODULUS < least)
            )
            session.execute(insert(CONTACTS).from_select(["campaign_id", "customer_id", "days_ago"], rows))
    return total


def _sets(db: Database) -> dict[int, int]:
    """Days → how many have reached the cap."""
    with db.read() as session:
        budget = contact_budget.read(session, NOW, ZONE)
        over = [len(members) for _, members in budget.over_cap()]
        return dict(zip(budget.caps, over, strict=True))


def _rows(db: Database) -> dict[int, int]:
    with db.read() as session:
        caps = contact_budget.read(session, NOW, ZONE).caps
        return {
            days: session.execute(
                select(func.count()).select_from(
                    select(CONTACTS.c.customer_id)
                    .where(CONTACTS.c.days_ago < days)
                    .group_by(CONTACTS.c.customer_id)
                    .having(func.count() >= most)
                    .subquery()
                )
            ).scalar_one()
            for days, most in caps.items()
        }
