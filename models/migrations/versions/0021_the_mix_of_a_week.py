"""What a campaign counts as in the mix of its week, and where HQ allowed more deals."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.add_column(
        "campaign", sa.Column("kind", sa.String(length=8), nullable=False, server_default="content")
    )
    op.create_table(
        "mix_allowance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_mix_allowance_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mix_allowance")),
    )
    op.create_index(op.f("ix_mix_allowance_monday"), "mix_allowance", ["monday"])


def downgrade() -> None:
    op.drop_table("mix_allowance")
    op.drop_column("campaign", "kind")
