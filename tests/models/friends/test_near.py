"""Whose code a visitor of /near is shown: that of the guide whom the rules choose, and why is remembered."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.friends import entry_codes, friendship, near, rule_sets, shown_codes
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus, LeadsTo
from models.friends.shown_codes import FoundBy, ShownCode
from models.ledger.outbox import Outbox
from models.org import Guide, Store, opening, shifts
from tests import cast
from tests.cast import NOW, ZONE


@pytest.fixture
def menu(session, sqlite_people) -> EntryCode:
    """A code of HQ that leads to /near; everybody has a badge."""
    for guide in sqlite_people.guides:
        cast.ready_code(session, guide=guide)
    ready = {"leads_to": LeadsTo.NEAR, "status": EntryCodeStatus.READY}
    return entry_codes.new(session, EntryCodeKind.BRANCH, "公众号菜单", NOW, **ready)


def show(session, menu, store, *, before=0):
    return near.show(session, menu, store, FoundBy.POSITION, NOW, ZONE, before=before)


def test_the_guide_whom_the_rules_choose_is_shown_and_why_is_written_down(session, sqlite_people, menu):
    cast.befriend(session, sqlite_people.wang, cast.XU)
    shown = show(session, menu, sqlite_people.zhongjie)
    assert shown.guide.userid == cast.ZHAO
    (row,) = session.exec(select(ShownCode)).all()
    assert (row.code_id, row.store_id, row.guide_id) == (menu.id, sqlite_people.zhongjie.id, shown.guide.id)
    assert (row.found_by, str(row.reason)) == ("position", "沈阳中街店的赵倩，今天新好友 0 位，最少")
    assert row.counts and not {"latitude", "longitude"} & set(ShownCode.model_fields)


def test_a_rush_on_one_store_is_spread_before_anybody_scans_G08(session, sqlite_people, menu):
    shown = [show(session, menu, sqlite_people.zhongjie).guide.userid for _visit in range(6)]
    assert sorted(shown) == sorted([cast.WANG, cast.ZHAO, cast.GAO] * 2)


def test_a_scan_of_the_code_behind_the_page_takes_one_of_those_shown(session, sqlite_people, menu):
    show(session, menu, sqlite_people.taiyuanjie)
    (made,) = session.exec(select(EntryCode).where(EntryCode.via_id == menu.id)).all()
    entry_codes.ready(session, made, "config9", "", "https://work.weixin.qq.com/ca/9", NOW)
    friendship.added(session, cast.ZHOU, cast.XU, NOW, NOW, ZONE, state=made.state)
    assert session.exec(select(ShownCode.taken_at)).all() == [NOW]
    assert not shown_codes.take(session, sqlite_people.zhou.id, NOW)


def publish(session, *rules):
    names = [{"rule": name} for name in (*rules, "queue")]
    rule_sets.publish(session, rule_sets.draft(session, None, names, "周岚", NOW), "周岚", NOW)


def test_rules_that_look_at_shifts_show_nobody_who_is_off_G07(session, sqlite_people, menu):
    publish(session, "code", "nearest", "on_shift", "least")
    wang, zhao = (session.get_one(Guide, one.id) for one in sqlite_people.guides[:2])
    for guide in (wang, zhao):
        shifts.change(session, guide, NOW.astimezone(ZONE).date(), off=True, who="店长", now=NOW)
    shown = [show(session, menu, sqlite_people.zhongjie).guide.userid for _visit in range(3)]
    assert shown == [cast.GAO] * 3


def test_at_night_the_rules_find_nobody_and_a_guide_of_the_store_is_shown_all_the_same_G07(
    session, sqlite_people, menu
):
    publish(session, "code", "nearest", "on_shift", "least")
    night = NOW + timedelta(hours=14)
    shown = near.show(session, menu, sqlite_people.zhongjie, FoundBy.CITY, night, ZONE)
    assert shown.guide.store_id == sqlite_people.zhongjie.id
    assert "按规则这会儿没有人接" in shown.reason


def test_a_till_s_code_speaks_of_its_own_store_and_not_of_the_one_chosen_instead(
    session, sqlite_people, menu
):
    menu.store_id = sqlite_people.zhongjie.id
    assert show(session, menu, sqlite_people.zhongjie).guide.store_id == sqlite_people.zhongjie.id
    assert show(session, menu, sqlite_people.taiyuanjie).guide.userid == cast.ZHOU


def test_how_far_is_still_near_the_rules_say(session, sqlite_people, menu):
    assert near.reach(session, sqlite_people.zhongjie) is None
    publish(session, "code", "nearest", "least")
    assert near.reach(session, sqlite_people.zhongjie) == 30_000


def test_where_the_chosen_guide_has_no_code_yet_a_colleague_is_shown_and_it_is_said(
    session, sqlite_people, menu
):
    entry_codes.of_guide(session, sqlite_people.wang.id).status = EntryCodeStatus.WAITING
    session.flush()
    shown = show(session, menu, sqlite_people.zhongjie)
    assert shown.guide.userid == cast.ZHAO
    assert str(shown.reason) == "王芳的码还没做好，先给赵倩的"


def test_who_comes_again_sees_the_same_guide_until_she_leaves_the_store(session, sqlite_people, menu):
    gao = session.get_one(Guide, sqlite_people.gao.id)
    for _visit in range(3):
        assert show(session, menu, sqlite_people.zhongjie, before=gao.id).guide is gao
    assert session.exec(select(ShownCode.counts)).all() == [False] * 3  # no rule had to choose
    gao.leave("sync", NOW)
    session.flush()
    assert show(session, menu, sqlite_people.zhongjie, before=gao.id).guide.userid == cast.WANG
    assert show(session, menu, sqlite_people.zhongjie, before=sqlite_people.zhou.id).guide.userid == cast.ZHAO


def test_each_guide_gets_one_code_for_what_led_there_and_until_it_is_made_her_own_is_shown(
    session, sqlite_people, menu
):
    first, second = (show(session, menu, sqlite_people.taiyuanjie) for _visit in range(2))
    assert first.code.kind == EntryCodeKind.GUIDE and second.code is first.code
    asked = session.exec(select(Outbox).where(Outbox.channel == "contact_way")).all()
    assert len(asked) == 1
    made = session.get_one(EntryCode, asked[0].subject_id)
    assert (made.via_id, made.kind, made.userids) == (menu.id, EntryCodeKind.BRANCH, [cast.ZHOU])
    entry_codes.ready(session, made, "config9", "", "https://work.weixin.qq.com/ca/9", NOW)
    assert show(session, menu, sqlite_people.taiyuanjie).code is made
    assert entry_codes.of_guide(session, sqlite_people.zhou.id) is first.code


def test_who_is_named_is_whom_a_scan_adds(session, sqlite_people, menu):
    """While she rests her badge adds a colleague, also when all rest by now."""
    badge = entry_codes.of_guide(session, sqlite_people.zhou.id)
    badge.userids = [cast.WANG]
    assert show(session, menu, sqlite_people.taiyuanjie).guide.userid == cast.WANG


def test_a_retired_code_still_leads_to_somebody_and_makes_no_new_ones(session, sqlite_people, menu):
    entry_codes.end(session, menu, NOW)
    assert show(session, menu, sqlite_people.taiyuanjie).guide.userid == cast.ZHOU
    assert session.exec(select(Outbox).where(Outbox.channel == "contact_way")).all() == []


def test_when_the_platform_has_little_room_left_no_more_codes_are_asked_for(
    session, sqlite_people, menu, monkeypatch
):
    monkeypatch.setattr(near, "MOST_WAYS", 4)
    assert show(session, menu, sqlite_people.taiyuanjie).code.kind == EntryCodeKind.GUIDE
    assert session.exec(select(Outbox).where(Outbox.channel == "contact_way")).all() == []


def test_where_nobody_has_a_code_nothing_is_shown(session, sqlite_people, menu):
    for code in session.exec(select(EntryCode).where(EntryCode.kind == EntryCodeKind.GUIDE)):
        code.status = EntryCodeStatus.FAILED
    session.flush()
    assert show(session, menu, sqlite_people.zhongjie) is None
    assert show(session, menu, sqlite_people.xinjiekou) is None
    assert session.exec(select(ShownCode)).all() == []


def test_a_branchs_code_leads_to_its_own_stores_and_none_to_a_store_without_anybody(
    session, sqlite_people, menu
):
    assert [one.code for one in near.stores_of(session, menu)] == [cast.ZHONGJIE.code, cast.TAIYUANJIE.code]
    menu.branch_id = sqlite_people.east.id
    assert near.stores_of(session, menu) == []


def test_only_stores_with_a_position_are_on_the_map_and_none_that_closed(session, sqlite_people, menu):
    place, store = (cast.ZHONGJIE.latitude, cast.ZHONGJIE.longitude), sqlite_people.zhongjie
    assert [one.store_id for one in near.stores_on_map(session, menu).nearest(*place, 3)][0] == store.id
    session.get_one(Store, store.id).latitude = None
    session.flush()
    assert [one.store_id for one in near.stores_on_map(session, menu).nearest(*place)] == [
        sqlite_people.taiyuanjie.id
    ]
    opening.close_for_good(session, session.get_one(Store, sqlite_people.taiyuanjie.id), True, "周岚", NOW)
    assert near.stores_on_map(session, menu).nearest(*place) == []


def test_a_store_that_closed_for_good_is_not_offered(session, sqlite_people, menu):
    store = session.get_one(Store, sqlite_people.zhongjie.id)
    opening.close_for_good(session, store, True, "周岚", NOW)
    assert [one.code for one in near.stores_of(session, menu)] == [cast.TAIYUANJIE.code]
    opening.close_for_good(session, store, False, "周岚", NOW)
    assert len(near.stores_of(session, menu)) == 2


def test_only_codes_that_lead_here_are_found_and_retired_ones_still_are(session, sqlite_people, menu):
    assert near.find(session, menu.state) is menu
    assert near.find(session, entry_codes.of_guide(session, sqlite_people.wang.id).state) is None
    assert near.find(session, "nonsense") is None
    entry_codes.end(session, menu, NOW)
    assert near.find(session, menu.state) is menu
