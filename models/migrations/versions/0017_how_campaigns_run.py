"""How a campaign runs: its rules, the small part that goes first, and since when failures count."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.add_column("campaign", sa.Column("rules", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("campaign", sa.Column("pilot_at", moment(), nullable=True))
    op.add_column(
        "campaign", sa.Column("pilot_asked", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("campaign", sa.Column("pilot_over_at", moment(), nullable=True))
    op.add_column("campaign", sa.Column("resumed_at", moment(), nullable=True))
    op.add_column("task", sa.Column("pilot", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("task", "pilot")
    for name in ("resumed_at", "pilot_over_at", "pilot_asked", "pilot_at", "rules"):
        op.drop_column("campaign", name)
