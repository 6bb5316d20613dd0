"""What became of pieces and posters lately: counted from campaigns, and nothing that nobody tells."""

from datetime import timedelta

import pytest
from sqlalchemy import true

from models.campaigns import CampaignStatus
from models.friends.entry_codes import EntryCode, EntryCodeKind
from models.ledger.channels import GROUP_MASS
from models.materials import usage
from models.materials.usage import Lately
from tests import cast
from tests.cast import NOW

DAY = timedelta(days=1)
POSTER = {"form": "poster", "design": "weather", "words": {"headline": "下雨天"}}


@pytest.fixture
def session(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        yield session


def sent(session, people, reached, *, days=1, material_id=7, **changes):
    one = cast.campaign(session, attachments=[POSTER | {"material_id": material_id}], **changes)
    one.launched_at = NOW - days * DAY
    task = cast.task(session, one, people.wang)
    task.reached = reached
    session.flush()
    return one


def test_a_piece_counts_what_its_campaigns_of_30_days_reached(session, sqlite_people):
    sent(session, sqlite_people, 10)
    sent(session, sqlite_people, 5)
    sent(session, sqlite_people, 99, days=31)
    sent(session, sqlite_people, 3, channel=GROUP_MASS)
    assert usage.of_materials(session, [7, 8], true(), NOW) == {7: Lately(3, 15), 8: Lately()}


@pytest.mark.parametrize(
    ("states", "stands", "going"),
    [
        (["finished", "scheduled", "running"], "running", 1),
        (["finished", "paused"], "paused", 1),
        (["scheduled", "scheduled"], "scheduled", 2),
        (["draft", "submitted"], "submitted", 1),
        (["finished", "draft"], None, 1),
    ],
)
def test_a_design_stands_as_its_liveliest_campaign(session, sqlite_people, states, stands, going):
    for state in states:
        sent(session, sqlite_people, 2, status=CampaignStatus(state))
    use = usage.of_designs(session, true(), NOW)["weather"]
    assert use.status == stands and use.before == states.count("finished")
    assert use.going == going or stands is None
    assert use.lately.received == 2 * len(states)


def test_new_friends_by_guides_codes_are_counted_together(session, sqlite_people):
    for kind, days in ((EntryCodeKind.GUIDE, 1), (EntryCodeKind.GUIDE, 40), (EntryCodeKind.STORE, 1)):
        code = EntryCode(kind=kind, name=f"{kind}{days}", state=f"{kind}{days}", created_at=NOW)
        cast.add(session, code)
        friend = cast.befriend(session, sqlite_people.wang, f"wm-{kind}-{days}")
        friend.code_id, friend.added_at = code.id, NOW - days * DAY
    session.flush()
    assert usage.scanned(session, true(), NOW) == 1
