"""What the last campaigns were for one customer, asked from the sets."""

from datetime import timedelta

from pyroaring import FrozenBitMap

from models.campaigns import Exclusion, TaskAudience
from models.campaigns.customer_history import last_campaigns
from tests import cast
from tests.cast import LIN, NOW, XU


def campaign(session, guide, number, members, **sets):
    made = cast.campaign(session, name=f"第 {number} 次", launch_at=NOW + timedelta(hours=number))
    task = cast.task(session, made, guide)
    session.add(TaskAudience(task_id=task.id, members=members, **sets))
    session.flush()
    return made


def seen(session, guide, customer, limit=60):
    return [
        (part.campaign.name, part.addressed, part.result, part.excluded)
        for part in last_campaigns(session, guide.id, next(iter(customer)), limit)
    ]


def test_a_campaign_is_hers_when_she_is_in_the_share_or_was_left_out(database, people):
    with database.write() as session:
        xu, lin = cast.customers(session, XU), cast.customers(session, LIN)
        campaign(session, people.wang, 1, xu | lin, reached=xu, limited=lin)
        left_out = campaign(session, people.wang, 2, lin)
        session.add(Exclusion(campaign_id=left_out.id, words="还没通过好友申请", members=xu))
        campaign(session, people.wang, 3, lin)
        campaign(session, people.wang, 4, xu)
        campaign(session, people.zhao, 5, xu, reached=xu)
        session.flush()
        assert seen(session, people.wang, xu) == [
            ("第 4 次", True, None, ""),
            ("第 2 次", False, None, "还没通过好友申请"),
            ("第 1 次", True, "reached", ""),
        ]
        assert seen(session, people.wang, lin, limit=3) == [
            ("第 3 次", True, None, ""),
            ("第 2 次", True, None, ""),
        ]


def test_a_group_with_her_number_is_not_she(database, people):
    with database.write() as session:
        xu = cast.customers(session, XU)
        made = campaign(session, people.wang, 1, FrozenBitMap(xu))
        made.channel = "group_mass"
        session.flush()
        assert seen(session, people.wang, xu) == []
