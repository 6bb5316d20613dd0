"""What the directory last said of each member and department is kept, and which userids somebody had before."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("heard_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    op.create_table(
        "directory_entry",
        sa.Column("heard", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("userid", text(length=64), nullable=False),
        sa.Column("userid_key", text(length=64), nullable=False),
        sa.Column("name", text(length=64), nullable=False),
        sa.Column("avatar_url", text(length=500), nullable=False),
        sa.Column("departments", sa.JSON(), nullable=False),
        sa.Column("main_department", sa.Integer(), nullable=True),
        sa.Column("leads", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("present", sa.Boolean(), nullable=True),
        sa.Column("listed_at", moment(), nullable=True),
        sa.Column("told_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_entry")),
        sa.UniqueConstraint("userid_key", name=op.f("uq_directory_entry_userid_key")),
    )
    op.create_table(
        "former_userid",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("userid_key", text(length=64), nullable=False),
        sa.Column("userid", text(length=64), nullable=False),
        sa.Column("renamed_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_userid")),
        sa.UniqueConstraint("userid_key", name=op.f("uq_former_userid_userid_key")),
    )
    op.add_column("group_chat", sa.Column("changed_at", moment(), nullable=True))


def downgrade() -> None:
    op.drop_column("group_chat", "changed_at")
    op.drop_table("former_userid")
    op.drop_table("directory_entry")
    op.drop_table("department")
