"""Quiet hours: at night nothing starts by itself and nothing goes on; what falls into them waits until morning (E07)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import preferences
from models.preferences import Preferences
from models.sentences import Sentence


def allowed_from(session: Session, at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself, or, where it lies in the quiet hours, the moment when they end."""
    return quiet_until(preferences.read(session), at, zone) or at


def quiet_until(chosen: Preferences, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours end that `at` lies in; None outside them. They may pass midnight."""
    begin, end, local = chosen.quiet_from, chosen.quiet_to, at.astimezone(zone)
    if begin == end:
        return None
    inside = begin <= local.hour < end if begin < end else local.hour >= begin or local.hour < end
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if begin > end and local.hour >= begin else 0)
    return datetime(day.year, day.month, day.day, end, tzinfo=zone).astimezone(at.tzinfo)


def words(chosen: Preferences) -> Sentence:
    """The quiet hours, for a sentence about them."""
    return Sentence(
        "{begin}:00 – {end}:00 免打扰", begin=f"{chosen.quiet_from:02}", end=f"{chosen.quiet_to:02}"
    )
