"""A retailer's system at the door: the app on a fresh database, tokens that read and that write, and one row of each noun."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from handlers.registry import commands
from models.campaigns import Campaign, Task
from models.campaign_tables import Audience
from models.robots import Robot
from models.seal import fingerprint
from pages.api import tokens
from pages.api.groups import COMMANDS
from tests.pages import shop
from tests.pages.conftest import NOON, make_console

WEBHOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
CSV = "text/csv; charset=utf-8"


@dataclass
class Shop:
    """What a retailer's program sees; `ids` are the rows of tests/pages/shop.py and some more."""

    console: object
    reading: str
    writing: str
    ids: dict = field(default_factory=dict)

    @property
    def db(self):
        return self.console.site.db

    @property
    def clock(self):
        return self.console.clock

    @property
    def app(self):
        return self.console.app

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
        assert answer.status_code == status if status else answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()

    def faults(self, path, body, method="POST"):
        """The words per field of a 422."""
        answer = self.call(method, path, json=body)
        assert answer.status_code == 422, answer.get_data(as_text=True)
        assert answer.mimetype == "application/problem+json"
        return {one["field"]: one["words"] for one in answer.get_json()["errors"]}

    def plan(self, **changes):
        """The body of a good campaign."""
        return {"name": "初雪雪地靴", "text": "{门店名}的{导购名}：雪地靴到店了。", "launch_at": "2026-11-20T10:00:00+08:00",
                "ends_at": "2026-11-20T18:00:00+08:00", **changes}


def open_api(database):
    console = make_console(database)
    shop.open_shop(database, console.ids, NOON)
    console.app.extensions[COMMANDS] = [(one.words, one.line) for one in commands()]
    with database.write() as session:
        reading = tokens.create(session, "bi", writes=False, now=NOON)
        writing = tokens.create(session, "crm", writes=True, now=NOON)
        add_more(session, console.ids, console.site.seal)
    return Shop(console, reading, writing, console.ids)


def add_more(session, ids, seal):
    """A campaign that runs, with two tasks and their customers, and a robot whose key nobody may see."""
    ids["campaign"] = shop.keep(session, ids, "campaign", Campaign(
        name="周末九折", text="周末九折", status="running", launch_at=NOON - timedelta(hours=1), ends_at=NOON + timedelta(hours=5),
        launched_at=NOON, created_at=NOON))
    for guide, store, branch, people in (("wang", "zhongjie", "northeast", ["wm-a", "wm-b", "wm-c"]), ("sun", "nanjing", "east", ["wm-d", "wm-e"])):
        task = shop.keep(session, ids, f"task_{guide}", Task(
            code=f"secret-task-{guide}", campaign_id=ids["campaign"], guide_id=ids[guide], store_id=ids[store], branch_id=ids[branch],
            audience=len(people), created_at=NOON, carded_at=NOON, opened_at=NOON if guide == "wang" else None))
        session.add(Audience(task_id=task, customers=people, results={people[0]: 1, people[1]: 3}))
    ids["robot"] = shop.keep(session, ids, "robot", Robot(
        group_id=ids["group_east"], name="播报", sealed_key=seal.close("sealed-webhook-key"), key_hash=fingerprint("sealed-webhook-key"),
        key_tail="-key", created_at=NOON))


@pytest.fixture
def shop_api(database):
    """On both databases."""
    return open_api(database)


@pytest.fixture
def api(sqlite_database):
    """On SQLite alone, for what does not depend on the database."""
    return open_api(sqlite_database)
