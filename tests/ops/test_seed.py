"""The invented retailer is planted in our database once, and only where a demo belongs."""

import json
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from models.db import Database
from models.encryption import Encryption
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode
from models.groups import Group
from models.org import Branch, Guide, Store
from ops import administration, demo, sample_data, seed
from settings import BadConfiguration, Settings
from tests import cast
from tests.wecom_world import World

NOW = cast.NOW
HERE = "http://127.0.0.1:8000"


def count(database: Database, table) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_both_sides_know_the_same_people(
    company: sample_data.Retailer, sqlite_database: Database, tmp_path: Path
):
    assert seed.plant(sqlite_database, company, Encryption("k" * 40), NOW) is True
    content = json.loads(json.dumps(sample_data.corp(company, demo.keys(tmp_path), app_url=HERE)))
    with World(content) as world:
        theirs = world.state()["counts"]
    assert count(sqlite_database, Guide) == theirs["member"] - 1 == len(company.guides), "HQ's is no guide"
    assert count(sqlite_database, Friend) == theirs["friend"]
    assert count(sqlite_database, Customer) == theirs["customer"] - 1, "许静宜 is nobody's friend yet"
    assert count(sqlite_database, Group) == theirs["chat"]
    assert (count(sqlite_database, Branch), count(sqlite_database, Store)) == (
        len(company.branches),
        len(company.stores),
    )


def test_planting_again_changes_nothing(company: sample_data.Retailer, sqlite_database: Database):
    """The second start of the demo finds everything."""
    tables = (Branch, Store, Guide, Customer, Friend, Group, EntryCode)
    seed.plant(sqlite_database, company, Encryption("k" * 40), NOW)
    before = [count(sqlite_database, table) for table in tables]
    assert seed.plant(sqlite_database, company, Encryption("k" * 40), NOW) is False
    assert [count(sqlite_database, table) for table in tables] == before and all(before)


def test_every_friend_was_made_while_a_shop_was_open(
    company: sample_data.Retailer, sqlite_database: Database
):
    seed.plant(sqlite_database, company, Encryption("k" * 40), NOW)
    with sqlite_database.read() as session:
        hours = {(added.hour + 8) % 24 for added in session.exec(select(col(Friend.added_at)))}
    assert hours <= set(range(10, 20))


def test_a_planted_database_is_refused_by_run(
    company: sample_data.Retailer, sqlite_database: Database, sqlite_url: str
):
    administration.refuse_demo(Settings(database_url=sqlite_url))
    seed.plant(sqlite_database, company, Encryption("k" * 40), NOW)
    with pytest.raises(BadConfiguration, match="演示用的数据库"):
        administration.refuse_demo(Settings(database_url=sqlite_url))
