"""Columns that were written and never read go: they told nothing that another row does not tell."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.drop_column("campaign", "reminded_at")
    op.drop_column("task", "media_at")
    op.drop_column("group_chat", "member_version")


def downgrade() -> None:
    """They come back empty: when a campaign's reminders left is in the audit, when a task's picture left in the outbox."""
    op.add_column("campaign", sa.Column("reminded_at", moment(), nullable=True))
    op.add_column("task", sa.Column("media_at", moment(), nullable=True))
    op.add_column(
        "group_chat", sa.Column("member_version", text(length=64), nullable=False, server_default="")
    )
