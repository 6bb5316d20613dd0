"""A store manager wants one guide reminded of one task."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("remind_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_index(op.f("ix_task_remind_at"), "task", ["remind_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_task_remind_at"), "task")
    op.drop_column("task", "remind_at")
