"""Which plans of a campaign make sense: every complaint names its field."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from models.campaigns import Campaign, planning
from models.campaigns.fields import CampaignFields, complaints
from models.errors import Refused
from tests.cast import NOW
from tests.models.campaigns.planned import GOOD


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "名" * 41, "card_title": "初雪"}, "name"),
        ({"text": ""}, "text"),
        ({"text": "您好{客户名}"}, "text"),
        ({"text": "半价}"}, "text"),
        ({"card_title": "{门店名}上新"}, "card_title"),
        ({"name": "{月份}上新"}, "name"),
        ({"card_note": "{"}, "card_note"),
        ({"channel": "sms"}, "channel"),
        ({"channel": "moment", "text": "{导购名}推荐"}, "text"),
        ({"channel": "moment", "text": "a" * 2001}, "text"),
        ({"channel": "moment", "text": "汉" * 1334}, "text"),
        ({"channel": "share_moment", "text": "雪", "conditions": {"days": {"most": 7}}}, "conditions"),
        ({"scope": {"everybody": [1]}}, "scope"),
        ({"scope": {"stores": [99]}}, "scope.stores"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=40)}, "ends_at"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_by_field(sqlite_database, sqlite_people, changes, field):
    with sqlite_database.write() as session:
        assert complaints(session, CampaignFields(**GOOD), NOW) == {}
        fields = CampaignFields(**{**GOOD, **changes})
        assert list(complaints(session, fields, NOW)) == [field]
        with pytest.raises(Refused) as refused:
            planning.create(session, fields, who="周岚", account_id=None, now=NOW)
        assert list(refused.value.faults) == [field]
        assert session.exec(select(Campaign)).all() == []


def test_a_time_that_does_not_say_its_zone_is_refused(sqlite_database):
    """What the row holds is UTC: a time without a zone would be eight hours off."""
    naive = CampaignFields(**{**GOOD, "launch_at": datetime(2026, 11, 19, 10)})  # noqa: DTZ001
    with sqlite_database.read() as session:
        assert complaints(session, naive, NOW) == {"launch_at": "时间没有写明时区"}
