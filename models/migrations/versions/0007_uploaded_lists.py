"""Lists that wait between the look at them and the yes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE = "uploaded_list"
text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", text(length=32), nullable=False),
        sa.Column("noun", text(length=16), nullable=False),
        sa.Column("name", text(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploaded_list")),
        sa.UniqueConstraint("code", name=op.f("uq_uploaded_list_code")),
    )
    with op.batch_alter_table(TABLE) as batch:
        batch.create_index(batch.f("ix_uploaded_list_account_id"), ["account_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
