"""Moves of campaigns in the calendar, and the slots that HQ opens to branches."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "campaign_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("launch_at", moment(), nullable=False),
        sa.Column("ends_at", moment(), nullable=False),
        sa.Column("status", text(length=16), nullable=False),
        sa.Column("status_words", sa.String(), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("to_launch_at", moment(), nullable=False),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("undone_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_move_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_move")),
    )
    op.create_index(op.f("ix_campaign_move_campaign_id"), "campaign_move", ["campaign_id"])
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("begins_at", moment(), nullable=False),
        sa.Column("ends_at", moment(), nullable=False),
        sa.Column("submit_by", moment(), nullable=False),
        sa.Column("branches", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("note", text(length=60), nullable=False),
        sa.Column("opened_by", text(length=64), nullable=False),
        sa.Column("opened_at", moment(), nullable=False),
        sa.Column("closed_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_slot_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
    )
    for column in ("begins_at", "campaign_id"):
        op.create_index(op.f(f"ix_slot_{column}"), "slot", [column])
    op.create_table(
        "slot_fill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_fill_slot_id_slot")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_slot_fill_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_slot_fill_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_fill")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_slot_fill_campaign_id")),
        sa.UniqueConstraint("slot_id", "branch_id", name=op.f("uq_slot_fill_slot_id_branch_id")),
    )
    op.create_table(
        "variant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("text", text(length=4000), nullable=False),
        sa.Column("headline", text(length=64), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("by_key", text(length=80), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("decided_by", text(length=64), nullable=False),
        sa.Column("decided_at", moment(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_variant_slot_id_slot")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_variant_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_variant_branch_id_branch")),
        sa.ForeignKeyConstraint(["picture_id"], ["picture.id"], name=op.f("fk_variant_picture_id_picture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("slot_id", "branch_id", name=op.f("uq_variant_slot_id_branch_id")),
    )
    op.create_index(op.f("ix_variant_campaign_id"), "variant", ["campaign_id"])


def downgrade() -> None:
    op.drop_table("variant")
    op.drop_table("slot_fill")
    op.drop_table("slot")
    op.drop_table("campaign_move")
