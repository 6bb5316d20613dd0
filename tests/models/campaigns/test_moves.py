"""Moving a plan in the calendar: the same time of day, a new approval, and ten minutes to take it back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.campaigns import Campaign, CampaignStatus, approval, drafts, moves, planning
from models.campaigns.fields import of_campaign
from models.errors import Refused
from models.preferences import Preference
from tests import cast
from tests.cast import NOW, ZONE

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = date(2026, 11, 20)
ZHOU, CHEN = "周岚", "陈默"


@pytest.fixture
def hq(sqlite_database, sqlite_people):
    """Two accounts of HQ, so that plans have to be approved."""
    with sqlite_database.write() as session:
        return {name: cast.account(session, name).id for name in (ZHOU, CHEN)}


@pytest.fixture
def plan(sqlite_database, hq):
    """A plan of 周岚 for tomorrow, 10:08 to 18:08, as far as is asked."""

    def make(upto):
        with sqlite_database.write() as session:
            fields = of_campaign(
                Campaign(
                    name="初雪",
                    text="今晚有雪",
                    launch_at=NOW + DAY,
                    ends_at=NOW + DAY + 8 * HOUR,
                    created_at=NOW,
                )
            )
            made = planning.create(session, fields, who=ZHOU, account_id=hq[ZHOU], now=NOW)
            if upto != CampaignStatus.DRAFT:
                approval.submit(session, made, who=ZHOU, account_id=hq[ZHOU], now=NOW, zone=ZONE)
                session.flush()
            if upto in (CampaignStatus.SCHEDULED, CampaignStatus.APPROVED):
                approval.approve(session, made, who=CHEN, account_id=hq[CHEN], now=NOW, zone=ZONE)
                session.flush()
            if upto == CampaignStatus.APPROVED:
                drafts.unschedule(session, made, ZHOU, NOW)
            return made.id

    return make


def move(session, number, day, hq, who=ZHOU, now=NOW, **more):
    campaign = session.get_one(Campaign, number)
    return moves.move(session, campaign, day, who=who, account_id=hq[who], now=now, zone=ZONE, **more)


@pytest.mark.parametrize(
    "before",
    [CampaignStatus.DRAFT, CampaignStatus.SUBMITTED, CampaignStatus.APPROVED, CampaignStatus.SCHEDULED],
)
def test_a_moved_plan_has_to_be_approved_anew_and_taking_it_back_restores_all(
    sqlite_database, hq, plan, before
):
    number = plan(before)
    with sqlite_database.write() as session:
        campaign = session.get_one(Campaign, number)
        assert moves.voids(session, campaign) == (before != CampaignStatus.DRAFT)
        kept = of_campaign(campaign)
        row = move(session, number, FRIDAY + 3 * DAY, hq)
        assert (campaign.status, campaign.launch_at - kept.launch_at) == (CampaignStatus.DRAFT, 3 * DAY)
        assert campaign.ends_at - kept.ends_at == 3 * DAY
        moves.undo(
            session, row, who=ZHOU, account_id=hq[ZHOU], now=NOW + 10 * timedelta(minutes=1), zone=ZONE
        )
        assert of_campaign(campaign) == kept
        assert campaign.status == before
        if before == CampaignStatus.SUBMITTED:
            session.flush()
            approval.approve(session, campaign, who=CHEN, account_id=hq[CHEN], now=NOW, zone=ZONE)
            assert campaign.status == CampaignStatus.SCHEDULED


def test_undoing_does_not_give_back_an_approval_of_other_words(sqlite_database, hq, plan):
    number = plan(CampaignStatus.SCHEDULED)
    with sqlite_database.write() as session:
        row = move(session, number, FRIDAY + DAY, hq)
        campaign = session.get_one(Campaign, number)
        fields = of_campaign(campaign)
        fields.text = "换了一句"
        planning.edit(session, campaign, fields, who=ZHOU, account_id=hq[ZHOU], now=NOW, zone=ZONE)
        moves.undo(session, row, who=ZHOU, account_id=hq[ZHOU], now=NOW, zone=ZONE)
        assert campaign.status == CampaignStatus.DRAFT


def test_undoing_is_refused_when_late_twice_or_after_another_move(sqlite_database, hq, plan):
    number = plan(CampaignStatus.DRAFT)
    by = {"who": ZHOU, "account_id": hq[ZHOU], "zone": ZONE}
    with sqlite_database.write() as session:
        first = move(session, number, FRIDAY + DAY, hq)
        assert move(session, number, FRIDAY + DAY, hq) is None, "there already"
        with pytest.raises(Refused, match="10 分钟"):
            moves.undo(session, first, **by, now=NOW + 11 * timedelta(minutes=1))
        second = move(session, number, FRIDAY + 2 * DAY, hq)
        with pytest.raises(Refused, match="后来又改过期"):
            moves.undo(session, first, **by, now=NOW)
        moves.undo(session, second, **by, now=NOW)
        assert not moves.may_undo(session, second, NOW)
        with pytest.raises(Refused, match="撤回过"):
            moves.undo(session, second, **by, now=NOW)


def test_what_has_begun_stays_and_nothing_moves_into_the_past_E06(sqlite_database, hq, plan):
    number = plan(CampaignStatus.DRAFT)
    with sqlite_database.write() as session:
        begun = cast.campaign(session)
        with pytest.raises(Refused, match="进行中"):
            move(session, begun.id, FRIDAY, hq)
        with pytest.raises(Refused, match="已经过去"):
            move(session, number, date(2026, 11, 19), hq, now=NOW + timedelta(seconds=1))
        before = session.get_one(Campaign, number).launch_at
        assert before == NOW + DAY, "wholly the old"
        assert move(session, number, date(2026, 11, 19), hq, at=time(16)) is not None
        drafts.discard(session, session.get_one(Campaign, number), ZHOU, NOW)


def test_what_needs_no_approval_does_not_move_where_hq_would_not_let_it_leave(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        session.add(Preference(key="brand.mix_rule", value="block"))
        deal = cast.campaign(
            session, status="scheduled", kind="deal", launch_at=NOW + DAY, ends_at=NOW + 2 * DAY
        )
        for _ in range(4):
            cast.campaign(session, status="scheduled", launch_at=NOW + 2 * DAY, ends_at=NOW + 3 * DAY)
        by = {"who": ZHOU, "account_id": None, "now": NOW, "zone": ZONE}
        assert moves.move(session, deal, FRIDAY + DAY, **by) is not None
        with pytest.raises(Refused, match="最多 20%"):
            moves.move(session, deal, FRIDAY + 7 * DAY, **by)


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "day", "starts", "ends"),
    [
        (ZONE, date(2026, 3, 29), "02:30", "12:30"),
        (BERLIN, date(2026, 3, 28), "02:30", "12:30"),
        (BERLIN, date(2026, 3, 29), "03:30", "12:30"),
        (BERLIN, date(2026, 10, 25), "02:30", "12:30"),
    ],
)
def test_a_move_keeps_the_local_time_also_over_a_change_of_the_clocks_E04(zone, day, starts, ends):
    """In the hour that the change leaves out it starts an hour later; of the hour that comes twice it takes the first."""
    campaign = Campaign(
        name="夜里",
        launch_at=datetime(2026, 2, 2, 2, 30, tzinfo=zone).astimezone(UTC),
        ends_at=datetime(2026, 2, 2, 12, 30, tzinfo=zone).astimezone(UTC),
        created_at=NOW,
    )
    begin, end = moves.times_on(campaign, day, zone)
    assert (f"{begin.astimezone(zone):%H:%M}", f"{end.astimezone(zone):%H:%M}") == (starts, ends)
    assert begin.astimezone(zone).date() == day and begin.tzinfo == UTC
