"""What may be undone: a schedule is taken back, a campaign becomes a new draft, a draft goes away."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignStatus, drafts, launch, lifecycle
from models.errors import Refused
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.planned import planned, read

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def verbs(session) -> list[str]:
    return list(session.exec(select(Audit.verb).order_by(Audit.id)))


@pytest.mark.parametrize("paused", [False, True])
def test_what_was_taken_back_does_not_start_at_its_time(sqlite_database, sqlite_people, paused):
    number = planned(sqlite_database)
    said = []
    for verb in (*[lifecycle.pause] * paused, drafts.unschedule, drafts.unschedule):
        with sqlite_database.write() as session:
            said.append(verb(session, session.get_one(Campaign, number), "周岚", NOW - HOUR))
    assert said[-2:] == ["撤回，改回草稿", ""], "twice is harmless"
    with sqlite_database.read() as session:
        assert verbs(session)[-1] == "campaign.unschedule"
    launch.launch_due(sqlite_database, NOW, cast.ZONE)
    kept = read(sqlite_database, number)
    assert (kept.status, kept.launched_at, kept.status_words) == (CampaignStatus.DRAFT, None, "")


def test_what_has_started_cannot_be_taken_back_or_deleted(sqlite_database, sqlite_people):
    number = planned(sqlite_database)
    launch.launch_due(sqlite_database, NOW, cast.ZONE)
    for verb in (drafts.unschedule, drafts.discard):
        with pytest.raises(Refused, match="进行中"), sqlite_database.write() as session:
            verb(session, session.get_one(Campaign, number), "周岚", NOW)
    assert read(sqlite_database, number).status == CampaignStatus.RUNNING


@pytest.mark.parametrize(
    ("later", "begins"),
    [(-HOUR, NOW), (timedelta(), NOW + DAY), (HOUR, NOW + DAY), (3 * DAY + HOUR, NOW + 4 * DAY)],
)
def test_a_copy_is_a_draft_that_lies_ahead_at_the_same_time_of_day(
    sqlite_database, sqlite_people, later, begins
):
    number = planned(sqlite_database, name="初" * 36, scope={"stores": [1]})
    with sqlite_database.write() as session:
        before = session.get_one(Campaign, number)
        made = drafts.copy(session, before, who="周岚", account_id=None, now=NOW + later)
        assert made.id != number and made.status == CampaignStatus.DRAFT and made.launched_at is None
        assert (made.launch_at, made.ends_at) == (begins, begins + 8 * HOUR)
        assert (made.text, made.scope, made.card_title) == (before.text, before.scope, before.name)
        assert made.name == before.name + " 副本"
    assert read(sqlite_database, number).status == CampaignStatus.SCHEDULED


def test_a_deleted_draft_is_gone_and_the_audit_remembers_it(sqlite_database, sqlite_people):
    number = planned(sqlite_database, schedule=False)
    with sqlite_database.write() as session:
        drafts.discard(session, session.get_one(Campaign, number), "周岚", NOW)
    with sqlite_database.read() as session:
        assert session.get(Campaign, number) is None
        gone = session.exec(select(Audit).where(Audit.verb == "campaign.discard")).one()
        assert (gone.actor, gone.detail) == ("周岚", "删掉草稿「初雪」")


def test_a_scheduled_one_is_no_draft_and_stays(sqlite_database, sqlite_people):
    number = planned(sqlite_database)
    with pytest.raises(Refused, match="只有草稿能删掉"), sqlite_database.write() as session:
        drafts.discard(session, session.get_one(Campaign, number), "周岚", NOW - HOUR)
    assert read(sqlite_database, number).status == CampaignStatus.SCHEDULED
