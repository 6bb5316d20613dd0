"""Two columns get the name of what they hold: a robot's key is encrypted, a session belongs to an account."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("robot", "sealed_key", new_column_name="encrypted_key")
    rename_owner("user_id", "account_id")


def downgrade() -> None:
    op.alter_column("robot", "encrypted_key", new_column_name="sealed_key")
    rename_owner("account_id", "user_id")


def rename_owner(old: str, new: str) -> None:
    """The key and the index of a session's account are named after its column."""
    table = "login_session"
    with op.batch_alter_table(table) as batch:
        batch.drop_index(op.f(f"ix_{table}_{old}"))
        batch.drop_constraint(op.f(f"fk_{table}_{old}_account"), type_="foreignkey")
        batch.alter_column(old, new_column_name=new)
    with op.batch_alter_table(table) as batch:
        batch.create_foreign_key(op.f(f"fk_{table}_{new}_account"), "account", [new], ["id"])
        batch.create_index(op.f(f"ix_{table}_{new}"), [new])
