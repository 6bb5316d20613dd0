"""Who uploaded a picture; and what people wrote to the robot and the app is kept no longer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture_owner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_picture_owner_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["picture.id"], name=op.f("fk_picture_owner_picture_id_picture")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_owner")),
        sa.UniqueConstraint("picture_id", "account_id", name=op.f("uq_picture_owner_picture_id_account_id")),
    )
    _forget_what_was_said()
    op.create_index(op.f("ix_picture_owner_account_id"), "picture_owner", ["account_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_picture_owner_account_id"), table_name="picture_owner")
    op.drop_table("picture_owner")


def _forget_what_was_said() -> None:
    """Earlier versions kept it for 30 days. What waits for a person stays as it is."""
    op.execute(
        "UPDATE inbox SET body = '', reply = '', trace = '' WHERE status <> 'parked'"
        " AND (kind LIKE 'message.%' OR (source = 'robot' AND kind NOT LIKE 'robot.event.%'))"
    )
