"""What HQ plans: which plans make sense, what may still be changed, and what a guide has to do of it now."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignStatus, launch, planning
from models.campaigns.fields import CampaignFields
from models.errors import Refused
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.planned import GOOD, planned, read

HOUR = timedelta(hours=1)


def test_a_draft_that_says_nothing_cannot_be_scheduled(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        number = cast.campaign(session, status="draft", text="").id
    with pytest.raises(Refused, match="正文不能空着"), sqlite_database.write() as session:
        planning.launch_now(session, session.get_one(Campaign, number), "周岚", NOW, cast.ZONE)
    assert read(sqlite_database, number).status == "draft"


def test_scheduling_a_time_that_has_passed_is_refused_and_starts_nothing(sqlite_database, sqlite_people):
    number = planned(sqlite_database, schedule=False)
    with pytest.raises(Refused, match="开始时间已经过去"), sqlite_database.write() as session:
        planning.schedule(session, session.get_one(Campaign, number), "周岚", NOW + HOUR, cast.ZONE)
    assert read(sqlite_database, number).status == CampaignStatus.DRAFT


def test_starting_at_once_is_a_verb_of_its_own(sqlite_database, sqlite_people):
    number = planned(sqlite_database, schedule=False)
    with sqlite_database.write() as session:
        assert (
            planning.launch_now(session, session.get_one(Campaign, number), "周岚", NOW + HOUR, cast.ZONE)
            == "现在发，发给 4 位导购"
        )
        assert (
            planning.launch_now(session, session.get_one(Campaign, number), "周岚", NOW + HOUR, cast.ZONE)
            == "已排定"
        )
    assert read(sqlite_database, number).launch_at == NOW + HOUR


def test_a_scheduled_plan_is_not_edited_into_a_start_at_once(sqlite_database, sqlite_people):
    number = planned(sqlite_database, launch_at=NOW + HOUR)
    fields = CampaignFields(**{**GOOD, "launch_at": NOW - 2 * HOUR})
    with pytest.raises(Refused, match="开始时间已经过去"), sqlite_database.write() as session:
        planning.edit(session, session.get_one(Campaign, number), fields, who="周岚", now=NOW, zone=cast.ZONE)
    launch.launch_due(sqlite_database, NOW, cast.ZONE)
    assert read(sqlite_database, number).status == CampaignStatus.SCHEDULED


def test_an_edit_names_what_it_changed_and_an_equal_one_leaves_no_trace(sqlite_database, sqlite_people):
    number = planned(sqlite_database, schedule=False)
    fields = CampaignFields(**{**GOOD, "text": "明天有雪", "card_title": "雪地靴"})
    changed = []
    for _ in range(2):
        with sqlite_database.write() as session:
            changed.append(
                planning.edit(
                    session, session.get_one(Campaign, number), fields, who="周岚", now=NOW, zone=cast.ZONE
                )
            )
    assert changed == [["text", "card_title"], []]
    with sqlite_database.read() as session:
        assert len(session.exec(select(Audit).where(Audit.verb == "campaign.edit")).all()) == 1


@pytest.mark.parametrize(
    "status",
    [CampaignStatus.RUNNING, CampaignStatus.PAUSED, CampaignStatus.FINISHED, CampaignStatus.CANCELLED],
)
def test_what_has_started_is_not_changed_any_more_E06(sqlite_database, sqlite_people, status):
    with sqlite_database.write() as session:
        campaign = cast.campaign(session, status=status, launched_at=NOW)
    with pytest.raises(Refused, match="这次的修改没有保存"), sqlite_database.write() as session:
        planning.edit(
            session,
            session.get_one(Campaign, campaign.id),
            CampaignFields(**GOOD),
            who="周岚",
            now=NOW,
            zone=cast.ZONE,
        )
    assert read(sqlite_database, campaign.id).text == campaign.text
