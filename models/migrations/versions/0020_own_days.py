"""Days that HQ added to the calendar."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "own_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", text(length=12), nullable=False),
        sa.Column("rest", sa.Boolean(), nullable=True),
        sa.Column("added_by", text(length=64), nullable=False),
        sa.Column("added_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_day")),
        sa.UniqueConstraint("day", name=op.f("uq_own_day_day")),
    )


def downgrade() -> None:
    op.drop_table("own_day")
