"""What the demo prepares: keys of its own, an environment of its own, and a start that goes on where one broke off."""

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import select

from models import migrate
from models.db import Database
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode
from models.groups import Group
from models.org import Branch, Guide, Store
from ops import demo, sockets
from settings import BadConfiguration, Settings
from tests.ops.test_seed import HERE, count


def start_demo() -> None:
    """What `make demo` does before its programs run."""
    listening = socket.create_server(("127.0.0.1", 0))
    plan = demo.prepare(listening, reset=False)
    for one in (plan.emulator_socket, *plan.sockets):
        os.close(one)


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


def test_the_built_in_wecom_has_its_place_from_the_start_on_another_port_where_the_next_one_is_taken():
    with sockets.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with demo.listen_near(port) as elsewhere, pytest.raises(BadConfiguration):
            assert elsewhere.getsockname()[1] != port
            sockets.listen("127.0.0.1", elsewhere.getsockname()[1])
