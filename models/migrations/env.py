"""Alembic's entry: migrations run on the program's own engine, with its transaction rules."""

from alembic import context

import models  # noqa: F401  every table must be known
from models.db import Database, metadata

database: Database = context.config.attributes["database"]
with database.engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=database.is_sqlite, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
