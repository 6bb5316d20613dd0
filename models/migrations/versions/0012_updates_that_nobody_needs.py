"""What the platform could not take of a card's or a code's update, before that had a status of its own: 不用更新."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NO_CODE = 60140
"""Used up, or too old"""


def upgrade() -> None:
    op.execute(
        "UPDATE outbox SET status = 'needless' WHERE status = 'not_sent' AND ("
        f"channel = 'card_update' AND (errcode IS NULL OR errcode = {NO_CODE})"
        " OR channel = 'contact_way' AND reason = '渠道码还没有建好，不用更新')"
    )


def downgrade() -> None:
    op.execute("UPDATE outbox SET status = 'not_sent' WHERE status = 'needless'")
