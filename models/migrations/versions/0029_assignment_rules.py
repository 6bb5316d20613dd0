"""Assignment rules as data, which of them decided about a friend, and since when somebody waits to be claimed."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("made_by", text(length=64), nullable=False),
        sa.Column("changed_at", moment(), nullable=False),
        sa.Column("live_at", moment(), nullable=True),
        sa.Column("over_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_rule_set_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_set_version")),
    )
    for column in ("branch_id", "status"):
        op.create_index(op.f(f"ix_rule_set_{column}"), "rule_set", [column])
    op.create_table(
        "attribution_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("friend_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=True),
        sa.Column("store_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{noun}_id"], [f"{noun}.id"], name=op.f(f"fk_attribution_change_{noun}_id_{noun}")
            )
            for noun in ("friend", "guide", "store", "branch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_change")),
    )
    op.create_table(
        "shown_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("taken_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_shown_code_guide_id_guide")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_code")),
    )
    op.create_index("ix_shown_code_waiting", "shown_code", ["guide_id", "taken_at", "at"])
    for column in ("friend_id", "guide_id"):
        op.create_index(op.f(f"ix_attribution_change_{column}"), "attribution_change", [column])
    with op.batch_alter_table("customer") as batch:
        batch.add_column(sa.Column("own_guide_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_customer_own_guide_id_guide"), "guide", ["own_guide_id"], ["id"])
        batch.create_index(op.f("ix_customer_own_guide_id"), ["own_guide_id"])
    with op.batch_alter_table("friend") as batch:
        batch.add_column(sa.Column("rules_version", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("unclaimed_at", moment(), nullable=True))
        batch.create_index(op.f("ix_friend_unclaimed_at"), ["unclaimed_at"])
    with op.batch_alter_table("friend") as batch:
        batch.alter_column("rules_version", server_default=None)
    op.execute("UPDATE friend SET unclaimed_at = added_at WHERE guide_id IS NULL AND status != 'lost'")


def downgrade() -> None:
    with op.batch_alter_table("friend") as batch:
        batch.drop_index(op.f("ix_friend_unclaimed_at"))
        batch.drop_column("unclaimed_at")
        batch.drop_column("rules_version")
    with op.batch_alter_table("customer") as batch:
        batch.drop_index(op.f("ix_customer_own_guide_id"))
        batch.drop_constraint(op.f("fk_customer_own_guide_id_guide"), type_="foreignkey")
        batch.drop_column("own_guide_id")
    op.drop_table("shown_code")
    op.drop_table("attribution_change")
    op.drop_table("rule_set")
