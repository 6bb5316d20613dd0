"""What a leaver's friends and groups go through on their way to her colleagues."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("message", text(length=200), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("left_at", moment(), nullable=False),
        sa.Column("drafted_at", moment(), nullable=False),
        sa.Column("planned_at", moment(), nullable=True),
        sa.Column("confirmed_at", moment(), nullable=True),
        sa.Column("confirmed_by", text(length=64), nullable=False),
        sa.Column("finished_at", moment(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_at", moment(), nullable=True),
        sa.Column("story", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_handover_guide_id_guide")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_handover_store_id_store")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_handover_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    for column in ("guide_id", "store_id", "branch_id"):
        op.create_index(op.f(f"ix_handover_{column}"), "handover", [column])
    op.create_index("ix_handover_open", "handover", ["status", "id"])
    op.create_table(
        "handover_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.String(), nullable=False),
        sa.Column("retry_at", moment(), nullable=True),
        sa.Column("look_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_handover_share_handover_id_handover")
        ),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_handover_share_guide_id_guide")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_share")),
        sa.UniqueConstraint("handover_id", "guide_id", name=op.f("uq_handover_share_handover_id_guide_id")),
    )
    for column in ("handover_id", "guide_id", "look_at"):
        op.create_index(op.f(f"ix_handover_share_{column}"), "handover_share", [column])
    op.create_table(
        "transferred_friend",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("friend_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("share_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", moment(), nullable=True),
        sa.Column("due_at", moment(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_transferred_friend_handover_id_handover")
        ),
        sa.ForeignKeyConstraint(
            ["friend_id"], ["friend.id"], name=op.f("fk_transferred_friend_friend_id_friend")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_transferred_friend_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(
            ["share_id"], ["handover_share.id"], name=op.f("fk_transferred_friend_share_id_handover_share")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transferred_friend")),
        sa.UniqueConstraint(
            "handover_id", "friend_id", name=op.f("uq_transferred_friend_handover_id_friend_id")
        ),
    )
    op.create_index("ix_transferred_friend_turn", "transferred_friend", ["handover_id", "state", "place"])
    op.create_index("ix_transferred_friend_share", "transferred_friend", ["share_id", "state"])
    for column in ("customer_id", "outbox_id"):
        op.create_index(op.f(f"ix_transferred_friend_{column}"), "transferred_friend", [column])
    op.create_table(
        "handed_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=True),
        sa.Column("done_at", moment(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_handed_group_handover_id_handover")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_chat.id"], name=op.f("fk_handed_group_group_id_group_chat")
        ),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_handed_group_guide_id_guide")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handed_group")),
        sa.UniqueConstraint("handover_id", "group_id", name=op.f("uq_handed_group_handover_id_group_id")),
    )
    for column in ("group_id", "outbox_id"):
        op.create_index(op.f(f"ix_handed_group_{column}"), "handed_group", [column])


def downgrade() -> None:
    for table in ("handed_group", "transferred_friend", "handover_share", "handover"):
        op.drop_table(table)
