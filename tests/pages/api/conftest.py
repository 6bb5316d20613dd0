"""What a retailer's system calls: the app on a fresh database, and tokens that read and that write."""

from dataclasses import dataclass, field

import pytest
from flask import Flask

from handlers.registry import commands
from models.accounts import api_tokens
from models.db import Database
from models.groups import Group
from pages.web import quotas
from tests.pages.api import rows
from tests.pages.conftest import NOON, Clock, new_app, site_on

WEBHOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
CSV = "text/csv; charset=utf-8"


@dataclass
class Shop:
    """What a retailer's program sees; `ids` are the rows of rows.py by name."""

    app: Flask
    db: Database
    clock: Clock
    reading: str = ""
    writing: str = ""
    ids: dict = field(default_factory=dict)

    def call(self, method, path, *, token=None, **how):
        headers = {"Authorization": f"Bearer {token or self.writing}", **how.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **how)

    def get(self, path, **how):
        answer = self.call("GET", path, **how)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def post(self, path, body=None, status=None, **how):
        """The answer's content; with `status` it must be that, without any good one."""
        answer = self.call("POST", path, **({"json": body} if body is not None else {}), **how)
        assert answer.status_code == status if status else answer.status_code < 300, answer.get_data(
            as_text=True
        )
        return answer.get_json()

    def faults(self, path, body, method="POST"):
        """The words per field of a 422."""
        answer = self.call(method, path, json=body)
        assert answer.status_code == 422, answer.get_data(as_text=True)
        assert answer.mimetype == "application/problem+json"
        return {one["field"]: one["words"] for one in answer.get_json()["errors"]}

    def plan(self, **changes):
        """The body of a good campaign."""
        return {
            "name": "初雪雪地靴",
            "text": "{门店名}的{导购名}：雪地靴到店了。",
            "launch_at": "2026-11-20T10:00:00+08:00",
            "ends_at": "2026-11-20T18:00:00+08:00",
            **changes,
        }


@pytest.fixture(scope="session")
def api_app():
    """The app, made once: each test gives it a site of its own."""
    return new_app()


def open_api(app, database):
    site = app.extensions["onetap"] = site_on(database, commands=commands())
    opened = Shop(app, database, site.clock)
    quotas.install(app, "")
    with database.write() as session:
        opened.reading = api_tokens.create(session, "bi", writes=False, who="周岚", now=NOON)
        opened.writing = api_tokens.create(session, "crm", writes=True, who="周岚", now=NOON)
        rows.fill(session, opened.ids, site.encryption, NOON)
    return opened


@pytest.fixture
def shop_api(api_app, database):
    """On both databases."""
    return open_api(api_app, database)


@pytest.fixture
def api(api_app, sqlite_database):
    """On SQLite alone, for what does not depend on the database."""
    return open_api(api_app, sqlite_database)


@pytest.fixture
def customers(shop_api):
    """A customer group in 南京."""
    with shop_api.db.write() as session:
        group = Group(
            chat_id="wr-customers",
            kind="customer",
            name="南京会员群",
            owner_id=shop_api.ids["sunjiayi"],
            created_at=shop_api.clock(),
        )
        session.add(group)
        session.flush()
        return group.id
