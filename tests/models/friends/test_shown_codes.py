"""A code that was shown counts for its guide until it is scanned, or until nobody will scan it any more."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlmodel import select

from models.friends import assignment, friendship, shown_codes
from models.friends.shown_codes import FRESH, ShownCode
from tests import cast
from tests.cast import NOW, ZONE


def look(session, store, now=NOW):
    """Somebody opens the page of this store: whose code she is shown."""
    code = cast.EntryCode(state="", kind="store", store_id=store.id, created_at=NOW)
    picked = assignment.choose(session, code, None, now, ZONE)
    shown_codes.show(session, picked.guide, picked.rule, now)
    return picked.guide.id


def test_of_thirty_who_look_at_one_moment_each_guide_gets_ten_G08(database, people):
    def open_page(_number):
        with database.write() as session:
            return look(session, people.zhongjie)

    with ThreadPoolExecutor(6) as pool:
        spread = Counter(pool.map(open_page, range(30)))
    assert spread == {people.wang.id: 10, people.zhao.id: 10, people.gao.id: 10}


def test_a_scan_takes_one_so_that_she_is_not_counted_twice(session, sqlite_people):
    cast.ready_code(session, guide=sqlite_people.wang, state="hers")
    assert look(session, sqlite_people.zhongjie) == sqlite_people.wang.id
    friendship.added(session, cast.WANG, cast.XU, NOW, NOW, ZONE, state="hers")
    assert session.exec(select(ShownCode.taken_at)).all() == [NOW]
    assert not shown_codes.take(session, sqlite_people.wang.id, NOW)
    assert [look(session, sqlite_people.zhongjie) for _time in range(3)] == [
        sqlite_people.zhao.id,
        sqlite_people.gao.id,
        sqlite_people.zhao.id,
    ]


def test_what_nobody_scanned_counts_no_more_after_ten_minutes(session, sqlite_people):
    assert look(session, sqlite_people.zhongjie) == sqlite_people.wang.id
    assert look(session, sqlite_people.zhongjie, NOW + FRESH) == sqlite_people.wang.id
    assert shown_codes.prune(session, NOW + timedelta(minutes=1), 500) == 1


def test_whom_no_rule_had_to_choose_is_not_counted(session, sqlite_people):
    for guide, rule in ((sqlite_people.wang, "before"), (sqlite_people.wang, "claimed"), (None, "queue")):
        assert not shown_codes.show(session, guide, rule, NOW)
    assert session.exec(select(ShownCode).where(ShownCode.counts)).all() == []
    assert not shown_codes.take(session, sqlite_people.wang.id, NOW)
