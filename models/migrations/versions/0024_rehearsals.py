"""Rehearsals: the 【测试】 sends of a campaign."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
POINTS_TO = {"campaign_id": "campaign", "guide_id": "guide", "account_id": "account", "sample_id": "guide"}


def upgrade() -> None:
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", text(length=24), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("sample_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("opened_at", moment(), nullable=True),
        sa.Column("withdrawn_at", moment(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_rehearsal_{column}_{table}"))
            for column, table in POINTS_TO.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
        sa.UniqueConstraint("code", name=op.f("uq_rehearsal_code")),
    )
    op.create_index(op.f("ix_rehearsal_campaign_id"), "rehearsal", ["campaign_id"])


def downgrade() -> None:
    op.drop_table("rehearsal")
