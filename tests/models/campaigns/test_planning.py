"""What HQ plans: which plans make sense, what may still be changed, and what a guide has to do of it now."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignStatus, guide_day, launch, planning
from models.campaigns.fields import CampaignFields, complaints
from models.errors import Refused
from models.ledger.channels import NOTICE
from tests import cast
from tests.cast import NOW
from tests.models.campaigns.test_launch import planned, read

HOUR = timedelta(hours=1)
GOOD = {"name": "初雪", "text": "今晚有雪", "launch_at": NOW, "ends_at": NOW + 8 * HOUR}


@pytest.fixture
def people(sqlite_database):
    with sqlite_database.write() as session:
        return cast.play(session)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "名" * 41, "card_title": "初雪"}, "name"),
        ({"text": ""}, "text"),
        ({"channel": "sms"}, "channel"),
        ({"content": "picture"}, "picture_id"),
        ({"content": "poster"}, "design"),
        ({"scope": {"everybody": [1]}}, "scope"),
        ({"content": "poster", "design": "headline", "channel": "group_mass"}, "content"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=40)}, "ends_at"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_by_field(sqlite_database, people, changes, field):
    with sqlite_database.write() as session:
        assert complaints(session, CampaignFields(**GOOD), NOW) == {}
        fields = CampaignFields(**{**GOOD, **changes})
        assert list(complaints(session, fields, NOW)) == [field]
        with pytest.raises(Refused) as refused:
            planning.create(session, fields, who="周岚", user_id=None, now=NOW)
        assert list(refused.value.faults) == [field]
        assert session.exec(select(Campaign)).all() == []


def test_a_draft_that_says_nothing_cannot_be_scheduled(sqlite_database, people):
    with sqlite_database.write() as session:
        number = cast.campaign(session, status="draft", text="").id
    with pytest.raises(Refused, match="正文不能空着"), sqlite_database.write() as session:
        planning.schedule(session, session.get_one(Campaign, number), "周岚", NOW)
    assert read(sqlite_database, number).status == "draft"


def test_a_time_that_does_not_say_its_zone_is_refused(sqlite_database):
    """What the row holds is UTC: a time without a zone would be eight hours off."""
    naive = CampaignFields(**{**GOOD, "launch_at": datetime(2026, 11, 19, 10)})  # noqa: DTZ001
    with sqlite_database.read() as session:
        assert complaints(session, naive, NOW) == {"launch_at": "时间没有写明时区"}


def test_a_time_that_has_just_passed_means_at_once(sqlite_database, people):
    number = planned(sqlite_database, schedule=False)
    with sqlite_database.write() as session:
        assert (
            planning.schedule(session, session.get_one(Campaign, number), "周岚", NOW + HOUR)
            == "排期，发给 4 位导购"
        )
        assert planning.schedule(session, session.get_one(Campaign, number), "周岚", NOW + HOUR) == "已排定"
    assert read(sqlite_database, number).launch_at == NOW + HOUR


def test_a_scheduled_plan_edited_to_a_time_that_has_passed_starts_at_once(sqlite_database, people):
    number = planned(sqlite_database, launch_at=NOW + HOUR)
    fields = CampaignFields(**{**GOOD, "launch_at": NOW - 2 * HOUR})
    with sqlite_database.write() as session:
        planning.edit(session, session.get_one(Campaign, number), fields, who="周岚", now=NOW)
    launch.launch_due(sqlite_database, NOW, cast.ZONE)
    assert (read(sqlite_database, number).status, read(sqlite_database, number).launched_at) == (
        CampaignStatus.RUNNING,
        NOW,
    )


def test_an_edit_names_what_it_changed_and_an_equal_one_leaves_no_trace(sqlite_database, people):
    number = planned(sqlite_database, schedule=False)
    fields = CampaignFields(**{**GOOD, "text": "明天有雪", "card_title": "雪地靴"})
    changed = []
    for _ in range(2):
        with sqlite_database.write() as session:
            changed.append(
                planning.edit(session, session.get_one(Campaign, number), fields, who="周岚", now=NOW)
            )
    assert changed == [["text", "card_title"], []]
    with sqlite_database.read() as session:
        assert len(session.exec(select(Audit).where(Audit.verb == "campaign.edit")).all()) == 1


@pytest.mark.parametrize(
    "status",
    [CampaignStatus.RUNNING, CampaignStatus.PAUSED, CampaignStatus.FINISHED, CampaignStatus.CANCELLED],
)
def test_what_has_started_is_not_changed_any_more_E06(sqlite_database, people, status):
    with sqlite_database.write() as session:
        campaign = cast.campaign(session, status=status, launched_at=NOW)
    with pytest.raises(Refused, match="这次的修改没有保存"), sqlite_database.write() as session:
        planning.edit(
            session, session.get_one(Campaign, campaign.id), CampaignFields(**GOOD), who="周岚", now=NOW
        )
    assert read(sqlite_database, campaign.id).text == campaign.text


def test_a_guide_has_to_do_what_waits_for_her_the_most_urgent_first(sqlite_database, people):
    with sqlite_database.write() as session:
        later = cast.campaign(session, name="围巾", ends_at=NOW + 9 * HOUR)
        soon = cast.campaign(session, name="雪地靴", ends_at=NOW + HOUR)
        over = cast.campaign(session, name="过了", ends_at=NOW)
        stopped = cast.campaign(session, name="停了", status=CampaignStatus.CANCELLED)
        mine = [cast.task(session, one, people.wang) for one in (later, soon, over, stopped)]
        cast.task(session, soon, people.zhao)
        for number, done in enumerate(
            ({"confirmed_at": NOW}, {"closed_at": NOW}, {"skipped": "没有好友"}, {"ready_at": None})
        ):
            cast.task(session, cast.campaign(session, name=f"完 {number}"), people.wang, **done)
        assert [one.task.id for one in guide_day.todo_of(session, people.wang.id, NOW)] == [
            mine[1].id,
            mine[0].id,
        ]


def test_what_she_said_she_did_stands_last_and_a_notice_she_has_read_is_gone(sqlite_database, people):
    with sqlite_database.write() as session:
        sent = cast.task(
            session, cast.campaign(session, name="雪地靴", ends_at=NOW + HOUR), people.wang, reported_at=NOW
        )
        waits = cast.task(session, cast.campaign(session, name="围巾", ends_at=NOW + 9 * HOUR), people.wang)
        unread = cast.task(
            session, cast.campaign(session, name="盘点", channel=NOTICE, ends_at=NOW + 2 * HOUR), people.wang
        )
        cast.task(session, cast.campaign(session, name="排班", channel=NOTICE), people.wang, reported_at=NOW)
        found = guide_day.todo_of(session, people.wang.id, NOW)
        assert [one.task.id for one in found] == [unread.id, waits.id, sent.id]
