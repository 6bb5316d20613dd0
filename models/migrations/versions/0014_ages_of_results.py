"""How old each guide's result is, and when HQ asked to read them now."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("collected_at", UTCDateTime(), nullable=True))
    op.create_index(op.f("ix_task_collected_at"), "task", ["collected_at"], unique=False)
    op.add_column("campaign", sa.Column("look_wanted_at", UTCDateTime(), nullable=True))
    # before, a task that had never been read had no time; now everything that the platform has is thought of
    op.execute(
        "UPDATE task SET poll_at = ready_at WHERE poll_at IS NULL AND msgid <> '' AND settled_at IS NULL"
    )


def downgrade() -> None:
    op.drop_column("campaign", "look_wanted_at")
    op.drop_index(op.f("ix_task_collected_at"), table_name="task")
    op.drop_column("task", "collected_at")
