"""The invented retailer: the same people each time, the same on both sides, planted once."""

import json
import os
import socket
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from models import migrate
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


@pytest.fixture(scope="module")
def company() -> sample_data.Retailer:
    return sample_data.invent(guides_per_store=2, customers_per_guide=3)


def count(database: Database, table) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def start_demo() -> None:
    """What `make demo` does before its programs run."""
    listening = socket.create_server(("127.0.0.1", 0))
    for one in demo.prepare(listening, reset=False).sockets:
        os.close(one)


def test_the_same_seed_gives_the_same_people_and_another_one_others():
    assert sample_data.invent(seed=3, guides_per_store=2) == sample_data.invent(seed=3, guides_per_store=2)
    assert sample_data.invent(seed=3, guides_per_store=2) != sample_data.invent(seed=4, guides_per_store=2)


def test_the_people_of_the_story_are_always_there(company: sample_data.Retailer):
    names = {guide.userid: guide.name for guide in company.guides}
    assert (names["wangfang"], names["gaomin"], names["zhoumei"]) == ("王芳", "高敏", "周梅")
    friends = Counter(userid for buyer in company.customers for userid in buyer.friends_of)
    assert friends["wangfang"] >= sample_data.FRIENDS_OF_WANG
    assert "许静宜" not in {buyer.name for buyer in company.customers}, "she scans in the demo"
    managers = Counter(guide.store for guide in company.guides if guide.manager)
    assert managers == Counter(range(len(company.stores))), "one for each store"


def test_both_sides_know_the_same_people(
    company: sample_data.Retailer, sqlite_database: Database, tmp_path: Path
):
    assert seed.plant(sqlite_database, company, Encryption("k" * 40), NOW) is True
    content = json.loads(json.dumps(sample_data.corp(company, demo.keys(tmp_path), app_url=HERE)))
    with World(content) as world:
        theirs = world.state()["counts"]
    assert count(sqlite_database, Guide) == theirs["member"] == len(company.guides)
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


def test_a_demo_that_was_interrupted_while_it_was_planted_is_planted_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    demo.HOME.mkdir(parents=True)
    with closing(Database(f"sqlite:///{demo.HOME / 'onetap.sqlite3'}")) as half:
        migrate.upgrade(half)
        with half.write() as session:
            session.add(Branch(code="B01", name="沈阳"))
    start_demo()
    with closing(Database(f"sqlite:///{demo.HOME / 'onetap.sqlite3'}")) as whole:
        assert all(
            count(whole, table) for table in (Branch, Store, Guide, Customer, Friend, Group, EntryCode)
        )
        with whole.write() as session:
            session.add(Branch(code="mine", name="我加的"))
    kept = demo.keys(demo.HOME)
    start_demo()
    with closing(Database(f"sqlite:///{demo.HOME / 'onetap.sqlite3'}")) as whole, whole.read() as session:
        assert session.exec(select(Branch).where(Branch.code == "mine")).one()
    assert demo.keys(demo.HOME) == kept, "a whole demo stays as it was left"


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


def test_the_demos_keys_are_made_once_and_only_the_owner_reads_them(tmp_path: Path):
    kept = demo.keys(tmp_path)
    assert demo.keys(tmp_path) == kept
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    secret = [
        kept[f"{source}_{part}"]
        for source in ("app", "contacts", "robot")
        for part in ("token", "aes_key", "secret")
    ]
    assert len(set(secret)) == 9 and all(
        len(kept[f"{source}_aes_key"]) == 43 for source in ("app", "contacts", "robot")
    )


def test_the_demo_leaves_no_secret_and_no_address_to_the_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Whatever stands in the operator's environment or .env, the demo knows no platform but the built-in one."""
    for name in Settings.model_fields:
        if name.endswith(("_url", "_secret", "_token", "_key", "_proxy", "_id")):
            monkeypatch.setenv(
                f"ONETAP_{name.upper()}", "7" if name.endswith("_id") else "https://real.example"
            )
    for name, value in demo.environment_of(
        demo.keys(tmp_path), tmp_path, HERE, "http://127.0.0.1:8001"
    ).items():
        monkeypatch.setenv(name, value)
    ours = {name: value for name, value in os.environ.items() if name.startswith("ONETAP_")}
    assert [name for name, value in ours.items() if "real.example" in value or value == "7"] == []
    assert Settings().demo and not Settings().distributed
