"""A second text for some customers of a campaign."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from pyroaring import FrozenBitMap

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

text = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("second_text", text(length=4000), nullable=False, server_default=""))
        batch.add_column(sa.Column("second_percent", sa.Integer(), nullable=False, server_default="50"))
    with op.batch_alter_table("campaign") as batch:
        batch.alter_column("second_text", server_default=None)
        batch.alter_column("second_percent", server_default=None)
    with op.batch_alter_table("task") as batch:
        batch.add_column(sa.Column("second_text", text(length=4000), nullable=False, server_default=""))
        batch.add_column(sa.Column("second_count", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("task") as batch:
        batch.alter_column("second_text", server_default=None)
        batch.alter_column("second_count", server_default=None)
    op.add_column("campaign_audience", sa.Column("second", sa.LargeBinary(), nullable=True))
    nobody = sa.text("UPDATE campaign_audience SET second = :nobody").bindparams(
        nobody=FrozenBitMap().serialize()
    )
    op.execute(nobody)
    with op.batch_alter_table("campaign_audience") as batch:
        batch.alter_column("second", existing_type=sa.LargeBinary(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("campaign_audience") as batch:
        batch.drop_column("second")
    for table, names in (
        ("task", ("second_count", "second_text")),
        ("campaign", ("second_percent", "second_text")),
    ):
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_column(name)
