"""The city of a store, as customers call it: 沈阳, and not 沈阳市. They choose by it where their phone tells no position."""

from datetime import datetime

from sqlmodel import Session

from models.accounts import audit
from models.errors import Refused
from models.names import line_fault
from models.org import Store
from models.sentences import Sentence

LETTERS = 32


def spelled(city: str) -> str:
    """Without the 市 that some lists write, so that one city is one group."""
    bare = " ".join(city.split())
    return bare[:-1] if len(bare) > 2 and bare.endswith("市") else bare


def change(session: Session, store: Store, city: str, who: str, now: datetime) -> None:
    """Somebody says in which city this store is; empty where nobody can choose it by its city. Refused, by field."""
    city = spelled(city)
    too_long = Sentence("最多 {most} 个字，现在 {n} 个", most=LETTERS, n=len(city))
    if fault := line_fault(city) or (too_long if len(city) > LETTERS else ""):
        raise Refused(faults={"city": fault})
    if store.city != city:
        store.city = city
        audit.note(session, who, "store.city", store.id, city, now)
