"""The nouns of Onetap with their rules and queries: no Flask, no HTTP, no Pillow, and the clock only as an argument."""

from models import db as _db  # noqa: F401, I001  the naming convention must be set before any table
from models import (
    accounts,
    announcements,
    campaigns,
    codes,
    friends,
    groups,
    holds,
    inbox,
    org,
    outbox,
    pictures,
    robots,
    timetable,
)

__all__ = [
    "accounts", "announcements", "campaigns", "codes", "friends", "groups", "holds", "inbox", "org",
    "outbox", "pictures", "robots", "timetable",
]
