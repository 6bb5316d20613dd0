"""Puts the boxes together: what jobs, pages, channels and callbacks work with, made once per process from the settings."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from handlers import registry
from handlers.callback import CallbackReceiver
from models import preferences
from models.db import Database
from models.encryption import Encryption
from ops.database_lock import sqlite_path
from pages.web.site import Site
from posters.pool import PosterPool
from scheduler import JOBS
from scheduler.queue import Queue, recovery
from scheduler.queue.closed_windows import StoredClosedWindows
from scheduler.runtime import Runtime
from settings import PREFIX, Settings
from wecom.callbacks import KeyRing
from wecom.client import WorkClient
from wecom.rate_limits import RateLimits
from wecom.tokens import MemoryTokens, RedisTokens
from wecom.webhook import WebhookRobot


def clock() -> datetime:
    return datetime.now(UTC)


@dataclass
class Parts:
    """Everything one process works with. Nothing in here has started a thread or opened a connection yet."""

    settings: Settings
    db: Database
    runtime: Runtime
    queue: Queue
    site: Site
    receiver: CallbackReceiver

    def __enter__(self) -> "Parts":
        return self

    def __exit__(self, *_: object) -> None:
        self.runtime.posters.close()
        self.db.close()


def build(settings: Settings) -> Parts:
    """The parts of this process; the folder of an embedded database is made where it is missing."""
    path = sqlite_path(settings.database_url)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database_url)
    runtime = _runtime(settings, db)
    queue = Queue(runtime, embedded=not settings.distributed, redis_url=settings.redis_url)
    db.offer = queue.offer
    return Parts(settings, db, runtime, queue, _site(settings, db, runtime), _receiver(settings, db))


def follow_brand(parts: Parts) -> None:
    """Take over what HQ chose about this process; a database without tables has no choices yet."""
    with suppress(SQLAlchemyError), parts.db.read() as session:
        parts.receiver.window_seconds = preferences.read(session).fresh_seconds


def client(
    settings: Settings, secret: str, tokens: MemoryTokens, closed_windows: StoredClosedWindows
) -> WorkClient:
    """A client of the platform for one of the corp's secrets."""
    return WorkClient(
        settings.wecom_corp_id,
        secret,
        agent_id=settings.wecom_agent_id,
        base_url=settings.wecom_api_url,
        tokens=tokens,
        closed_windows=closed_windows,
        proxy=settings.http_proxy,
        clock=clock,
    )


def _runtime(settings: Settings, db: Database) -> Runtime:
    tokens = RedisTokens(settings.redis_url) if settings.distributed else MemoryTokens()
    closed_windows = StoredClosedWindows(db, clock)
    contacts = (
        client(settings, settings.contacts_secret, tokens, closed_windows)
        if settings.contacts_secret
        else None
    )
    return Runtime(
        db=db,
        client=client(settings, settings.wecom_secret, tokens, closed_windows),
        contacts=contacts,
        rate_limits=RateLimits(settings.redis_url or "memory://"),
        closed_windows=closed_windows,
        posters=PosterPool(),
        robots=WebhookRobot(
            settings.wecom_api_url, closed_windows=closed_windows, proxy=settings.http_proxy, clock=clock
        ),
        encryption=Encryption(*settings.secret_keys),
        public_url=settings.public_url,
        zone=settings.zone,
        clock=clock,
        data_dir=settings.data_dir,
        agent_id=settings.wecom_agent_id,
        demo=settings.demo,
    )


def _site(settings: Settings, db: Database, runtime: Runtime) -> Site:
    return Site(
        db=db,
        clock=clock,
        zone=settings.zone,
        secret_keys=settings.signing_keys,
        encryption=runtime.encryption,
        decide=recovery.decide,
        public_url=runtime.public_url,
        redis_url=settings.redis_url,
        client=runtime.client,
        posters=runtime.posters,
        shelf=runtime.shelf,
        emulator_url=settings.wecom_api_url.removesuffix("/cgi-bin/") if settings.demo else "",
        demo=settings.demo,
        corp_id=settings.wecom_corp_id,
        agent_id=settings.wecom_agent_id,
        oauth_url=settings.wecom_oauth_url,
        login_url=settings.wecom_login_url,
        jssdk_url=settings.wecom_jssdk_url,
        configured=_filled(settings),
        plans=JOBS,
        commands=registry.commands(),
    )


def _filled(settings: Settings) -> frozenset[str]:
    """Names of the settings that somebody gave, for the page that connects the real corp; never their values."""
    return frozenset(
        PREFIX + name.upper() for name, value in settings if value and name in settings.model_fields_set
    )


def _receiver(settings: Settings, db: Database) -> CallbackReceiver:
    receivers = {
        "app": ("wecom", settings.wecom_corp_id),
        "contacts": ("contacts", settings.wecom_corp_id),
        "robot": ("robot", ""),
    }
    rings = {
        path: KeyRing(settings.key_pairs(noun), receiver)
        for path, (noun, receiver) in receivers.items()
        if settings.key_pairs(noun)
    }
    return CallbackReceiver(
        db=db,
        rings=rings,
        clock=clock,
        public_url=settings.public_url,
        zone=settings.zone,
    )
