"""Entry codes of branches and channels, what they cost and should bring; cities and closed stores; who rests; why /near showed whom."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

text = sqlmodel.sql.sqltypes.AutoString
COLUMNS = ("leads_to", "branch_id", "via_id", "place", "cost_cents", "target", "valid_until")
NOUNS = {"code_id": "entry_code", "store_id": "store"}


def upgrade() -> None:
    with op.batch_alter_table("entry_code") as table:
        table.add_column(sa.Column("leads_to", sa.String(length=8), nullable=False, server_default="users"))
        table.add_column(sa.Column("branch_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("via_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("place", text(length=20), nullable=False, server_default=""))
        table.add_column(sa.Column("cost_cents", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("target", sa.Integer(), nullable=True))
        table.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
        table.create_foreign_key(op.f("fk_entry_code_branch_id_branch"), "branch", ["branch_id"], ["id"])
        table.create_foreign_key(op.f("fk_entry_code_via_id_entry_code"), "entry_code", ["via_id"], ["id"])
        table.create_index(op.f("ix_entry_code_branch_id"), ["branch_id"])
        table.create_index(op.f("ix_entry_code_via_id"), ["via_id"])
    with op.batch_alter_table("entry_code") as table:
        for column in ("leads_to", "place", "cost_cents"):
            table.alter_column(column, server_default=None)
    with op.batch_alter_table("store") as table:
        table.add_column(sa.Column("city", text(length=32), nullable=False, server_default=""))
        table.add_column(sa.Column("closed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("store") as table:
        table.alter_column("city", server_default=None)
        table.alter_column("closed", server_default=None)
    with op.batch_alter_table("guide") as table:
        table.add_column(sa.Column("resting", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("guide") as table:
        table.alter_column("resting", server_default=None)

    with op.batch_alter_table("shown_code") as table:
        for column in ("code_id", "store_id"):
            table.add_column(sa.Column(column, sa.Integer(), nullable=True))
            noun = NOUNS[column]
            table.create_foreign_key(op.f(f"fk_shown_code_{column}_{noun}"), noun, [column], ["id"])
        table.add_column(sa.Column("found_by", sa.String(length=16), nullable=False, server_default="code"))
        table.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("counts", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("shown_code") as table:
        for column in ("found_by", "reason", "counts"):
            table.alter_column(column, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("shown_code") as table:
        for column, noun in NOUNS.items():
            table.drop_constraint(op.f(f"fk_shown_code_{column}_{noun}"), type_="foreignkey")
        for column in ("code_id", "store_id", "found_by", "reason", "counts"):
            table.drop_column(column)
    with op.batch_alter_table("guide") as table:
        table.drop_column("resting")
    with op.batch_alter_table("store") as table:
        table.drop_column("closed")
        table.drop_column("city")
    with op.batch_alter_table("entry_code") as table:
        for column in ("branch_id", "via_id"):
            table.drop_index(op.f(f"ix_entry_code_{column}"))
        table.drop_constraint(op.f("fk_entry_code_branch_id_branch"), type_="foreignkey")
        table.drop_constraint(op.f("fk_entry_code_via_id_entry_code"), type_="foreignkey")
        for column in COLUMNS:
            table.drop_column(column)
