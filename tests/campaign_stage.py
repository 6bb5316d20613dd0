"""A stage for campaign stories: our program without threads of its own, the built-in WeCom, and one clock for both.

Our clock stands still between two steps, so that nothing falls due or expires by a slow machine.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlmodel import select
from werkzeug.serving import make_server

from handlers import callback, registry
from handlers.registry import HandlerContext
from models.campaigns import Campaign, Task, planning
from models.campaigns.fields import CampaignFields
from models.db import Database
from models.encryption import Encryption
from models.ledger import inbox, outbox
from models.ledger.outbox import LANES, Outbox
from posters.pool import PosterPool
from scheduler import jobs
from scheduler.jobs import campaigns, cards
from scheduler.jobs.results import collect_results
from scheduler.queue import recovery
from scheduler.queue.closed_windows import StoredClosedWindows
from scheduler.queue.portion import deliver_together
from scheduler.runtime import Runtime
from tests import cast, wecom_world
from tests.wecom_world import World
from wecom.callbacks import KeyRing
from wecom.client import WorkClient
from wecom.rate_limits import RateLimits
from wecom.tokens import MemoryTokens
from wecom.webhook import WebhookRobot

PUBLIC_URL = "http://127.0.0.1:8000"


class NobodyElse:
    """The lane of a program without other threads."""

    def out(self):
        return []

    def took(self, rows):
        pass

    def breathe(self):
        return True


class Stage:
    """Everything a story needs; `work()` does what the queue would do, in the order in which it would."""

    def __init__(self, database, posters, data_dir):
        self.db = database
        self._now = cast.NOW
        self._serve()
        self.world = World(wecom_world.corp(f"http://127.0.0.1:{self._server.port}"))
        self.world.set_clock(self.now)
        self.runtime = runtime_on(
            database, self.world.url, self.world.content, self.clock, posters, data_dir, demo=True
        )
        self.handler_context = HandlerContext(cast.ZONE, PUBLIC_URL)
        with database.write() as session:
            self.people = cast.play(session)
            past = cast.NOW - timedelta(days=1)
            for guide, customer in (
                (self.people.wang, cast.XU), (self.people.wang, cast.LIN),
                (self.people.zhao, cast.SU), (self.people.zhou, cast.CHEN),
            ):  # fmt: skip
                cast.befriend(session, guide, customer, at=past)

    def _serve(self):
        """The callback views, where the built-in WeCom finds them."""
        content = wecom_world.corp()
        rings = {
            name: KeyRing(
                [(content[name]["token"], content[name]["aes_key"])],
                "" if name == "robot" else content["corp_id"],
            )
            for name in ("app", "contacts", "robot")
        }
        app = Flask("callbacks")
        # the platform signs with the real time, whatever its clock was moved to
        app.register_blueprint(
            callback.blueprint(
                callback.CallbackReceiver(
                    db=self.db,
                    rings=rings,
                    clock=self.clock,
                    zone=cast.ZONE,
                    public_url=PUBLIC_URL,
                    window_seconds=10**9,
                )
            )
        )
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self):
        self.world.stop()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    # ---- time

    def clock(self):
        return self._now

    @property
    def now(self):
        return self.clock()

    def advance(self, **span):
        self._now += timedelta(**span)
        self.world.set_clock(self.now)

    # ---- what the program does

    def work(self, rounds=20):
        """Handle what came in and send what is due, until nothing is; how many rows were tried."""
        tried = 0
        for _ in range(rounds):
            with self.db.read() as session:
                events = inbox.due(session, self.now, 100)
                rows = [
                    row
                    for lane in LANES
                    if lane != "inbox"
                    for row in outbox.due(session, lane, self.now, 100)
                ]
            if not events and not rows:
                break
            for event in events:
                registry.handle(self.db, event, self.now, self.handler_context)
            for row in rows:
                deliver_together(self.runtime, row, NobodyElse())
                tried += 1
        return tried

    def cards_out(self):
        """A card waits some seconds for company."""
        self.advance(seconds=4)
        cards.deal(self.runtime, self.now)
        self.work()

    def tick(self, seconds=4):
        """The timetable's frequent jobs, and what they caused."""
        self.advance(seconds=seconds)
        jobs.launch(self.runtime, self.now)
        self.work()
        cards.deal(self.runtime, self.now)
        collect_results(self.runtime, self.now)
        campaigns.finish_due(self.runtime, self.now)
        campaigns.send_reminders(self.runtime, self.now)
        recovery.ask(self.runtime, self.now)
        self.work()

    def collect(self):
        self.advance(seconds=4)
        said = collect_results(self.runtime, self.now)
        self.work()
        return said

    # ---- what HQ does

    def plan(self, *, schedule=True, **changes):
        """A campaign to everybody, due now; its id."""
        values = {
            "name": "初雪雪地靴",
            "text": "{门店名}的{导购名}：沈阳今晚有雪，雪地靴到店了。",
            "card_title": "初雪雪地靴",
            "launch_at": self.now,
            "ends_at": self.now + timedelta(hours=8),
        }
        with self.db.write() as session:
            made = planning.create(
                session, CampaignFields(**{**values, **changes}), who="周岚", account_id=None, now=self.now
            )
            if schedule:
                planning.launch_now(session, made, "周岚", self.now, cast.ZONE)
            return made.id

    def launch(self, **changes):
        """Planned, launched, accepted by the platform, cards out."""
        number = self.plan(**changes)
        jobs.launch(self.runtime, self.now)
        self.work()
        self.cards_out()
        return number

    def do(self, verb, campaign_id, who="周岚"):
        """pause, resume, cancel, remind …; its words."""
        with self.db.write() as session:
            return verb(session, session.get_one(Campaign, campaign_id), who, self.now)

    # ---- what there is

    def campaign(self, campaign_id):
        with self.db.read() as session:
            return session.get_one(Campaign, campaign_id)

    def task(self, guide, campaign_id=None):
        with self.db.read() as session:
            query = select(Task).where(Task.guide_id == guide.id).order_by(Task.id.desc())
            if campaign_id:
                query = query.where(Task.campaign_id == campaign_id)
            return session.exec(query).first()

    def rows(self, channel=None, **fields):
        with self.db.read() as session:
            query = select(Outbox).order_by(Outbox.id)
            query = query.where(Outbox.channel == channel) if channel else query
            for name, value in fields.items():
                query = query.where(getattr(Outbox, name) == value)
            return list(session.exec(query))

    def arrived(self, kind, who=None):
        """The judge: what the built-in WeCom says that people received."""
        return self.world.ledger(kind, who=who)

    def cards_of(self, userid):
        """Every state that a card had on her phone: as sent, then as changed."""
        return [row["what"]["card"] for row in self.world.ledger("card,card_updated", who=userid)]

    def calls(self, api):
        """What the platform's own book says about an API."""
        return self.world.ledger("call", who=api)


def runtime_on(
    db: Database,
    url: str,
    content: dict[str, Any],
    clock: Callable[[], datetime],
    pool: PosterPool,
    data_dir: Path,
    **changes: Any,
) -> Runtime:
    """What server.py makes, towards a built-in WeCom."""
    closed_windows, app = StoredClosedWindows(db, clock), content["app"]
    options: dict[str, Any] = {
        "base_url": f"{url}/cgi-bin/",
        "tokens": MemoryTokens(),
        "closed_windows": closed_windows,
        "clock": clock,
    }
    client = WorkClient(content["corp_id"], app["secret"], agent_id=app["agentid"], **options)
    values: dict[str, Any] = {
        "db": db,
        "client": client,
        "contacts": None,
        "rate_limits": RateLimits(),
        "closed_windows": closed_windows,
        "posters": pool,
        "robots": WebhookRobot(base_url=f"{url}/cgi-bin/", closed_windows=closed_windows, clock=clock),
        "encryption": Encryption("a key for tests"),
        "public_url": PUBLIC_URL,
        "zone": cast.ZONE,
        "clock": clock,
        "data_dir": data_dir,
        "agent_id": app["agentid"],
    }
    return Runtime(**{**values, **changes})
