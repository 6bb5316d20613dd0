"""The library of materials."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", text(length=40), nullable=False),
        sa.Column("kind", text(length=8), nullable=False),
        sa.Column("status", text(length=16), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("valid_from", moment(), nullable=True),
        sa.Column("valid_until", moment(), nullable=True),
        sa.Column("stock", text(length=8), nullable=False),
        sa.Column("stock_left", sa.Integer(), nullable=True),
        sa.Column("stock_floor", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approved_version", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("changed_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_material_branch_id_branch")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_material_created_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
    )
    for column in ("kind", "status", "branch_id"):
        op.create_index(op.f(f"ix_material_{column}"), "material", [column])
    op.create_table(
        "material_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("material_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", text(length=4000), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("made_by", text(length=64), nullable=False),
        sa.Column("made_key", text(length=80), nullable=False),
        sa.Column("made_at", moment(), nullable=False),
        sa.Column("decision", text(length=16), nullable=False),
        sa.Column("decided_by", text(length=64), nullable=False),
        sa.Column("decided_at", moment(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_version_material_id_material")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_version")),
        sa.UniqueConstraint("material_id", "number", name=op.f("uq_material_version_material_id_number")),
    )
    op.create_index(op.f("ix_material_version_material_id"), "material_version", ["material_id"])


def downgrade() -> None:
    op.drop_table("material_version")
    op.drop_table("material")
