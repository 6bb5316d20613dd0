"""Who runs the timetable when several schedulers are started."""

import logging
import threading
from contextlib import suppress
from typing import Protocol

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from models.db import Database

LOCK = 0x6F6E65746170
"""The advisory lock of the timetable: the letters of "onetap"."""

log = logging.getLogger("onetap.leader")


class Leader(Protocol):
    alone: bool
    """No other process can be in the middle of a run: an unfinished one is a dead one."""

    def leads(self) -> bool:
        """Does this process run the timetable now? Asked before every run."""

    def resign(self) -> None: ...


class OnlyOne:
    """On SQLite a second program cannot even start: the file lock of the embedded mode has decided."""

    alone = True

    def leads(self) -> bool:
        return True

    def resign(self) -> None: ...


class AdvisoryLock:
    """PostgreSQL gives the lock to one connection, and takes it back when that connection ends.

    The connection is its own, outside every pool: a pooled one would carry the lock to other work, or lose it there.
    """

    alone = False

    def __init__(self, url: str) -> None:
        options = {
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "connect_timeout": 5,
        }
        self._engine = create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options
        )
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def leads(self) -> bool:
        with self._lock:
            try:
                return self._holds()
            except SQLAlchemyError as error:
                log.warning("the leader's connection is gone: %s", type(error).__name__)
                self._drop()
                return False

    def resign(self) -> None:
        with self._lock:
            if self._connection is not None:
                # given back in words: a closed connection is noticed a moment later
                with suppress(SQLAlchemyError):
                    self._connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            self._drop()
            self._engine.dispose()

    def _holds(self) -> bool:
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))  # the lock lives as long as the connection
            return True
        connection = self._engine.connect()
        if connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def leader_of(db: Database) -> Leader:
    return OnlyOne() if db.is_sqlite else AdvisoryLock(db.url)
