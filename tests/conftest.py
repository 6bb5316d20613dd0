"""Fixtures that every test may ask for: fresh databases of both kinds, the cast in one, Redis, a drawing child, Chromium.

Warnings are errors, and no socket opens to anything but this machine: both stand in pyproject.toml.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.routing import Rule

from models import migrate
from models.db import Database
from models.org import Guide, find_guide
from posters.pool import PosterPool
from tests import cast, dialects, services
from tests.campaign_stage import Stage
from tests.waiting import PATIENCE


class CompiledTemplates(BytecodeCache):
    """Templates compiled once per run: most tests make an application of their own, which would compile them anew."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


class CompiledAddress(Rule):
    """Addresses, too: the built-in WeCom alone has fifty, and hundreds of tests start one of their own."""

    known: ClassVar[dict[Any, Any]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, *self._trace, append_unknown)
        if key not in self.known:
            self.known[key] = super()._compile_builder(append_unknown)
        return self.known[key]


numbers = itertools.count(1)
STORIES = Path(__file__).parent / "stories"
services.prefer_memory()
dialects.remember()
expect.set_options(timeout=1000 * PATIENCE)
Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
Flask.url_rule_class = CompiledAddress


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests begin first: one that begins last is waited for by a process that has nothing left to do.

    Stories, too: a file of them that is divided at the end has its house built twice.
    """
    items.sort(key=lambda item: not (item.get_closest_marker("long") or item.path.parent == STORIES))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A private PostgreSQL server, empty; a test that wants tables asks for `database_url`."""
    with services.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    with services.redis_server() as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A private Redis server, emptied for this test."""
    services.empty_redis(redis_server_url)
    return redis_server_url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, made once: copying it is far cheaper than migrating for every test."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrated(f"sqlite:///{path}")
    path.chmod(0o600)  # as the program, which lets nobody else read what it writes, would have made it
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of a migrated PostgreSQL database that others are copied from."""
    on_server(postgres_url, "CREATE DATABASE onetap_template")
    migrated(sibling(postgres_url, "onetap_template"))
    return "onetap_template"


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated SQLite database, for tests whose subject is not the database."""
    with fresh_database(request, "sqlite", tmp_path) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database; the test runs once on SQLite and once on PostgreSQL."""
    with fresh_database(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """`Database` on both kinds."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """`Database` on SQLite alone, for tests whose subject is not the database."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def people(database: Database) -> cast.Cast:
    """The cast of tests/cast.py, on both kinds."""
    with database.write() as session:
        return cast.play(session)


@pytest.fixture
def sqlite_people(sqlite_database: Database) -> cast.Cast:
    """The cast of tests/cast.py, on SQLite alone."""
    with sqlite_database.write() as session:
        return cast.play(session)


@pytest.fixture
def guide(database: Database) -> Callable[..., Guide | None]:
    """Looks a guide up as she is now; 王芳 unless another is named."""

    def find(userid: str = cast.WANG) -> Guide | None:
        with database.read() as session:
            return find_guide(session, userid)

    return find


@pytest.fixture(scope="session")
def pool() -> Iterator[PosterPool]:
    """One child draws for all tests."""
    shared = PosterPool(1)
    yield shared
    shared.close()


@pytest.fixture
def campaign_stage(sqlite_database: Database, pool: PosterPool, tmp_path: Path) -> Iterator[Stage]:
    """Campaigns with the built-in WeCom, on SQLite alone, for tests whose subject is not the database."""
    made = Stage(sqlite_database, pool, tmp_path)
    yield made
    made.close()


@pytest.fixture
def campaign_stage_on_both(database: Database, pool: PosterPool, tmp_path: Path) -> Iterator[Stage]:
    """Campaigns with the built-in WeCom, on SQLite and on PostgreSQL."""
    made = Stage(database, pool, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    return services.find_chromium() or services.missing("Chromium")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One headless Chromium for the whole run; each test takes a `browser.new_context()` of its own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=services.CHROMIUM_ARGS)
        yield running
        running.close()


@contextmanager
def fresh_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """A copy of the migrated template, for fixtures of any scope; `folder` holds a SQLite one."""
    if kind == "sqlite":
        path = folder / "onetap.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    name = f"test_{next(numbers)}"
    # copied as files: by way of the log, which is the default, it costs twice as much
    on_server(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield sibling(server, name)
    on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def migrated(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()


def on_server(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def sibling(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"
