"""How fast a token, or a stranger without one, may come."""

from datetime import datetime, timedelta

from models.sentences import Sentence
from pages.api.problems import refuse
from pages.web import quotas

PER_MINUTE = 1200
STRANGERS_PER_MINUTE = 60
MINUTE = timedelta(minutes=1)


def check(name: str, *, known: bool, now: datetime) -> None:
    """429 for whoever comes too fast, with the seconds until the next minute."""
    most = PER_MINUTE if known else STRANGERS_PER_MINUTE
    if wait := quotas.take(f"api:{name}", most, MINUTE, now):
        words = Sentence("每分钟最多 {most:,} 次，请等 {wait} 秒再来", most=most, wait=wait)
        refuse(429, words, headers={"Retry-After": str(wait)})
