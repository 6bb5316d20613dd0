"""A small database to back up, and its file spoilt."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from models.campaigns import Campaign
from models.db import Database
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from tests.cast import NOW


def fill(database: Database) -> None:
    with database.write() as session:
        for number, status in enumerate((OutboxStatus.QUEUED, OutboxStatus.CALLING, OutboxStatus.SENT)):
            outbox.put(session, "notice", f"key-{number}", now=NOW, status=status, target="王芳")
        session.add(
            Campaign(
                name="初雪",
                status="scheduled",
                launch_at=NOW,
                ends_at=NOW + timedelta(hours=8),
                created_at=NOW,
            )
        )


def statuses(database: Database) -> list[str]:
    with database.read() as session:
        return [row.status for row in session.exec(select(Outbox).order_by(Outbox.id))]


def spoil(file: Path, at: float = 0.5, length: int = 3 * 4096) -> None:
    """Some pages in the middle say nonsense."""
    with file.open("r+b") as content:
        content.seek(int(file.stat().st_size * at) // 4096 * 4096)
        content.write(b"\xa5" * length)
