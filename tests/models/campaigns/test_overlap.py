"""What else the people of a selection have on."""

from models.campaigns.overlap import QuotaLeft, overlaps, quota_left, tasks_that_day
from models.campaigns.selection import select_audience
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE
from tests.models.campaigns.selecting import BEFORE, DAY, earlier, plan


def test_other_campaigns_the_platform_s_quota_and_the_guides_day(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        for name in (XU, LIN):
            cast.befriend(session, sqlite_people.wang, name, at=BEFORE)
        cast.befriend(session, sqlite_people.zhou, CHEN, at=BEFORE)
        both = earlier(session, XU, LIN, days=2)
        one = earlier(session, XU, days=1)
        earlier(session, XU, days=9)
        earlier(session, XU, days=1, channel="group_mass")
        for number in range(26):
            earlier(session, CHEN, days=10 + number % 5)
        plan(session, scope={"guides": [sqlite_people.wang.id]})
        plan(session, at=NOW + DAY)
        made = plan(session)
        found = select_audience(session, made, NOW, ZONE, number=made.id)
        seen = overlaps(session, found, NOW, made.id)
        assert [(row.campaign.id, row.customers, row.counts) for row in seen] == [
            (both.id, 2, True),
            (one.id, 1, True),
        ]
        assert quota_left(found) == QuotaLeft(many=2, few=1, last=0)
        assert tasks_that_day(session, found, NOW, ZONE, made.id) == {1: 1, 2: 1}
        for _ in range(3):
            earlier(session, CHEN, days=3)
        again = select_audience(session, made, NOW, ZONE, number=made.id)
        assert quota_left(again) == QuotaLeft(many=2, few=0, last=1)
