"""What is said of a channel in one place holds together for the outbox, the queue and the pages that read it."""

import pytest

from models.ledger import channels
from models.ledger.channels import ASK, CHANNELS, CLOSE, CUSTOMERS, GUIDES, MASS, REPEAT
from models.ledger.outbox import LANES
from wecom import limits

each = pytest.mark.parametrize("one", CHANNELS.values(), ids=CHANNELS)


@each
def test_its_lane_and_its_limits_exist(one):
    assert one.on_unknown in (REPEAT, ASK, CLOSE)
    assert one.lane in LANES or one.shared, "only what she hands over from her own page has no lane"
    assert set(one.limits) <= set(limits.CHANNELS)


@each
def test_what_hq_may_choose_has_a_name_there(one):
    assert bool(one.campaign) <= bool(one.word)
    if one.campaign and one.campaign.receivers:
        assert one.most(one.campaign.receivers) > 0


def test_only_what_the_platform_drops_twice_is_repeated():
    """A message has the duplicate check; a task, a post or a welcome has none and would be a second one."""
    assert {one.api for one in CHANNELS.values() if one.on_unknown == REPEAT} == {"message/send"}


def test_the_welcome_leaves_before_everything_else():
    assert [one.name for one in channels.by_urgency()][:2] == ["welcome", "mass_cancel"]
    assert LANES[0] == CHANNELS["welcome"].lane


def test_a_change_of_what_the_platform_has_is_another_call():
    way = CHANNELS["contact_way"]
    assert way.api_of({}) != way.api_of({"update": True}) == way.update_api
    assert CHANNELS[MASS].api_of({"update": True}) == CHANNELS[MASS].api


def test_the_platform_confirms_tasks_and_no_notice():
    assert channels.confirmed() == [MASS, "group_mass", "moment"]
    assert channels.reaching(CUSTOMERS) == [MASS, "moment", "share", "share_moment"]
    assert channels.reaching(GUIDES) == ["notice"]


def test_of_a_share_there_is_only_her_word_and_of_a_notice_nothing_reaches_a_customer():
    ways = channels.of_campaigns().values()
    assert {one.name for one in ways if one.shared} == {"share", "share_group", "share_moment"}
    assert not any(one.confirmed for one in ways if one.shared)
    assert [one.name for one in ways if not one.sends] == ["notice"]
