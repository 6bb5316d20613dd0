"""What waits for a person is counted, each for whoever may see it."""

from datetime import timedelta

from sqlalchemy import true

from models import waiting
from models.ledger.outbox import Outbox
from tests import cast
from tests.cast import NOW


def test_what_waits_for_a_person_is_counted_by_kind(database):
    with database.write() as session:
        wang = cast.play(session).wang
        wang.leave("sync", NOW - timedelta(days=1))
        cast.befriend(session, wang, cast.XU)
        for number, status in enumerate(("unknown", "unknown", "held")):
            call = {"channel": "welcome", "lane": "welcome", "due_at": NOW, "created_at": NOW}
            session.add(Outbox(key=f"w{number}", status=status, **call))
    nouns = ("deliveries", "campaigns", "series", "announcements", "guides", "codes", "groups", "friends")
    with database.read() as session:
        found = waiting.numbers(session, hq=True, now=NOW, **dict.fromkeys(nouns, true()))
        nothing = waiting.numbers(session, hq=False, now=NOW, **dict.fromkeys(nouns, ~true()))
    assert (found.unknown, found.held) == ((("welcome", 2),), 1)
    assert (found.leavers, found.left_friends, found.first_left_at) == (1, 1, NOW - timedelta(days=1))
    assert nothing == waiting.Waiting()
