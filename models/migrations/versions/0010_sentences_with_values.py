"""Sentences keep their values apart, so their columns have no length of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = {
    "announcement": {"status_words": 300},
    "announcement_group": {"skipped": 300},
    "audit": {"detail": 500},
    "campaign": {"status_words": 300},
    "closed_window": {"words": 300},
    "entry_code": {"reason": 300},
    "exclusion": {"words": 300},
    "friend": {"reason": 300},
    "inbox": {"decision": 300, "error": 300},
    "job_run": {"outcome": 300},
    "outbox": {"target": 128, "why": 128, "reason": 300},
    "robot": {"reason": 300},
    "task": {"skipped": 300},
}
"""Table → its columns of sentences, with the lengths of before"""


def upgrade() -> None:
    _alter(sa.String())


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, length in columns.items():
            op.execute(f"UPDATE {table} SET {name} = substr({name}, 1, {length})")
    _alter(None)


def _alter(wanted: sa.String | None) -> None:
    """SQLite looks at no length."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, columns in COLUMNS.items():
        for name, length in columns.items():
            op.alter_column(table, name, type_=wanted or sa.String(length))
