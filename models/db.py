"""The database: one engine, a first-come gate for writers, marked readers, and the offer after commit."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

T = TypeVar("T")

BUSY_SECONDS = 20
"""How long a writer waits for another process (a backup, an import) before it gives up."""
PIECE = 500
"""Rows per write transaction where something is done in bulk (a transaction should stay under 20 ms)."""
COLLISIONS = {"40001", "40P01"}
"""PostgreSQL's serialization failure and deadlock: it undid the whole transaction, and asks to run it again."""
COLLISION_TRIES = 4

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING


@dataclass(frozen=True)
class Offer:
    """A row that has work in it, named to the queue right after its commit."""

    box: str
    """inbox or outbox"""
    id: int
    lane: str


class Gate:
    """Lets writers of one process in, one at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._busy = False

    def __enter__(self) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False


class OpenDoor:
    """PostgreSQL orders its writers itself."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class Database:
    """Sessions on one database URL.

    `write()` is one transaction that takes the write lock at its start (SQLite: BEGIN IMMEDIATE) and commits at its end;
    `read()` never takes it. No HTTP call, drawing or password hash belongs inside `write()`.
    """

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = (
            _sqlite_engine(url)
            if self.is_sqlite
            else create_engine(
                url,
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_pre_ping=True,
                pool_timeout=BUSY_SECONDS,
            )
        )
        self._readers = self.engine.execution_options(reader=True)
        self._gate: Gate | OpenDoor = Gate() if self.is_sqlite else OpenDoor()
        self.offer: Callable[[Sequence[Offer]], None] | None = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._gate, Session(self.engine, expire_on_commit=False) as session:
            yield session
            offers: list[Offer] = session.info.pop("offers", [])
            session.commit()
        if offers and self.offer:
            self.offer(offers)

    def run(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one write transaction, all of it again when the database undid it because of a collision."""
        for attempt in range(1, COLLISION_TRIES + 1):
            try:
                with self.write() as session:
                    return work(session)
            except DBAPIError as error:
                if attempt == COLLISION_TRIES or getattr(error.orig, "sqlstate", "") not in COLLISIONS:
                    raise
        raise AssertionError("the last try returned or raised")

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def offer(session: Session, box: str, row_id: int, lane: str) -> None:
    """Name a row to the queue once this transaction is committed."""
    session.info.setdefault("offers", []).append(Offer(box, row_id, lane))


def insert_once(
    session: Session, model: type[SQLModel], values: dict[str, Any], *, key: str | Sequence[str] = "key"
) -> int | None:
    """Insert a row unless one with the same key exists; its id, or None when it was there already."""
    columns = [key] if isinstance(key, str) else list(key)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    table = model.__table__  # type: ignore[attr-defined]
    statement = (
        insert(table)
        .values(**_with_defaults(model, values))
        .on_conflict_do_nothing(index_elements=columns)
        .returning(table.c.id)
    )
    return session.execute(statement).scalar_one_or_none()


def _with_defaults(model: type[SQLModel], values: dict[str, Any]) -> dict[str, Any]:
    """Core inserts skip the defaults that the model class declares; fill them in."""
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if not field.is_required() and name != "id"
    }
    return {**defaults, **values}


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, pool_size=32, max_overflow=32
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own implicit BEGIN lost 88 % of read-then-write updates
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reader = connection.get_execution_options().get("reader")
    connection.exec_driver_sql("BEGIN" if reader else "BEGIN IMMEDIATE")
