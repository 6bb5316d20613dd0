"""The samples of a preview are people of the selection: who gets it and from whom, who does not and why."""

from models.campaigns.samples import samples
from models.campaigns.selection import select_audience
from models.friends import FriendStatus
from tests import cast
from tests.cast import NOW, ZONE
from tests.models.campaigns.selecting import BEFORE, earlier, plan


def test_of_twenty_up_to_six_do_not_get_it_with_every_reason_among_them(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        cast.restrain(session)
        for number in range(30):
            cast.befriend(session, sqlite_people.guides[number % 3], f"wm{number}", at=BEFORE)
        for number in range(4):
            cast.befriend(session, sqlite_people.wang, f"lost{number}", at=BEFORE, status=FriendStatus.LOST)
        cast.befriend(session, sqlite_people.wang, "half", at=BEFORE, status=FriendStatus.HALF)
        earlier(session, "wm7", "wm8", days=0)
        found = select_audience(session, plan(session), NOW, ZONE)
        first, second = samples(session, found, 0), samples(session, found, 1)
    getting, left_out = [one for one in first if one.guide], [one for one in first if one.why]
    assert len(getting) == 15 and len({one.guide for one in getting}) == 3
    assert {one.customer_id for one in getting} <= set(found.members)
    assert [one.why for one in left_out[:3]] == ["已不是好友", "还没通过好友申请", "当天已联系 1 次"]
    assert len({one.customer_id for one in left_out}) == len(left_out) == 5
    for one in left_out:
        assert one.customer_id in next(r.members for r in found.reasons if r.words == one.why)
    assert first != second


def test_nobody_to_reach_gives_no_samples(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        assert samples(session, select_audience(session, plan(session), NOW, ZONE), 0) == []
