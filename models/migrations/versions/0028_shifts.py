"""Days on which a guide is off or has hours of her own."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

text = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("opens", text(length=5), nullable=False),
        sa.Column("closes", text(length=5), nullable=False),
        sa.Column("note", text(length=40), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_shift_guide_id_guide")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint("guide_id", "day", name=op.f("uq_shift_guide_id_day")),
    )
    op.create_index(op.f("ix_shift_day"), "shift", ["day"])


def downgrade() -> None:
    op.drop_table("shift")
