"""Alembic's entry: migrations run on the program's own engine, with its transaction rules."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection

import models  # noqa: F401  every table must be known
from models.db import Database, metadata

database: Database = context.config.attributes["database"]


@contextmanager
def tables_replaced(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew, which it does not allow while other rows point to it."""
    if not database.is_sqlite:
        yield
        return
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


with database.engine.connect() as connection, tables_replaced(connection):
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=database.is_sqlite, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()
        if database.is_sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"a migration left rows that point to nothing: {lost[:5]}")
    connection.commit()
