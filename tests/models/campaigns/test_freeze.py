"""The end of a launch: everybody addressed is in one set, and whoever was left out stands in the set of the first reason."""

from datetime import timedelta

from sqlmodel import select

from models.campaigns import CampaignAudience, Exclusion, launch, recipients
from models.campaigns.reach import NO_GROUP
from models.friends import FriendStatus
from models.groups import GroupStatus
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE

BEFORE = NOW - timedelta(days=1)


def launched(database, **fields):
    """Who is in its set, and words → who is not, as the platform names them."""
    with database.write() as session:
        campaign = cast.add(
            session,
            cast.campaign(session, status="scheduled", launch_at=NOW, launched_at=None, **fields),
        )
    launch.launch_due(database, NOW, ZONE)
    with database.read() as session:

        def named(members):
            return set(recipients.names_of(session, campaign.channel, members).values())

        whole = session.exec(select(CampaignAudience)).one()
        left_out = {row.words: named(row.members) for row in session.exec(select(Exclusion))}
        assert whole.campaign_id == campaign.id
        return named(whole.members), left_out


def test_who_cannot_be_written_to_is_left_out_for_a_reason(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=BEFORE)
        cast.befriend(session, people.wang, LIN, at=BEFORE, status=FriendStatus.LOST)
        cast.befriend(session, people.zhou, CHEN, at=BEFORE, status=FriendStatus.HALF)
    assert launched(database) == ({XU}, {"已不是好友": {LIN}, "还没通过好友申请": {CHEN}})


def test_whom_another_guide_writes_to_is_not_left_out(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=BEFORE)
        cast.befriend(session, people.zhou, XU, at=BEFORE, status=FriendStatus.LOST)
        cast.befriend(session, people.zhou, LIN, at=BEFORE, status=FriendStatus.LOST)
        cast.befriend(session, people.zhao, LIN, at=BEFORE, status=FriendStatus.HALF)
    assert launched(database) == ({XU}, {"已不是好友": {LIN}})


def test_the_customers_of_a_guide_who_gets_nothing_to_send_are_left_out_in_her_words(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=BEFORE)
        for customer in (XU, LIN):
            cast.befriend(session, people.zhao, customer, at=BEFORE)
        cast.ready_code(session, guide=people.wang)
    members, left_out = launched(database, attachments=cast.poster())
    assert members == {XU} and list(left_out.values()) == [{LIN}]
    assert list(left_out) == ["导购还没有能用的入口码"]


def test_whom_no_guide_of_the_campaign_knows_is_neither_in_it_nor_left_out(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=BEFORE)
        cast.befriend(session, people.zhou, LIN, at=BEFORE, status=FriendStatus.LOST)
        cast.befriend(session, people.wang, CHEN, at=NOW + timedelta(minutes=1))
    assert launched(database, scope={"guides": [people.wang.id]}) == ({XU}, {})


def test_the_set_of_a_campaign_to_groups_is_of_groups(database, people):
    with database.write() as session:
        cast.befriend(session, people.wang, XU, at=BEFORE)
        for chat, status in (("wr1", "active"), ("wr2", GroupStatus.DISMISSED)):
            cast.customer_group(session, people.wang, chat, now=BEFORE, status=status)
    assert launched(database, channel="group_mass") == ({"wr1"}, {NO_GROUP: {"wr2"}})
