"""Moments: jobs of the platform that are read back, and what was said of a guide's post."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "moment_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("first_task", sa.Integer(), nullable=False),
        sa.Column("last_task", sa.Integer(), nullable=False),
        sa.Column("jobid", text(length=64), nullable=False),
        sa.Column("moment_id", text(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("told_at", moment(), nullable=True),
        sa.Column("poll_at", moment(), nullable=False),
        sa.Column("settled_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_moment_job_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moment_job")),
        sa.UniqueConstraint("campaign_id", "part", name=op.f("uq_moment_job_campaign_id_part")),
    )
    for name in ("moment_id", "poll_at", "settled_at"):
        op.create_index(op.f(f"ix_moment_job_{name}"), "moment_job", [name])
    with op.batch_alter_table("task") as batch:
        for name in ("likes", "comments"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("task") as batch:
        for name in ("likes", "comments"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("task") as batch:
        batch.drop_column("comments")
        batch.drop_column("likes")
    op.drop_table("moment_job")
