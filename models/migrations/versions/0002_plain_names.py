"""Tables and columns under the names that readers know."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = (
    ("outbox", "noun_id", "subject_id"),
    ("task", "said_at", "reported_at"),
    ("task", "carded_at", "card_sent_at"),
    ("task", "audience", "customer_count"),
    ("task", "unsendable", "refused_count"),
)
TABLES = (
    ("note", "preference", ("key", "value")),
    ("repeat", "idempotency_key", ("key", "body_hash", "status", "answer", "created_at")),
    ("tick", "job_run", ("plan", "due_at", "started_at", "ended_at", "outcome", "failed")),
    (
        "signed_in",
        "login_session",
        ("realm", "token_hash", "user_id", "guide_id", "csrf", "created_at", "expires_at"),
    ),
)
GUARD = ("brand.brake_percent", "brand.removal_guard_percent")
text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    rename_columns(*COLUMNS)
    op.drop_index("ix_outbox_noun_id", "outbox")
    op.create_index("ix_outbox_subject_id", "outbox", ["subject_id"])
    make_tables()
    for old, new, columns in TABLES:
        move(old, new, columns)
    rename_key(*GUARD)


def downgrade() -> None:
    rename_key(*reversed(GUARD))
    make_old_tables()
    for old, new, columns in TABLES:
        move(new, old, columns)
    op.drop_index("ix_outbox_subject_id", "outbox")
    rename_columns(*((table, new, old) for table, old, new in COLUMNS))
    op.create_index("ix_outbox_noun_id", "outbox", ["noun_id"])


def rename_columns(*renames: tuple[str, str, str]) -> None:
    """Both databases do this in place, without copying the rows."""
    for table, old, new in renames:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def move(old: str, new: str, columns: tuple[str, ...]) -> None:
    """Nothing points at the ids of these tables, so their rows get new ones."""
    named = ", ".join(columns)
    op.execute(f"INSERT INTO {new} ({named}) SELECT {named} FROM {old}")
    op.drop_table(old)


def rename_key(old: str, new: str) -> None:
    op.execute(f"UPDATE preference SET key = '{new}' WHERE key = '{old}'")


def make_tables() -> None:
    make_key_value("preference")
    make_answers("idempotency_key")
    make_runs("job_run")
    make_sessions("login_session")


def make_old_tables() -> None:
    make_key_value("note")
    make_answers("repeat")
    make_runs("tick")
    make_sessions("signed_in")


def make_key_value(name: str) -> None:
    op.create_table(
        name,
        sa.Column("key", text(length=64), nullable=False),
        sa.Column("value", text(length=4000), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{name}")),
    )


def make_answers(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", text(length=200), nullable=False),
        sa.Column("body_hash", text(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", text(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{name}_key")),
    )


def make_runs(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", text(length=64), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("started_at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("outcome", text(length=300), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("plan", "due_at", name=op.f(f"uq_{name}_plan_due_at")),
    )
    op.create_index(op.f(f"ix_{name}_due_at"), name, ["due_at"])
    op.create_index(op.f(f"ix_{name}_plan"), name, ["plan"])


def make_sessions(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("realm", text(length=8), nullable=False),
        sa.Column("token_hash", text(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("guide_id", sa.Integer(), nullable=True),
        sa.Column("csrf", text(length=64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f(f"fk_{name}_guide_id_guide")),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f(f"fk_{name}_user_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{name}_token_hash")),
    )
    op.create_index(op.f(f"ix_{name}_guide_id"), name, ["guide_id"])
    op.create_index(op.f(f"ix_{name}_user_id"), name, ["user_id"])
