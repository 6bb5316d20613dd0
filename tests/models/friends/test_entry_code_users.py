"""Who stands behind a code follows who is there, on shift and free; the same contact way, one call per change."""

from datetime import timedelta
from itertools import count

import pytest
from sqlmodel import select

from models.friends import entry_codes, rule_sets
from models.friends.entry_code_users import (
    note_resting,
    refresh_users,
    resting,
    resting_news,
    stores_with_codes,
    used_ways,
)
from models.friends.entry_codes import EntryCodeKind, EntryCodeStatus, LeadsTo
from models.ledger.outbox import Outbox
from models.org import Guide, shifts
from tests import cast
from tests.cast import NOW, ZONE
from tests.models.friends.test_entry_codes import calls


@pytest.fixture
def rest(session, sqlite_people):
    """Let these guides rest, and only these."""

    looks = count(1)

    def let(*guides: Guide) -> list[entry_codes.EntryCode]:
        for guide in sqlite_people.guides:
            session.get_one(Guide, guide.id).resting = guide in guides
        session.flush()
        return refresh_users(session, sqlite_people.zhongjie.id, NOW + timedelta(minutes=5 * next(looks)))

    return let


def test_a_code_of_nobody_waits_for_somebody(session, sqlite_people):
    code = entry_codes.make_for_store(session, sqlite_people.xinjiekou, NOW)
    assert (code.status, code.reason) == ("failed", entry_codes.NOBODY)
    assert calls(session) == []
    session.get_one(Guide, sqlite_people.zhou.id).store_id = sqlite_people.xinjiekou.id
    session.flush()
    refresh_users(session, sqlite_people.xinjiekou.id, NOW)
    assert (code.status, code.userids) == ("waiting", [cast.ZHOU])
    assert len(calls(session)) == 1


def test_the_platform_hears_of_changed_people_once(session, sqlite_people):
    code = cast.ready_code(session, store=sqlite_people.zhongjie)
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == []
    session.get_one(Guide, sqlite_people.wang.id).leave("sync", NOW)
    session.flush()
    assert stores_with_codes(session) == [sqlite_people.zhongjie.id]
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == [code]
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == []
    assert code.userids == [cast.ZHAO, cast.GAO]
    assert calls(session) == [(code.id, "店里的人变了", True)]


def test_the_last_one_to_leave_keeps_the_code_alive_G07(session, sqlite_people):
    code = cast.ready_code(session, store=sqlite_people.taiyuanjie)
    code.userids = [cast.ZHOU]
    session.get_one(Guide, sqlite_people.zhou.id).leave("sync", NOW)
    session.flush()
    assert refresh_users(session, sqlite_people.taiyuanjie.id, NOW) == []
    assert code.userids == [cast.ZHOU]


def test_a_code_that_is_being_made_is_compared_later(session, sqlite_people):
    code = entry_codes.make_for_store(session, sqlite_people.zhongjie, NOW)
    session.get_one(Guide, sqlite_people.wang.id).leave("sync", NOW)
    session.flush()
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == []
    entry_codes.ready(session, code, "config1", "", "payload", NOW)
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == [code]


def test_a_badge_adds_a_colleague_while_its_guide_rests_and_her_again_afterwards(
    session, sqlite_people, rest
):
    badge = cast.ready_code(session, guide=sqlite_people.wang)
    cast.befriend(session, sqlite_people.zhao, cast.XU)
    assert rest(sqlite_people.wang) == [badge]
    assert badge.userids == [cast.GAO]
    assert rest(sqlite_people.wang) == []
    assert rest() == [badge]
    assert badge.userids == [cast.WANG]
    assert calls(session) == [(badge.id, "店里的人变了", True)] * 2


def test_who_stands_in_for_a_guide_stays_until_she_rests_as_well(session, sqlite_people, rest):
    badge = cast.ready_code(session, guide=sqlite_people.wang)
    rest(sqlite_people.wang)
    stand_in = badge.userids
    cast.befriend(session, sqlite_people.zhao if stand_in == [cast.ZHAO] else sqlite_people.gao, cast.XU)
    assert rest(sqlite_people.wang) == []
    other = sqlite_people.gao if stand_in == [cast.ZHAO] else sqlite_people.zhao
    first = next(one for one in sqlite_people.guides if [one.userid] == stand_in)
    assert rest(sqlite_people.wang, first) == [badge]
    assert badge.userids == [other.userid]


def test_a_badge_outlives_its_guide_G07(session, sqlite_people):
    badge = cast.ready_code(session, guide=sqlite_people.wang)
    session.get_one(Guide, sqlite_people.wang.id).leave("sync", NOW)
    session.flush()
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == [badge]
    assert badge.userids in ([cast.ZHAO], [cast.GAO])
    assert calls(session) == [(badge.id, "店里的人变了", True)]


def test_while_all_rest_a_code_keeps_whom_it_has_G07(session, sqlite_people, rest):
    shared = cast.ready_code(session, store=sqlite_people.zhongjie)
    badge = cast.ready_code(session, guide=sqlite_people.wang)
    rest(sqlite_people.gao)
    assert (shared.userids, badge.userids) == ([cast.WANG, cast.ZHAO], [cast.WANG])
    assert rest(sqlite_people.wang, sqlite_people.zhao, sqlite_people.gao) == []


def test_a_code_that_leads_to_near_holds_nobody(session, sqlite_people):
    values = {
        "leads_to": LeadsTo.NEAR,
        "status": EntryCodeStatus.READY,
        "store_id": sqlite_people.zhongjie.id,
    }
    till = entry_codes.new(session, EntryCodeKind.STORE, "收银台", NOW, **values)
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == []
    assert (till.userids, calls(session)) == ([], [])


def test_guides_rest_while_their_store_is_closed(session, sqlite_people):
    everybody = {one.id for one in sqlite_people.guides}
    assert resting(session, NOW, ZONE) == set()
    night = NOW + timedelta(hours=14)
    assert resting(session, night, ZONE) == everybody
    news = resting_news(session, night, ZONE)
    assert set(news.guides[True]) == everybody and news.guides[False] == []
    assert news.stores == sorted([sqlite_people.zhongjie.id, sqlite_people.taiyuanjie.id])
    note_resting(session, news.guides[True], True)
    assert resting_news(session, night, ZONE).stores == []
    assert set(resting_news(session, NOW, ZONE).guides[False]) == everybody


def test_a_guide_rests_on_her_day_off_and_at_the_daily_cap_of_the_rules_G07(session, sqlite_people):
    wang, zhao = (session.get_one(Guide, one.id) for one in sqlite_people.guides[:2])
    shifts.change(session, wang, NOW.astimezone(ZONE).date(), off=True, who="店长", now=NOW)
    cast.befriend(session, zhao, cast.XU)
    assert resting(session, NOW, ZONE) == {wang.id}
    names = ({"rule": "code"}, {"rule": "cap", "per_day": 1}, {"rule": "least"}, {"rule": "queue"})
    rule_sets.publish(session, rule_sets.draft(session, None, names, "周岚", NOW), "周岚", NOW)
    assert resting(session, NOW, ZONE) == {wang.id, zhao.id}


def test_a_code_behind_near_stays_with_whom_the_rules_chose_while_she_rests(session, sqlite_people, rest):
    till = entry_codes.new(session, EntryCodeKind.STORE, "收银台", NOW, leads_to=LeadsTo.NEAR)
    hers = cast.ready_code(session, guide=sqlite_people.wang)
    hers.kind, hers.via_id = EntryCodeKind.STORE, till.id
    assert rest(sqlite_people.wang) == []
    session.get_one(Guide, sqlite_people.wang.id).leave("sync", NOW)
    session.flush()
    assert refresh_users(session, sqlite_people.zhongjie.id, NOW) == [hers]


def test_only_contact_ways_that_the_platform_has_are_counted(session, sqlite_people):
    made = cast.ready_code(session, store=sqlite_people.zhongjie)
    entry_codes.make_for_guide(session, sqlite_people.wang, NOW)
    entry_codes.new(session, EntryCodeKind.BRANCH, "公众号菜单", NOW, leads_to=LeadsTo.NEAR)
    assert used_ways(session) == 1
    entry_codes.end(session, made, NOW)
    assert used_ways(session) == 0
    assert len(session.exec(select(Outbox).where(Outbox.channel == "contact_way_end")).all()) == 1
