"""In which lane an event waits: the newest new friend is greeted first, whatever came before her."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbox") as table:
        table.add_column(sa.Column("lane", sa.String(length=16), nullable=False, server_default="inbox"))


def downgrade() -> None:
    with op.batch_alter_table("inbox") as table:
        table.drop_column("lane")
