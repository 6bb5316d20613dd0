"""How a campaign runs: what may be chosen, when, and how it is said."""

from datetime import timedelta

import pytest

from models import preferences
from models.campaigns import Campaign, drafts, launch, planning, run_rules
from models.campaigns.fields import of_campaign
from models.campaigns.run_rules import Pilot, PilotBy, RunRules, rules_of
from models.errors import Refused
from tests.cast import NOW, ZONE
from tests.models.campaigns.planned import planned, read

MINUTE = timedelta(minutes=1)


def chosen(database, number, rules, now=NOW - 60 * MINUTE):
    with database.write() as session:
        campaign = session.get_one(Campaign, number)
        return planning.change_rules(session, campaign, rules, who="周岚", account_id=None, now=now)


def test_without_a_choice_it_runs_as_always(sqlite_database, sqlite_people):
    number = planned(sqlite_database)
    with sqlite_database.read() as session:
        campaign = session.get_one(Campaign, number)
        assert rules_of(campaign) == RunRules() and run_rules.stop_percent(session, campaign) == 20
        assert (
            run_rules.words(session, RunRules())
            == "不试，到时间全部开始；晚 30 分钟以内照发，再晚等人决定；没送出的到 20% 自动暂停"
        )


@pytest.mark.parametrize(
    ("rules", "field", "words"),
    [
        (RunRules(grace_minutes=1441), "grace_minutes", "最多晚多久（分钟）要在 0 到 1440 之间"),
        (RunRules(stop_percent=0), "stop_percent", "要在 1 到 100 之间"),
        (RunRules(pilot=Pilot(number=51)), "percent", "先发多少（%）要在 1 到 50 之间"),
        (RunRules(pilot=Pilot(by=PilotBy.STORE, number=3)), "pilot", "没有这次要发的导购"),
        (RunRules(pilot=Pilot(by=PilotBy.BRANCH, number=99)), "pilot", "没有这次要发的导购"),
        (RunRules(pilot=Pilot(by_rule=True, minutes=480)), "pilot", "试完以前就截止了"),
        (RunRules(pilot=Pilot(by_rule=True, failed_percent=51)), "failed_percent", "要在 0 到 50 之间"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(sqlite_database, sqlite_people, rules, field, words):
    number = planned(sqlite_database)
    with pytest.raises(Refused) as refused:
        chosen(sqlite_database, number, rules)
    assert words in refused.value.faults[field]
    assert read(sqlite_database, number).rules == {}


def test_a_notice_has_nothing_to_try_first(sqlite_database, sqlite_people):
    number = planned(sqlite_database, channel="notice")
    with pytest.raises(Refused, match="只有群发助手和客户群"):
        chosen(sqlite_database, number, RunRules(pilot=Pilot()))


def test_a_copy_runs_by_the_same_rules(sqlite_database, sqlite_people):
    number, rules = planned(sqlite_database), RunRules(grace_minutes=5, pilot=Pilot(by_rule=True))
    assert "先发 1% 的导购，120 分钟后都已确认、没送出的少于 2%" in chosen(sqlite_database, number, rules)
    with sqlite_database.write() as session:
        before = session.get_one(Campaign, number)
        made = drafts.copy(session, before, who="周岚", account_id=None, now=NOW)
        assert rules_of(made) == rules


def test_after_the_start_only_the_line_at_which_it_stops_can_be_moved(sqlite_database, sqlite_people):
    number = planned(sqlite_database)
    launch.launch_due(sqlite_database, NOW, ZONE)
    chosen(sqlite_database, number, RunRules(stop_percent=50), NOW)
    with pytest.raises(Refused, match="怎么开始改不了了"):
        chosen(sqlite_database, number, RunRules(stop_percent=50, grace_minutes=5), NOW)
    assert rules_of(read(sqlite_database, number)) == RunRules(stop_percent=50)


def test_the_brand_s_line_holds_where_a_campaign_has_none(sqlite_database, sqlite_people):
    number = planned(sqlite_database)
    with sqlite_database.write() as session:
        preferences.change(session, "周岚", NOW, stop_percent=5)
        campaign = session.get_one(Campaign, number)
        assert run_rules.stop_percent(session, campaign) == 5
        campaign.rules = run_rules.plain(RunRules(stop_percent=80))
        assert run_rules.stop_percent(session, campaign) == 80


def test_a_plan_that_its_rules_do_not_fit_any_more_is_not_scheduled_nor_edited_so(
    sqlite_database, sqlite_people
):
    """The rest would wait for a look that comes after the end."""
    number = planned(sqlite_database, at=NOW + 60 * MINUTE, schedule=False)
    chosen(sqlite_database, number, RunRules(pilot=Pilot(by_rule=True, minutes=120)))
    with sqlite_database.write() as session:
        campaign = session.get_one(Campaign, number)
        by = {"who": "周岚", "now": NOW, "zone": ZONE}
        short = of_campaign(campaign).model_copy(update={"ends_at": campaign.launch_at + 60 * MINUTE})
        planning.edit(session, campaign, short, **by)
        with pytest.raises(Refused, match="怎么开始和停下.*试完以前就截止了"):
            planning.schedule(session, campaign, "周岚", NOW, ZONE)
        long = of_campaign(campaign).model_copy(update={"ends_at": campaign.launch_at + 480 * MINUTE})
        planning.edit(session, campaign, long, **by)
        planning.schedule(session, campaign, "周岚", NOW, ZONE)
        session.flush()
        with pytest.raises(Refused, match="试完以前就截止了"):
            planning.edit(session, campaign, short, **by)
