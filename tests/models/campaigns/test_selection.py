"""Whom a campaign goes to and whom not: a subtraction that ends at the number of people, the same before and at the launch."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.campaigns import Purpose, Task, TaskAudience
from models.campaigns.selection import select_audience
from models.friends import FriendStatus
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.groups import GroupStatus
from models.org import GuideStatus, guides_in_scope
from tests import cast
from tests.cast import CHEN, LIN, NOW, XU, ZONE
from tests.models.campaigns.selecting import BEFORE, DAY, earlier, frozen, launched, plan, preview

HALF, LOST, SECOND = "wmHalf", "wmLost", "wmSecond"


@pytest.fixture
def db(sqlite_database, sqlite_people):
    """王芳: three friends, one lost, one half, and a code; 周梅: one friend, a group, no code; 赵倩: nobody."""
    with sqlite_database.write() as session:
        cast.restrain(session)
        wang, zhou = sqlite_people.wang, sqlite_people.zhou
        for name, status in (
            (XU, "friend"),
            (LIN, "friend"),
            (LOST, FriendStatus.LOST),
            (HALF, FriendStatus.HALF),
        ):
            cast.befriend(session, wang, name, at=BEFORE, status=status)
        cast.befriend(session, zhou, CHEN, at=BEFORE)
        cast.ready_code(session, guide=wang)
        cast.customer_group(session, zhou, "g1", now=BEFORE)
        cast.customer_group(session, zhou, "g2", now=BEFORE, status=GroupStatus.DISMISSED)
        cast.internal_group(session).owner_id = zhou.id
        sqlite_people.gao.status = GuideStatus.LEFT
        session.merge(sqlite_people.gao)
    return sqlite_database


def selected(db, **fields):
    with db.write() as session:
        made = plan(session, **fields)
        return select_audience(session, made, NOW, ZONE, number=made.id)


def test_friends_minus_lost_minus_half_is_who_is_reached(db):
    found = selected(db)
    assert (len(found.guides), found.start, found.reached, found.idle) == (3, 5, 3, 1)
    assert found.minus == [("已不是好友", 1), ("还没通过好友申请", 1)]
    assert len(found.members) == found.reached


def test_a_poster_needs_the_guide_s_code_or_one_that_is_being_made(db):
    found = selected(db, attachments=cast.poster())
    assert found.minus[-1] == ("导购还没有能用的入口码", 1) and (found.reached, found.idle) == (2, 2)
    with db.write() as session:
        session.exec(select(EntryCode)).one().status = EntryCodeStatus.WAITING
    assert selected(db, attachments=cast.poster()).reached == 2


def test_groups_are_counted_as_groups(db):
    found = selected(db, channel="group_mass")
    assert (found.start, found.minus, found.reached, found.idle) == (2, [("群已解散", 1)], 1, 2)


def test_a_notice_reaches_guides(db):
    assert selected(db, channel="notice").reached == 3


def test_a_guide_who_gets_nothing_to_send_is_told_why(db, sqlite_people):
    with db.write() as session:
        earlier(session, CHEN)
    found = selected(db, text="{门店名}" + "雪" * 1328)
    assert found.obstacles[sqlite_people.zhao.id] == "她名下没有可以群发的好友"
    assert "填上她的门店名后正文有 4,002 字节" in found.obstacles[sqlite_people.zhou.id]
    assert sqlite_people.wang.id not in found.obstacles
    assert "她的 1 位好友这次都不发" in selected(db).obstacles[sqlite_people.zhou.id]


@pytest.mark.parametrize("kind", ["branches", "stores", "guides"])
def test_the_scope_names_the_guides(db, sqlite_people, kind):
    scope = {
        "branches": [sqlite_people.northeast.id],
        "stores": [sqlite_people.taiyuanjie.id],
        "guides": [sqlite_people.wang.id],
    }
    found = selected(db, scope={kind: scope[kind]})
    with db.read() as session:
        assert list(found.guides) == guides_in_scope(session, {kind: scope[kind]})
    assert len(found.members) == {"branches": 3, "stores": 1, "guides": 2}[kind]


def crowd(session, people):
    """Somebody for every reason at once."""
    for name in ("wmBusy", "wmFull", "wmHeld", "wmNew", "wmElsewhere"):
        cast.befriend(session, people.wang, name, at=BEFORE if name != "wmNew" else NOW - DAY)
    cast.befriend(session, people.zhao, "wmNoCode", at=BEFORE)
    cast.befriend(session, people.wang, SECOND, at=BEFORE)
    cast.befriend(session, people.zhou, SECOND, at=BEFORE + DAY)
    cast.ready_code(session, guide=people.zhou, state="zhou")
    for days in (2, 4):
        earlier(session, "wmBusy", days=days)
    earlier(session, LIN, days=6, limited=("wmFull",))
    session.flush()
    plan(session, at=NOW + DAY, name="会员生日", purpose=Purpose.CARE, scope={"guides": [people.zhao.id]})
    cast.befriend(session, people.zhao, "wmHeld", at=BEFORE)
    earlier(session, "wmHeld", days=3)


@pytest.mark.parametrize("at", [NOW, NOW + timedelta(hours=10)])
def test_the_preview_and_the_launch_agree_on_every_customer_and_every_reason_F08(db, sqlite_people, at):
    with db.write() as session:
        crowd(session, sqlite_people)
        made = plan(session, at=at, attachments=cast.poster(), conditions={"at_least_days": 7})
    before = preview(db, made)
    assert before == launched(db, made)
    shares, reasons = before
    assert reasons == {
        "已不是好友": {LOST},
        "还没通过好友申请": {HALF},
        "好友不满 7 天": {"wmNew"},
        "7 天内已联系 2 次": {"wmBusy"},
        "名额留给「会员生日」": {"wmHeld"},
        "本月群发已收满": {"wmFull"},
        "导购还没有能用的入口码": {"wmNoCode"},
    }
    assert shares == {
        sqlite_people.wang.id: {XU, LIN, "wmElsewhere"},
        sqlite_people.zhou.id: {CHEN, SECOND},
    }


def test_a_customer_of_three_guides_is_reached_once_by_the_guide_with_the_newest_friendship_F10(
    db, sqlite_people
):
    with db.write() as session:
        cast.befriend(session, sqlite_people.zhou, XU, at=BEFORE + DAY)
        cast.befriend(session, sqlite_people.zhao, XU, at=BEFORE - DAY)
        made = plan(session)
    shares, reasons = preview(db, made)
    assert shares == {sqlite_people.wang.id: {LIN}, sqlite_people.zhou.id: {CHEN, XU}} and XU not in reasons
    with db.read() as session:
        found = select_audience(session, made, NOW, ZONE)
    assert len(found.shared) == 1 and found.obstacles[sqlite_people.zhao.id] == "她的好友这次都由别的导购发"
    assert launched(db, made) == (shares, reasons)


def test_whoever_wrote_to_a_shared_customer_last_writes_again_F10(db, sqlite_people):
    with db.write() as session:
        cast.befriend(session, sqlite_people.zhou, XU, at=BEFORE + DAY)
        past = earlier(session, XU, days=10)
        task = cast.task(session, past, sqlite_people.wang, confirmed_at=NOW - 9 * DAY, reached=1)
        member = cast.customers(session, XU)
        share = session.exec(select(TaskAudience).where(TaskAudience.task_id == task.id)).one_or_none()
        share = share or TaskAudience(task_id=task.id)
        share.members, share.reached = member, member
        session.add(share)
        made = plan(session)
    assert preview(db, made)[0][sqlite_people.wang.id] == {XU, LIN}


def test_a_launch_that_was_interrupted_shares_out_the_rest_of_what_it_froze_F11(
    db, sqlite_people, monkeypatch
):
    from models.campaigns import Campaign, launch, lifecycle
    from tests.models.campaigns.planned import after_the_first_piece

    monkeypatch.setattr(launch, "GUIDES_AT_ONCE", 1)
    with db.write() as session:
        made = plan(session)
    after_the_first_piece(
        db, lambda session: lifecycle.pause(session, session.get_one(Campaign, made.id), "周岚", NOW)
    )
    whole = preview(db, made)
    launch.launch_due(db, NOW, ZONE)
    assert frozen(db, made)[0] == {sqlite_people.wang.id: {XU, LIN}}
    with db.write() as session:
        cast.befriend(session, sqlite_people.zhao, "wmLater", at=NOW)
        earlier(session, CHEN, name="这时才开始的")
        lifecycle.resume(session, session.get_one(Campaign, made.id), "周岚", NOW)
    launch.launch_due(db, NOW, ZONE)
    assert frozen(db, made) == whole
    with db.read() as session:
        assert len(session.exec(select(Task).where(Task.campaign_id == made.id)).all()) == 3
