"""Campaigns that come again by a rule."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", text(length=40), nullable=False),
        sa.Column("repeat", sa.JSON(), nullable=False),
        sa.Column("zone", text(length=64), nullable=False),
        sa.Column("first_at", moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("stopped_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_series_created_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_stopped_at"), "series", ["stopped_at"])
    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_occurrence_series_id_series")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_occurrence_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("series_id", "due_at", name=op.f("uq_occurrence_series_id_due_at")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_occurrence_campaign_id")),
    )
    op.create_index(op.f("ix_occurrence_series_id"), "occurrence", ["series_id"])


def downgrade() -> None:
    op.drop_table("occurrence")
    op.drop_table("series")
