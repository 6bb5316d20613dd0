"""What was submitted for approval is kept as a version, with who decided what; and who changed a plan since."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", text(length=64), nullable=False),
        sa.Column("by_key", text(length=80), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("decided_by", text(length=64), nullable=False),
        sa.Column("decided_key", text(length=80), nullable=False),
        sa.Column("decided_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_submission_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_submission_campaign_id_number")),
    )
    op.add_column("campaign", sa.Column("editors", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.execute("UPDATE campaign SET status = 'draft' WHERE status IN ('submitted', 'approved')")
    op.drop_column("campaign", "editors")
    op.drop_table("submission")
