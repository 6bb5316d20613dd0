"""Notes of ours leave the stored requests for a column of their own."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OLD_KEY = "onetap"
PIECE = 500
outbox = sa.table(
    "outbox", sa.column("id", sa.Integer), sa.column("request", sa.JSON), sa.column("notes", sa.JSON)
)
Json = dict[str, Any]


def upgrade() -> None:
    op.add_column("outbox", sa.Column("notes", sa.JSON(), nullable=False, server_default="{}"))
    rewrite(outbox.c.request, OLD_KEY, taken_out)


def downgrade() -> None:
    rewrite(outbox.c.notes, ":", put_in)
    op.drop_column("outbox", "notes")


def taken_out(request: Json, _notes: Json) -> tuple[Json, Json]:
    return {name: value for name, value in request.items() if name != OLD_KEY}, request.get(OLD_KEY) or {}


def put_in(request: Json, notes: Json) -> tuple[Json, Json]:
    return {**request, OLD_KEY: notes}, notes


def rewrite(
    column: sa.ColumnClause[Any], having: str, change: Callable[[Json, Json], tuple[Json, Json]]
) -> None:
    """Row by row, because a database that rewrites JSON may order it anew, and a repeat has to be the same bytes."""
    connection, last = op.get_bind(), 0
    text = sa.cast(column, sa.Text)
    while True:
        query = sa.select(outbox).where(outbox.c.id > last, text.contains(having)).order_by(outbox.c.id)
        rows = connection.execute(query.limit(PIECE)).all()
        if not rows:
            return
        for number, request, notes in rows:
            changed = change(request or {}, notes)
            if changed != (request, notes):
                values = dict(zip(("request", "notes"), changed, strict=True))
                connection.execute(outbox.update().where(outbox.c.id == number).values(values))
        last = rows[-1].id
