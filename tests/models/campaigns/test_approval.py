"""Four eyes: who may approve what, what an edit does to an approval, and what happens without one."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models import preferences
from models.accounts import Account, Role, api_tokens
from models.accounts.api_tokens import ApiToken
from models.accounts.audit import Audit
from models.campaigns import Campaign, CampaignStatus, approval, drafts, launch, planning
from models.campaigns.approval import Decision
from models.campaigns.fields import of_campaign
from models.errors import Refused
from tests import cast
from tests.cast import NOW, ZONE
from tests.models.campaigns.planned import read

HOUR = timedelta(hours=1)
BEFORE = NOW - HOUR


@pytest.fixture
def offices(sqlite_database, sqlite_people):
    """Accounts by name: 周岚 and 陈默 of HQ, 刘影 of the branch 东北."""
    with sqlite_database.write() as session:
        return {
            name: cast.account(session, name, role, branch_id=branch).id
            for name, role, branch in (
                ("周岚", Role.HQ, None),
                ("陈默", Role.HQ, None),
                ("刘影", Role.BRANCH, sqlite_people.northeast.id),
            )
        }


@pytest.fixture
def does(sqlite_database, offices):
    """Somebody does something to a campaign: `does("陈默", approval.approve, number, now=…)`."""

    def act(who, verb, number, now=BEFORE, **more):
        with sqlite_database.write() as session:
            campaign = session.get_one(Campaign, number)
            if verb in (approval.submit, approval.approve):
                more["zone"] = cast.ZONE
            return verb(session, campaign, who=who, account_id=offices.get(who), now=now, **more)

    return act


@pytest.fixture
def drafted(sqlite_database, offices):
    """A draft of somebody, one hour before its start."""

    def make(who="周岚", at=NOW):
        with sqlite_database.write() as session:
            fields = of_campaign(
                Campaign(name="初雪", text="今晚有雪", launch_at=at, ends_at=at + 8 * HOUR, created_at=BEFORE)
            )
            return planning.create(
                session, fields, who=who, account_id=offices.get(who), now=at - 2 * HOUR
            ).id

    return make


def edit(sqlite_database, offices, number, who, **changes):
    with sqlite_database.write() as session:
        campaign = session.get_one(Campaign, number)
        fields = of_campaign(campaign).model_copy(update=changes)
        planning.edit(session, campaign, fields, who=who, account_id=offices[who], now=BEFORE, zone=ZONE)


def test_what_was_approved_by_somebody_else_starts_at_its_time(sqlite_database, drafted, does):
    number = drafted()
    assert does("周岚", approval.submit, number) == "提交第 1 版，等总部审批"
    assert launch.launch_due(sqlite_database, NOW, ZONE) == []
    assert does("陈默", approval.approve, number, version=1) == "批准后排期，发给 4 位导购"
    assert read(sqlite_database, number).status == CampaignStatus.SCHEDULED
    assert launch.launch_due(sqlite_database, NOW, ZONE) == [number]
    with sqlite_database.read() as session:
        verbs = list(session.exec(select(Audit.verb).order_by(Audit.id)))
    assert verbs[:4] == ["campaign.create", "campaign.submit", "campaign.approve", "campaign.schedule"]


def test_a_draft_that_needs_approval_is_not_scheduled_by_its_author(sqlite_database, drafted):
    number = drafted()
    for verb in (planning.schedule, planning.launch_now):
        with pytest.raises(Refused, match="先由总部审批"), sqlite_database.write() as session:
            verb(session, session.get_one(Campaign, number), "周岚", BEFORE, ZONE)
    assert read(sqlite_database, number).status == CampaignStatus.DRAFT


@pytest.mark.parametrize("hand", ["wrote", "changed", "submitted"])
def test_nobody_approves_what_she_had_a_hand_in_F12(sqlite_database, offices, drafted, does, hand):
    number = drafted("陈默" if hand == "wrote" else "刘影")
    if hand == "changed":
        edit(sqlite_database, offices, number, "陈默", text="明天有雪")
    does("陈默" if hand == "submitted" else "刘影", approval.submit, number)
    with pytest.raises(Refused, match="要请总部另一位"):
        does("陈默", approval.approve, number)
    assert does("周岚", approval.approve, number)


def test_a_branch_never_approves_also_not_its_own(drafted, does):
    number = drafted("刘影")
    does("刘影", approval.submit, number)
    for verb, more in ((approval.approve, {}), (approval.give_back, {"reason": "不行"})):
        with pytest.raises(Refused, match="只由总部"):
            does("刘影", verb, number, **more)


@pytest.mark.parametrize("when", ["submitted", "approved", "scheduled"])
def test_an_edit_voids_what_was_asked_for_or_given_F12(sqlite_database, offices, drafted, does, when):
    number = drafted()
    does("周岚", approval.submit, number)
    if when != "submitted":
        does("陈默", approval.approve, number, NOW + HOUR if when == "approved" else BEFORE)
    assert read(sqlite_database, number).status == when
    edit(sqlite_database, offices, number, "周岚", text="明天有雪")
    kept = read(sqlite_database, number)
    assert kept.status == CampaignStatus.DRAFT
    assert ("批准自动作废" in kept.status_words) == (when != "submitted")
    assert launch.launch_due(sqlite_database, NOW, ZONE) == []
    does("周岚", approval.submit, number)
    with sqlite_database.read() as session:
        first, second = reversed(approval.submissions(session, number))
        assert first.decision == (Decision.WITHDRAWN if when == "submitted" else Decision.APPROVED)
        assert (first.content["text"], second.content["text"]) == ("今晚有雪", "明天有雪")
        assert (second.number, second.decision) == (2, Decision.WAITING)


def test_who_looked_at_an_older_version_is_told_so(sqlite_database, offices, drafted, does):
    number = drafted()
    does("周岚", approval.submit, number)
    edit(sqlite_database, offices, number, "周岚", text="明天有雪")
    does("周岚", approval.submit, number)
    with pytest.raises(Refused, match="你看的是第 1 版，现在等着批的是第 2 版"):
        does("陈默", approval.approve, number, version=1)
    does("陈默", approval.approve, number, version=2)


@pytest.mark.parametrize("how", ["switched off", "moved to a branch"])
def test_who_cannot_approve_any_more_at_the_start_did_not_approve_F12(
    sqlite_database, offices, drafted, does, how
):
    number = drafted()
    does("周岚", approval.submit, number)
    does("陈默", approval.approve, number)
    with sqlite_database.write() as session:
        chen = session.get_one(Account, offices["陈默"])
        chen.active, chen.role = how != "switched off", Role.HQ if how == "switched off" else Role.BRANCH
        cast.account(session, "何青", login="he")
    assert launch.launch_due(sqlite_database, NOW, ZONE) == []
    kept = read(sqlite_database, number)
    assert kept.status == CampaignStatus.SUBMITTED and kept.launched_at is None
    assert kept.status_words == "批准的陈默已经不能审批，没有开始。要总部另一位再批一次"


def test_approved_after_its_start_it_waits_for_somebody_to_say_now(sqlite_database, drafted, does):
    number = drafted()
    does("周岚", approval.submit, number)
    assert "没有自动发" in does("陈默", approval.approve, number, NOW + HOUR)
    assert launch.launch_due(sqlite_database, NOW + HOUR, ZONE) == []
    with sqlite_database.write() as session:
        planning.launch_now(session, session.get_one(Campaign, number), "周岚", NOW + HOUR, cast.ZONE)
    assert launch.launch_due(sqlite_database, NOW + HOUR, ZONE) == [number]


def test_what_is_given_back_is_a_draft_with_the_reason_also_after_the_approval(
    sqlite_database, drafted, does
):
    number = drafted()
    does("周岚", approval.submit, number)
    with pytest.raises(Refused) as refused:
        does("陈默", approval.give_back, number, reason="  ")
    assert "reason" in refused.value.faults
    for decided in (False, True):
        if decided:
            does("周岚", approval.submit, number)
            does("陈默", approval.approve, number)
        does("陈默", approval.give_back, number, reason="价格写错了")
        kept = read(sqlite_database, number)
        assert (kept.status, kept.status_words) == ("draft", "陈默退回：价格写错了")
    assert launch.launch_due(sqlite_database, NOW, ZONE) == []


def test_taken_off_the_plan_it_stays_approved_until_it_is_changed(sqlite_database, drafted, does):
    number = drafted()
    does("周岚", approval.submit, number)
    does("陈默", approval.approve, number)
    with sqlite_database.write() as session:
        drafts.unschedule(session, session.get_one(Campaign, number), "周岚", BEFORE)
        assert session.get_one(Campaign, number).status == CampaignStatus.APPROVED
        planning.schedule(session, session.get_one(Campaign, number), "周岚", BEFORE, cast.ZONE)
    assert launch.launch_due(sqlite_database, NOW, ZONE) == [number]


def test_what_was_submitted_can_be_taken_back_and_thrown_away(sqlite_database, drafted, does):
    number = drafted()
    does("周岚", approval.submit, number)
    with sqlite_database.write() as session:
        drafts.unschedule(session, session.get_one(Campaign, number), "周岚", BEFORE)
    with pytest.raises(Refused, match="没有等着批的"):
        does("陈默", approval.approve, number)
    with sqlite_database.write() as session:
        drafts.discard(session, session.get_one(Campaign, number), "周岚", BEFORE)
    with sqlite_database.read() as session:
        assert session.get(Campaign, number) is None


@pytest.mark.parametrize(
    ("maker", "alone", "chosen", "asked"),
    [
        ("周岚", False, "yes", True),
        ("周岚", True, "yes", False),
        ("刘影", True, "yes", True),
        ("周岚", False, "no", False),
        ("刘影", False, "no", False),
    ],
)
def test_four_eyes_are_asked_for_where_there_are_four(
    sqlite_database, offices, drafted, does, maker, alone, chosen, asked
):
    """One HQ account alone can still work; what branches plan it approves."""
    number = drafted(maker)
    with sqlite_database.write() as session:
        preferences.change(session, "周岚", NOW, approval=chosen)
        session.get_one(Account, offices["陈默"]).active = not alone
        assert approval.needed(session, session.get_one(Campaign, number)) == asked
    if asked:
        does(maker, approval.submit, number)
        return
    with pytest.raises(Refused, match="直接排期就行"):
        does(maker, approval.submit, number)
    with sqlite_database.write() as session:
        planning.schedule(session, session.get_one(Campaign, number), maker, BEFORE, cast.ZONE)


def test_a_token_of_the_api_approves_what_another_one_wrote_as_long_as_it_is_good_F12(
    sqlite_database, offices, drafted, does
):
    with sqlite_database.write() as session:
        for name in ("crm", "flow"):
            api_tokens.create(session, name, writes=True, who="周岚", now=NOW)
    number = drafted("api:crm")
    does("api:crm", approval.submit, number)
    with pytest.raises(Refused, match="要请总部另一位"):
        does("api:crm", approval.approve, number)
    does("api:flow", approval.approve, number)
    with sqlite_database.write() as session:
        flow = session.exec(select(ApiToken).where(ApiToken.name == "flow")).one()
        api_tokens.revoke(session, flow, "周岚", NOW)
    assert launch.launch_due(sqlite_database, NOW, ZONE) == []
    assert read(sqlite_database, number).status == CampaignStatus.SUBMITTED
