"""Both databases as SQLAlchemy knows them, but that SQL is compiled once per run.

Most tests open a database of their own, and would compile what all of them say anew: a third of their time.
"""

from typing import Any, ClassVar

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite


class Remembered:
    """What one engine compiled is good for every other of its kind: SQLAlchemy looks it up by statement and dialect."""

    compiled: ClassVar[dict[Any, Any]] = {}

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls.compiled)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class SQLite(Remembered, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class PostgreSQL(Remembered, PGDialect_psycopg):
    supports_statement_cache = True


def remember() -> None:
    registry.register("sqlite", __name__, "SQLite")
    registry.register("postgresql.psycopg", __name__, "PostgreSQL")
