"""The demo's shifts and its draft of rules: something to try, and nothing that holds yet."""

from datetime import timedelta

from sqlmodel import select

from models.encryption import Encryption
from models.friends import dry_run, rule_sets
from models.org.shifts import Shift
from ops import sample_data, seed
from tests.cast import NOW, ZONE


def test_the_draft_can_be_tried_at_once_and_today_everybody_works(sqlite_database):
    seed.plant(
        sqlite_database,
        sample_data.invent(guides_per_store=2, customers_per_guide=2),
        Encryption("k" * 40),
        NOW,
    )
    with sqlite_database.read() as session:
        draft = rule_sets.of_place(session, None, "draft")
        days = session.exec(select(Shift.day)).all()
        assert rule_sets.live(session, None).version == 0
    assert len(days) > 2 and min(days) == NOW.date() + timedelta(days=1)
    found = dry_run.invented(sqlite_database, draft, ZONE, NOW, 50)
    assert (found.tried, found.draft.waits, found.draft.off_shift) == (50, 0, 0)
