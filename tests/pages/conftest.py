"""A console on a fresh database: the app, its people, and browsers that are signed in as one of them."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

import pages
from models.accounts import Account, Role
from models.accounts.passwords import hash_password
from models.db import Database
from models.encryption import Encryption
from pages.web import csrf, sessions
from pages.web.site import Site
from scheduler.queue import recovery
from tests.pages import shop
from tests.serving import running

NOON = datetime(2026, 11, 19, 6, 32, 41, tzinfo=UTC)
"""14:32:41 in Shanghai, a Thursday."""
PASSWORD = "long-enough-for-all"
HASHED = hash_password(PASSWORD)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **how: float) -> None:
        self.now += timedelta(**how)


@dataclass
class Console:
    """The app under test, with the ids of everybody in it."""

    app: Flask
    site: Site
    clock: Clock
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def db(self) -> Database:
        return self.site.db

    def stranger(self) -> FlaskClient:
        return self.app.test_client()

    def post(
        self, client: FlaskClient, path: str, data: dict[str, Any] | None = None, **more: Any
    ) -> TestResponse:
        """A form sent from a page of ours, with its token."""
        return client.post(path, data={"csrf": self.token(client), **(data or {})}, **more)

    def token(self, client: FlaskClient) -> str:
        """The form token of this browser: of its session, or for a stranger the one of the sign-in page."""
        cookie = client.get_cookie("onetap_console")
        if cookie is None:
            return token_of(client)
        with self.app.test_request_context("/console/", headers={"Cookie": f"onetap_console={cookie.value}"}):
            return csrf.token()

    def signed_in(self, who: str) -> FlaskClient:
        """A browser with a session of this account; how one gets it by password is test_sign_in's subject."""
        client = self.app.test_client()
        with self.app.test_request_context("/console/"):
            response = self.app.make_response("")
            sessions.begin(response, sessions.CONSOLE, account_id=self.ids[who])
        client.set_cookie(
            "onetap_console", response.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        )
        return client


def token_of(client: FlaskClient, path: str = "/console/sign-in") -> str:
    """The form token that a page of this browser carries."""
    text = client.get(path, follow_redirects=True).get_data(as_text=True)
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', text)
    assert found, text[:500]
    return found[1]


def page(console: Console, path: str, who: str = "zhou") -> str:
    """A page of the console as this person sees it."""
    answer = console.signed_in(who).get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def new_app(static_dir: Path = Path("not built")) -> Flask:
    app = Flask("onetap-test", static_folder=None)
    app.testing = False
    pages.register(app, site_on(None), static_dir=static_dir)  # make_console puts its own site in
    return app


the_app = cache(new_app)
"""Made once for all tests: its addresses and templates take longer to compile than most tests run."""


def make_console(db: Database, *, app: Flask | None = None, **site_fields: object) -> Console:
    app, site = app or the_app(), site_on(db, **site_fields)
    app.extensions["onetap"] = site
    return Console(app, site, site.clock)


def make_shop(db: Database) -> Console:
    """A small retailer's console, with its people, on an ordinary Thursday."""
    made = make_console(db)
    shop.open_shop(db, made.ids, NOON)
    add_people(made)
    return made


def site_on(db: Database | None, **fields: object) -> Site:
    secret = "a secret key for tests, long enough"
    return Site(
        db, Clock(), ZoneInfo("Asia/Shanghai"), [secret], Encryption(secret), recovery.decide, **fields
    )  # type: ignore[arg-type]


def add_people(console: Console) -> None:
    """zhou (HQ), chen (branch 东北), liu (branch 华东), ma (manager of 沈阳中街店); everybody has PASSWORD."""
    ids = console.ids
    with console.db.write() as session:
        for login, name, role, branch, store in (
            ("zhou", "周岚", Role.HQ, None, None),
            ("chen", "陈默", Role.BRANCH, "northeast", None),
            ("liu", "刘影", Role.BRANCH, "east", None),
            ("ma", "马骁", Role.MANAGER, "northeast", "zhongjie"),
        ):
            account = Account(
                role=role,
                name=name,
                login=login,
                password_hash=HASHED,
                branch_id=ids.get(branch or ""),
                store_id=ids.get(store or ""),
                created_at=NOON,
            )
            session.add(account)
            session.flush()
            ids[login] = account.id or 0


@pytest.fixture
def bare(sqlite_database: Database) -> Console:
    """A console in which nobody and nothing is."""
    return make_console(sqlite_database)


@pytest.fixture
def own(sqlite_database: Database) -> Console:
    """A bare console with an app of its own, for tests that hang something into it."""
    return make_console(sqlite_database, app=new_app())


@pytest.fixture(scope="session")
def stocked(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """The file of a small retailer's database on an ordinary Thursday, and the ids in it."""
    file = tmp_path_factory.mktemp("shop") / "stocked.sqlite3"
    shutil.copyfile(sqlite_template, file)
    with closing(Database(f"sqlite:///{file}")) as db:
        return file, make_shop(db).ids


@contextmanager
def copied(stocked: tuple[Path, dict[str, int]], folder: Path) -> Iterator[Console]:
    """A console of that retailer, on a copy of its database in this folder."""
    shutil.copyfile(stocked[0], folder / "console.sqlite3")
    with closing(Database(f"sqlite:///{folder / 'console.sqlite3'}")) as db:
        made = make_console(db)
        made.ids.update(stocked[1])
        yield made


@pytest.fixture
def console(stocked: tuple[Path, dict[str, int]], tmp_path: Path) -> Iterator[Console]:
    """A console of that retailer; each test has a copy of its own."""
    with copied(stocked, tmp_path) as made:
        yield made


@contextmanager
def serving(console: Console) -> Iterator[str]:
    """Serves a console on a free port and says where."""
    with running(make_server("127.0.0.1", 0, console.app, threaded=True)) as address:
        yield address


@pytest.fixture
def serve() -> Iterator[Callable[[Console], str]]:
    """Serves consoles until the test ends."""
    with ExitStack() as running:
        yield lambda console: running.enter_context(serving(console))
