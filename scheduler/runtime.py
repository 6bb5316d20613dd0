"""What jobs and channels work with: the database, the platform's clients, the rate limits, the poster pool, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from models.db import Database
from models.encryption import Encryption

if TYPE_CHECKING:  # heavy boxes are only named here, so that a process without posters need not load them
    from posters.pool import PosterPool
    from posters.shelf import Shelf
    from scheduler.queue.closed_windows import StoredClosedWindows
    from wecom.client import WorkClient
    from wecom.rate_limits import RateLimits
    from wecom.webhook import WebhookRobot


@dataclass
class Runtime:
    """What jobs and channels are given; made once per process by ops/wiring.py."""

    db: Database
    client: WorkClient
    """The self-built app: messages, customer contact, media."""
    contacts: WorkClient | None
    """The directory-sync secret, where there is one."""
    rate_limits: RateLimits
    closed_windows: StoredClosedWindows
    posters: PosterPool
    robots: WebhookRobot
    encryption: Encryption
    public_url: str
    zone: ZoneInfo
    clock: Callable[[], datetime]
    data_dir: Path
    agent_id: int
    demo: bool = False
    listings: dict[tuple[Any, ...], list[dict[str, Any]]] = field(default_factory=dict)
    """The platform's list of mass messages that the rows of one run share; see scheduler/channels/mass_lookup.py."""

    @cached_property
    def shelf(self) -> Shelf:
        """Where drawn posters lie."""
        from posters.shelf import Shelf

        return Shelf(self.data_dir / "posters", self.posters)
