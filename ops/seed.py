"""Puts the invented retailer into an empty database, as an import and a year of friendships would have done."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from models import preferences
from models.accounts import Account, Role
from models.db import PIECE, Database, pieces
from models.encryption import Encryption
from models.friends import Customer, Friend, entry_codes
from models.friends.rule_sets import IMPORTED
from models.groups import Group, robots
from models.org import Branch, Guide, Store
from models.sentences import Sentence
from ops import administration, sample_calendar, sample_codes, sample_materials, sample_rules
from ops.sample_data import BRAND, HQ_NAME, HQ_USERID, ROBOT, Retailer

SEED = "演示"
"""Whoever chose what the invented retailer chose"""
UNHURRIED: dict[str, str | int] = {
    "quiet_from": 0,
    "quiet_to": 0,
    "card_rhythm": preferences.AT_ONCE,
    "opens": "00:00",
    "closes": "24:00",
    "contacts_per_day": 0,
    "contacts_per_week": 5,
}
"""The demo is played at any hour, and again and again"""


def plant(db: Database, retailer: Retailer, encryption: Encryption, now: datetime) -> bool:
    """Everybody and every group; False when somebody planted here before."""
    with db.write() as session:
        if session.exec(select(Branch)).first():
            return False
        administration.mark_demo(session)
        preferences.change(session, SEED, now, name=BRAND, robot_name=ROBOT, **UNHURRIED)
        stores = _stores(session, retailer)
        guides = _guides(session, retailer, stores, now)
        _accounts(session, stores, now)
        sample_materials.put(session, SEED, now)
        sample_calendar.put(session, now)
        branches = list(session.exec(select(Branch)))
        sample_rules.put(session, list(guides.values()), branches, SEED, now)
    _friends(db, retailer, guides, stores, now)
    with db.write() as session:
        _groups(session, retailer, guides, stores, encryption, now)
        for guide in guides.values():
            entry_codes.make_for_guide(session, guide, now)
        for store in stores[:4]:
            entry_codes.make_for_store(session, store, now)
        sample_codes.put(session, stores[:2], SEED, now)
    return True


def _stores(session: Session, retailer: Retailer) -> list[Store]:
    branches = {
        city: Branch(code=f"B{number:02d}", name=city) for number, city in enumerate(retailer.branches, 1)
    }
    session.add_all(branches.values())
    session.flush()
    stores = [
        Store(
            code=f"S{shop.department}",
            name=shop.name,
            branch_id=branches[shop.branch].id or 0,
            city=shop.branch,
            address=f"{shop.branch}市{shop.name[len(shop.branch) : -1]}",
            latitude=shop.latitude,
            longitude=shop.longitude,
            department_id=shop.department,
        )
        for shop in retailer.stores
    ]
    session.add_all(stores)
    session.flush()
    return stores


def _guides(session: Session, retailer: Retailer, stores: list[Store], now: datetime) -> dict[str, Guide]:
    guides = {
        one.userid: Guide(
            userid=one.userid,
            userid_key=one.userid.lower(),
            name=one.name,
            store_id=stores[one.store].id,
            is_manager=one.manager,
            joined_at=now - timedelta(days=200),
            synced_at=now,
        )
        for one in retailer.guides
    }
    session.add_all(guides.values())
    session.flush()
    return guides


def _accounts(session: Session, stores: list[Store], now: datetime) -> None:
    session.add(Account(role=Role.HQ, name=HQ_NAME, login="demo", userid=HQ_USERID, created_at=now))
    session.add(
        Account(
            role=Role.BRANCH,
            name="沈阳运营",
            userid="zhaoqian",
            branch_id=stores[0].branch_id,
            created_at=now,
        )
    )
    session.add(
        Account(
            role=Role.MANAGER,
            name="高敏",
            userid="gaomin",
            store_id=stores[0].id,
            branch_id=stores[0].branch_id,
            created_at=now,
        )
    )


def _friends(
    db: Database, retailer: Retailer, guides: dict[str, Guide], stores: list[Store], now: datetime
) -> None:
    by_id = {store.id: store for store in stores}
    for place, buyers in enumerate(pieces(retailer.customers)):
        with db.write() as session:
            customers = [
                Customer(external_userid=buyer.external_userid, name=buyer.name, seen_at=now)
                for buyer in buyers
            ]
            session.add_all(customers)
            session.flush()
            for number, (buyer, customer) in enumerate(zip(buyers, customers, strict=True)):
                day = now - timedelta(days=30 + (place * PIECE + number) % 300)
                # shops are open from 10 to 20 in Shanghai
                added = day.replace(hour=2 + number % 10, minute=number % 60)
                session.add_all(
                    _friend(customer, guides[userid], by_id, added) for userid in buyer.friends_of
                )


def _friend(customer: Customer, guide: Guide, stores: dict[int | None, Store], added: datetime) -> Friend:
    steps: list[dict[str, Any]] = [
        {
            "rule": IMPORTED,
            "question": Sentence("从哪里来"),
            "answer": Sentence("接入以前就是好友，按平台的记录导入"),
            "outcome": "hit",
        }
    ]
    return Friend(
        customer_id=customer.id or 0,
        owner_id=guide.id or 0,
        guide_id=guide.id,
        store_id=guide.store_id,
        branch_id=stores[guide.store_id].branch_id,
        rule=IMPORTED,
        reason=Sentence("接入以前就是她的好友"),
        steps=steps,
        added_at=added,
        changed_at=added,
        detailed_at=added,
    )


def _groups(
    session: Session,
    retailer: Retailer,
    guides: dict[str, Guide],
    stores: list[Store],
    encryption: Encryption,
    now: datetime,
) -> None:
    by_id = {store.id: store for store in stores}
    for one in retailer.groups:
        owner = guides[one["owner"]]
        group = Group(
            chat_id=one["chat_id"],
            kind=one["kind"],
            name=one["name"],
            owner_id=owner.id,
            store_id=owner.store_id,
            branch_id=by_id[owner.store_id].branch_id,
            members=len(one["members"]) + len(one["customers"]),
            created_at=now,
            read_at=now,
        )
        session.add(group)
        session.flush()
        for webhook in one["webhooks"]:
            robots.add(
                session,
                group,
                name=webhook["name"],
                key=webhook["key"],
                encryption=encryption,
                who=SEED,
                now=now,
                tried=True,
            )
