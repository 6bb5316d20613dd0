"""Conditions and purpose of a campaign, the kind of a reason not to contact, and an index that holds a guide's friends."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("conditions", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column(
        "campaign", sa.Column("purpose", sa.String(length=8), nullable=False, server_default="deal")
    )
    op.add_column("exclusion", sa.Column("kind", sa.String(length=16), nullable=False, server_default=""))
    op.create_index("ix_friend_sets", "friend", ["owner_id", "status", "customer_id"])
    op.drop_index("ix_friend_owner_id", "friend")


def downgrade() -> None:
    op.create_index("ix_friend_owner_id", "friend", ["owner_id"])
    op.drop_index("ix_friend_sets", "friend")
    op.drop_column("exclusion", "kind")
    op.drop_column("campaign", "purpose")
    op.drop_column("campaign", "conditions")
