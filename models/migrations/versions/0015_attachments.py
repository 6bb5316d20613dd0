"""A campaign has attachments instead of one picture; videos and files are kept; an upload knows what it is for."""

import json

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
CAMPAIGN = sa.table(
    "campaign",
    sa.column("id", sa.Integer),
    sa.column("content", sa.String),
    sa.column("design", sa.String),
    sa.column("poster", sa.JSON),
    sa.column("picture_id", sa.Integer),
    sa.column("attachments", sa.JSON),
)
TEXT, PICTURE, POSTER = "text", "picture", "poster"
WORDS = ("headline", "subline", "price", "note", "occasion", "sentence")


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", text(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("form", text(length=8), nullable=False),
        sa.Column("name", text(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_stored_file_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint(
            "sha256", "account_id", "form", name=op.f("uq_stored_file_sha256_account_id_form")
        ),
    )
    op.create_index(op.f("ix_stored_file_sha256"), "stored_file", ["sha256"])
    op.create_index(op.f("ix_stored_file_account_id"), "stored_file", ["account_id"])
    op.execute("DELETE FROM media")  # a cache: at worst a picture is uploaded once more
    with op.batch_alter_table("media") as batch:
        batch.add_column(sa.Column("use", text(length=16), nullable=False, server_default="image"))
        batch.drop_constraint(op.f("uq_media_sha256"), type_="unique")
        batch.create_unique_constraint(op.f("uq_media_sha256_use"), ["sha256", "use"])
    with op.batch_alter_table("media") as batch:
        batch.alter_column("use", server_default=None)
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("attachments", sa.JSON(), nullable=False, server_default="[]"))
    _fill()
    with op.batch_alter_table("campaign") as batch:
        batch.alter_column("attachments", server_default=None)
        batch.drop_constraint(op.f("fk_campaign_picture_id_picture"), type_="foreignkey")
        for name in ("content", "design", "poster", "picture_id"):
            batch.drop_column(name)


def _fill() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(CAMPAIGN).where(CAMPAIGN.c.content != TEXT)).all():
        attachment: dict[str, object] = {"form": row.content}
        if row.content == POSTER:
            words = {name: row.poster[name] for name in WORDS if row.poster.get(name)}
            attachment |= {"design": row.design, "words": words}
        attachment["picture_id"] = row.picture_id
        connection.execute(CAMPAIGN.update().where(CAMPAIGN.c.id == row.id).values(attachments=[attachment]))


def downgrade() -> None:
    """The first poster or picture is kept; the other attachments have no place in the older tables."""
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("content", text(length=8), nullable=False, server_default="text"))
        batch.add_column(sa.Column("design", text(length=32), nullable=False, server_default=""))
        batch.add_column(sa.Column("poster", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("picture_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_campaign_picture_id_picture"), "picture", ["picture_id"], ["id"])
    connection = op.get_bind()
    for row in connection.execute(sa.select(CAMPAIGN.c.id, CAMPAIGN.c.attachments)).all():
        kept = json.loads(row.attachments) if isinstance(row.attachments, str) else row.attachments
        first = next((one for one in kept if one["form"] in (POSTER, PICTURE)), None)
        if first is not None:
            values = {
                "content": first["form"],
                "design": first.get("design", ""),
                "poster": first.get("words", {}),
                "picture_id": first["picture_id"],
            }
            connection.execute(CAMPAIGN.update().where(CAMPAIGN.c.id == row.id).values(**values))
    with op.batch_alter_table("campaign") as batch:
        for name in ("content", "design", "poster"):
            batch.alter_column(name, server_default=None)
        batch.drop_column("attachments")
    op.execute("DELETE FROM media")
    with op.batch_alter_table("media") as batch:
        batch.drop_constraint(op.f("uq_media_sha256_use"), type_="unique")
        batch.create_unique_constraint(op.f("uq_media_sha256"), ["sha256"])
        batch.drop_column("use")
    op.drop_table("stored_file")
