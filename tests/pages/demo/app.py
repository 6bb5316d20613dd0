"""The pages of the demo on a database."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

import pages
from models.db import Database
from models.encryption import Encryption
from pages.web.site import Site
from scheduler.queue import recovery

NOW = datetime(2026, 11, 19, 6, 31, 48, tzinfo=UTC)


def app_on(database: Database, *, demo: bool, emulator_url: str = "http://127.0.0.1:1") -> Flask:
    app = Flask("pages under test", static_folder=None)
    site = Site(
        db=database,
        clock=lambda: NOW,
        zone=ZoneInfo("Asia/Shanghai"),
        secret_keys=["k" * 40],
        encryption=Encryption("k" * 40),
        decide=recovery.decide,
        public_url="http://localhost",
        demo=demo,
        emulator_url=emulator_url if demo else "",
    )
    pages.register(app, site, static_dir=Path("not built"))
    return app
