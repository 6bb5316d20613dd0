"""What pages need to know about this installation: made once by the server, read by every view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from sqlmodel import Session

from models.db import Database
from models.encryption import Encryption
from models.ledger.outbox import Outbox

if TYPE_CHECKING:
    from posters.pool import PosterPool
    from posters.shelf import Shelf
    from wecom.client import WorkClient


@dataclass
class Site:
    """What a page works with, made by ops/wiring.py. `clock` is the only way in which a page learns the time."""

    db: Database
    clock: Callable[[], datetime]
    zone: ZoneInfo
    secret_keys: list[str]
    """The first one signs, all are tried when reading."""
    encryption: Encryption
    decide: Callable[[Session, Outbox, bool, str, datetime, ZoneInfo], None]
    """A person says whether an unknown call (the row) arrived, and who says so; Refused when it was decided before."""
    public_url: str = "http://127.0.0.1:8000"
    redis_url: str = ""
    """Where all processes count together; empty when there is one."""
    client: "WorkClient | None" = None
    posters: "PosterPool | None" = None
    shelf: "Shelf | None" = None
    """Where drawn posters lie."""
    demo: bool = False
    drawn: dict[Any, Any] = field(default_factory=dict)
    """Polled parts that many look at, as they were drawn last; see polling.py."""
    corp_id: str = ""
    agent_id: int = 0
    oauth_url: str = ""
    login_url: str = ""
    jssdk_url: str = ""
    emulator_url: str = ""
    """Where the built-in WeCom listens; only in the demo."""
    configured: frozenset[str] = frozenset()
    """Names of the environment's settings that are filled in; never their values."""
    examine: Callable[[], list[Any]] | None = None
    """What `doctor` finds: rows with grade (ok, warn, bad), name and words."""
    plans: Sequence[Any] = ()
    """The timetable: each plan has name, label, every (seconds) and daily (a time of day)."""
    commands: Sequence[Any] = ()
    """What the smart robot understands: each has words and line."""

    @property
    def secure(self) -> bool:
        """Cookies may only travel over https once the public address does."""
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def platform_sign_in(self) -> bool:
        return bool(self.corp_id and self.login_url)


def site() -> Site:
    return cast(Site, current_app.extensions["onetap"])
