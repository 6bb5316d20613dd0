"""The database: one engine, a first-come lock for writers, marked readers, and the offer after commit."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast
from zlib import crc32

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Delete,
    Engine,
    MetaData,
    Update,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, SQLModel, func, select

from models.db.group_commit import GroupCommit
from models.db.writable import Unwritable, probe, why
from models.db.write_lock import NoLock, Urgency, WriteLock

T = TypeVar("T")

BUSY_SECONDS = 20
"""How long a writer waits for another process (a backup, an import) before it gives up."""
URGENT_SECONDS = 2.0
"""How long a callback waits for its turn, and then again for another process: the platform gives up after 5 seconds."""
IDLE_SECONDS = 30
"""A process that stands still in the middle of a transaction loses it after so long, and its row locks with it.
PostgreSQL's business alone: a process that SQLite waits for is the only one that writes.
"""
CONNECTIONS, URGENT_CONNECTIONS = 20, 8
"""Kept open per process; under load as many again. Callbacks have their own, whatever an export or a job holds."""
PIECE = 500
"""Rows per write transaction where something is done in bulk (a transaction should stay under 20 ms)."""
CROWD, LOOK_SECONDS = 2, 0.02
"""So many make others wait, and how often those look again."""
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


class Database:
    """Sessions on one database URL.

    `write()` is one transaction that takes the write lock at its start (SQLite: BEGIN IMMEDIATE) and commits at its end;
    `read()` never takes it. No HTTP call, drawing or password hash belongs inside `write()`.
    """

    def __init__(self, url: str, *, urgent_seconds: float = URGENT_SECONDS) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _engine(url, BUSY_SECONDS, CONNECTIONS)
        self._readers = self.engine.execution_options(reader=True)
        self._urgent = _engine(url, urgent_seconds, URGENT_CONNECTIONS)
        self._patience = urgent_seconds
        if not self.is_sqlite:
            event.listen(self._urgent, "connect", partial(_wait_for_locks, seconds=urgent_seconds))
        self._lock: WriteLock | NoLock = WriteLock() if self.is_sqlite else NoLock()
        self.offer: Callable[[Sequence[Offer]], None] | None = None
        self._urgency = Urgency()
        self._group = GroupCommit(lambda: self.write(urgent=True))
        self._hasty = GroupCommit(self.write)
        self._refused: Unwritable | None = None
        """Why the last write could not be made, when that was the disk's doing."""

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Session]:
        """One transaction. An urgent one goes first; it is Busy, or a database error, rather than late."""
        engine, patience = (self._urgent, self._patience) if urgent else (self.engine, None)
        with (
            self._lock.pass_through(urgent or self._urgency.on, patience),
            Session(engine, expire_on_commit=False) as session,
        ):
            try:
                yield session
                offers: list[Offer] = session.info.pop("offers", [])
                session.commit()
            except DBAPIError as error:
                self._refused = why(error) or self._refused
                raise
        self._refused = None
        if offers and self.offer:
            self.offer(offers)

    @contextmanager
    def urgently(self) -> Iterator[None]:
        """What this thread runs meanwhile is urgent, and on SQLite shares a transaction with others that are."""
        self._urgency.on = True
        try:
            yield
        finally:
            self._urgency.on = False

    def run(self, work: Callable[[Session], T], *, urgent: bool = False) -> T:
        """Do `work` in one write transaction, all of it again when the database undid it because of a collision."""
        if self.is_sqlite and self._urgency.on:
            return self._hasty.add(work)
        for attempt in range(1, COLLISION_TRIES + 1):
            try:
                with self.write(urgent=urgent) as session:
                    return work(session)
            except DBAPIError as error:
                if attempt == COLLISION_TRIES or getattr(error.orig, "sqlstate", "") not in COLLISIONS:
                    raise
        raise AssertionError("the last try returned or raised")

    def run_in_pieces(self, work: Callable[[Session], int]) -> int:
        """Do `work` again and again, a short transaction each, until it finds nothing; how many in all.

        Callbacks are stored in between.
        """
        total = 0
        while done := self.run(work):
            total += done
        return total

    def group_commit(self, work: Callable[[Session], T]) -> T:
        """Do `work` in an urgent transaction that it may share with what other threads want written now.

        It returns after the commit. On PostgreSQL, whose writers do not wait for each other, each has its own.
        """
        return self._group.add(work) if self.is_sqlite else self.run(work, urgent=True)

    def yield_to_callbacks(self, seconds: float) -> None:
        """Wait while several threads want their work in one group commit, but not longer than that.

        For work that can wait: with SQLite it shares one processor and one writer with those who are.
        """
        for _ in range(int(seconds / LOOK_SECONDS)):
            if self._group.crowd < CROWD:
                return
            time.sleep(LOOK_SECONDS)

    def unwritable(self) -> Unwritable | None:
        """Why no row can be written at this moment, found without a lock; None when one can, as far as is known."""
        path = make_url(self.url).database
        return (probe(Path(path)) if self.is_sqlite and path else None) or self._refused

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()
        self._urgent.dispose()


def take_turns(session: Session, matter: str) -> None:
    """From here on, transactions on this matter run one after the other. On SQLite all that write do so anyway."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(crc32(matter.encode()))))


def offer(session: Session, box: str, row_id: int, lane: str) -> None:
    """Name a row to the queue once this transaction is committed."""
    session.info.setdefault("offers", []).append(Offer(box, row_id, lane))


def pieces(rows: Sequence[T], size: int = PIECE) -> Iterator[Sequence[T]]:
    """The rows in their order, so many at a time."""
    return (rows[first : first + size] for first in range(0, len(rows), size))


def count(session: Session, model: type[SQLModel], *conditions: ColumnElement[bool] | bool) -> int:
    """How many rows of a table meet all conditions."""
    return session.exec(select(func.count()).select_from(model).where(*conditions)).one()


def count_by(session: Session, column: Any, *conditions: ColumnElement[bool] | bool) -> dict[Any, int]:
    """How many rows for each value of the column."""
    return dict(session.exec(select(column, func.count()).where(*conditions).group_by(column)).all())


def rows_changed(
    session: Session,
    statement: Update | Delete,
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
) -> int:
    """Run an UPDATE or DELETE, once for each set of values where there are several; how many rows it met."""
    result = session.execute(statement, values)
    return result.rowcount if isinstance(result, CursorResult) else 0


def insert_once(
    session: Session, model: type[SQLModel], values: dict[str, Any], *, key: str | Sequence[str] = "key"
) -> int | None:
    """Insert a row unless one with the same key exists; its id, or None when it was there already."""
    columns = (key,) if isinstance(key, str) else tuple(key)
    statement = _insertion(model, columns, session.get_bind().dialect.name)
    return session.execute(statement, {**defaults(model), **values}).scalar_one_or_none()


def insert_missing(
    session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], *, key: Sequence[str]
) -> None:
    """Insert several rows, all with the same fields; those whose key exists stay as they are."""
    if rows:
        statement = _insert(session, model).on_conflict_do_nothing(index_elements=list(key))
        session.execute(statement, [{**defaults(model), **values} for values in rows])


def insert_or_change(
    session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], *, key: Sequence[str]
) -> None:
    """Insert several rows, all with the same fields; those whose key exists get these values."""
    if not rows:
        return
    statement = _insert(session, model)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=changed)
    session.execute(statement, [{**defaults(model), **values} for values in rows])


def _insert(session: Session, model: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """Both know what to do about a row that is there."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(model) if on_sqlite else postgresql.insert(model)


@cache
def _insertion(model: type[SQLModel], columns: tuple[str, ...], dialect: str) -> ReturningInsert[tuple[int]]:
    """Made once: building it takes as long as inserting a row."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    table = model.__table__  # type: ignore[attr-defined]
    return insert(table).on_conflict_do_nothing(index_elements=list(columns)).returning(table.c.id)


def defaults(model: type[SQLModel]) -> dict[str, Any]:
    """Core inserts skip the defaults that the model class declares. Those that a factory makes are made anew."""
    constants, makers = _declared(model)
    return {**constants, **{name: made() for name, made in makers}}


@cache
def _declared(model: type[SQLModel]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    fields = {
        name: field for name, field in model.model_fields.items() if not field.is_required() and name != "id"
    }
    constants = {name: field.default for name, field in fields.items() if not field.default_factory}
    makers = [
        (name, cast("Callable[[], Any]", field.default_factory))
        for name, field in fields.items()
        if field.default_factory
    ]
    return constants, makers


def _engine(url: str, seconds: float, connections: int) -> Engine:
    """Its connections wait so long for another process, and callers so long for a connection."""
    is_sqlite = url.startswith("sqlite")
    waits: dict[str, Any] = (
        {"timeout": seconds, "check_same_thread": False}
        if is_sqlite
        else {
            "connect_timeout": max(2, int(seconds)),
            "options": f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s",
        }
    )
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=seconds,
        pool_pre_ping=not is_sqlite,
        connect_args=waits,
        hide_parameters=True,  # an error's text ends in logs and on pages; what was written does not
    )
    if is_sqlite:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own implicit BEGIN lost 88 % of read-then-write updates
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _wait_for_locks(connection: Any, _record: object, *, seconds: float) -> None:
    connection.execute(f"SET lock_timeout = {int(seconds * 1000)}")
    connection.commit()


def _begin(connection: Connection) -> None:
    reader = connection.get_execution_options().get("reader")
    connection.exec_driver_sql("BEGIN" if reader else "BEGIN IMMEDIATE")
