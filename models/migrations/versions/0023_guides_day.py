"""A guide's day: one message for many cards, opening hours, urgent campaigns."""

import json

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OPEN = "('queued', 'calling', 'held', 'unknown')"
text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "card_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_key", text(length=128), nullable=False),
        sa.Column("code", text(length=128), nullable=False),
        sa.Column("code_at", moment(), nullable=True),
        sa.Column("created_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_message")),
        sa.UniqueConstraint("task_key", name=op.f("uq_card_message_task_key")),
    )
    op.create_index(op.f("ix_card_message_code_at"), "card_message", ["code_at"])
    _keep_keys()
    _keep_calls()
    with op.batch_alter_table("card") as batch:
        batch.add_column(sa.Column("due_at", moment(), nullable=True))
        batch.add_column(sa.Column("since", moment(), nullable=True))
        batch.add_column(sa.Column("waits", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("message_id", sa.Integer(), nullable=True))
        batch.drop_constraint(op.f("uq_card_task_key"), type_="unique")
        batch.drop_column("task_key")
    op.execute("UPDATE card SET message_id = id")
    # nothing is taken back any more, and what it tidied is long gone
    op.execute("DELETE FROM outbox WHERE channel = 'card_recall'")
    with op.batch_alter_table("card") as batch:
        batch.alter_column("waits", server_default=None)
        batch.create_foreign_key(
            op.f("fk_card_message_id_card_message"), "card_message", ["message_id"], ["id"]
        )
        batch.create_index(op.f("ix_card_due_at"), ["due_at"])
        batch.create_index(op.f("ix_card_message_id"), ["message_id"])
    with op.batch_alter_table("store") as batch:
        for name in ("opens", "closes"):
            batch.add_column(sa.Column(name, text(length=5), nullable=False, server_default=""))
    with op.batch_alter_table("campaign") as batch:
        batch.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("store") as batch:
        for name in ("opens", "closes"):
            batch.alter_column(name, server_default=None)
    with op.batch_alter_table("campaign") as batch:
        batch.alter_column("urgent", server_default=None)


def _keep_keys() -> None:
    """Each card that was ever made has a message of the same number, so that its deliveries name it still."""
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "INSERT INTO card_message (id, task_key, code, created_at)"
            " SELECT id, task_key, '', created_at FROM card"
        )
    )
    if bind.dialect.name == "postgresql":
        bind.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('card_message', 'id'),"
                " (SELECT coalesce(max(id), 0) + 1 FROM card_message), false)"
            )
        )
    for number, key, codes in bind.execute(sa.text("SELECT id, task_key, codes FROM card")).all():
        known = json.loads(codes) if isinstance(codes, str) else codes
        if known:
            keyed = json.dumps([{**one, "key": key} for one in known])
            bind.execute(
                sa.text("UPDATE card SET codes = :codes WHERE id = :id"), {"codes": keyed, "id": number}
            )


def _keep_calls() -> None:
    """What is on its way, or in doubt, lands as this version expects."""
    bind = op.get_bind()
    calls = sa.text(
        "SELECT outbox.id, subject_id, payload, notes, task_key FROM outbox JOIN card ON card.id = subject_id"
        f" WHERE channel IN ('card', 'card_update') AND status IN {OPEN}"
    )
    for number, card, *values, key in bind.execute(calls).all():
        payload, notes = (json.loads(one) if isinstance(one, str) else one for one in values)
        known = {"cards": {str(card): notes["version"]}} if "version" in notes else {}
        bind.execute(
            sa.text("UPDATE outbox SET payload = :payload, notes = :notes WHERE id = :id"),
            {"id": number, "payload": json.dumps({"task_key": key, **payload}), "notes": json.dumps(known)},
        )


def downgrade() -> None:
    _forget_calls()
    with op.batch_alter_table("campaign") as batch:
        batch.drop_column("urgent")
    with op.batch_alter_table("store") as batch:
        batch.drop_column("closes")
        batch.drop_column("opens")
    op.execute("DELETE FROM card WHERE message_id IS NULL")
    with op.batch_alter_table("card") as batch:
        batch.add_column(sa.Column("task_key", text(length=128), nullable=False, server_default=""))
    op.execute(
        "UPDATE card SET task_key = (SELECT m.task_key FROM card_message m WHERE m.id = card.message_id)"
        " || '-' || card.id"
    )
    with op.batch_alter_table("card") as batch:
        batch.alter_column("task_key", server_default=None)
        batch.create_unique_constraint(op.f("uq_card_task_key"), ["task_key"])
        batch.drop_index(op.f("ix_card_message_id"))
        batch.drop_index(op.f("ix_card_due_at"))
        batch.drop_constraint(op.f("fk_card_message_id_card_message"), type_="foreignkey")
        for name in ("message_id", "waits", "since", "due_at"):
            batch.drop_column(name)
    op.drop_table("card_message")


def _forget_calls() -> None:
    """The version before knows no message for many, and not this reminder."""
    op.execute(f"UPDATE outbox SET status = 'cancelled' WHERE channel = 'card' AND status IN {OPEN}")
    op.execute(
        "UPDATE outbox SET subject_id = (SELECT min(c.id) FROM card c WHERE c.message_id = outbox.subject_id)"
        " WHERE channel = 'card'"
    )
    op.execute("DELETE FROM outbox WHERE channel = 'mass_remind'")
