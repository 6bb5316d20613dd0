"""A friend arrives and goes, as callbacks tell it: late, twice, in the wrong order."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.friends import Customer, Friend, friendship
from models.ledger import outbox
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from models.preferences import Preference
from tests import cast
from tests.cast import NOW, WANG, XU
from tests.handlers.platform import friend_event, member_event, on_one_database
from tests.models.friends import handed

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def happened(happen):
    """One event of change_external_contact, some seconds after NOW; its row."""

    def tell(change, after=0, userid=WANG, external_userid=XU, **fields):
        return happen(
            friend_event(change, userid, external_userid, at=NOW + timedelta(seconds=after), **fields)
        )

    return tell


@pytest.fixture
def friend(database):
    def find(userid=WANG, external_userid=XU):
        with database.read() as session:
            return friendship.find(session, userid, external_userid)

    return find


@pytest.fixture
def welcomes(database):
    def read():
        with database.read() as session:
            return list(session.exec(select(Outbox).where(Outbox.channel == "welcome").order_by(Outbox.id)))

    return read


def test_a_scan_makes_a_friend_with_an_owner_a_reason_and_a_welcome(
    database, happened, friend, welcomes, people
):
    with database.write() as session:
        code = cast.ready_code(session, guide=people.wang)
    row = happened("add_external_contact", State=code.state, WelcomeCode="WC1")
    found = friend()
    assert (found.owner_id, found.guide_id, found.code_id) == (people.wang.id, people.wang.id, code.id)
    assert (found.store_id, found.branch_id) == (people.zhongjie.id, people.northeast.id)
    assert (found.rule, found.reason) == ("code", "扫的是王芳的码")
    assert row.decision == "王芳多了一位好友。扫的是王芳的码。欢迎语已排队"
    (welcome,) = welcomes()
    assert welcome.payload["welcome_code"] == "WC1"
    assert "沈阳中街店的王芳" in welcome.payload["text"]
    assert (welcome.lane, welcome.priority, welcome.inbox_id) == ("welcome", 0, row.id)
    assert welcome.deadline == NOW + timedelta(seconds=20)
    assert found.welcome_id == welcome.id


def test_the_same_event_again_is_one_friend_and_one_welcome_A02(happened, friend, welcomes):
    for _ in range(3):
        row = happened("add_external_contact", WelcomeCode="WC1")
    assert row.copies == 3
    assert friend().times_added == 1
    assert len(welcomes()) == 1


def test_without_a_welcome_code_nothing_is_called_G03(happened, friend, welcomes):
    row = happened("add_external_contact")
    assert friend().status == "friend"
    assert welcomes() == []
    assert "没有给欢迎码" in row.decision


def test_half_and_full_with_one_code_are_one_welcome(happened, friend, welcomes):
    row = happened("add_half_external_contact", WelcomeCode="WC1")
    assert (friend().status, "还没加回去" in row.decision) == ("half", True)
    row = happened("add_external_contact", 3, WelcomeCode="WC1")
    assert friend().status == "friend"
    assert friend().times_added == 1
    assert len(welcomes()) == 1
    assert "已经用过" in row.decision


def test_half_that_arrives_after_full_does_not_take_back(happened, friend):
    happened("add_external_contact", 3)
    happened("add_half_external_contact", 0)
    assert friend().status == "friend"


def test_deleted_before_added_leaves_no_ghost_A05(happened, friend, welcomes):
    happened("del_follow_user", 5)
    row = happened("add_external_contact", 0, WelcomeCode="WC1")
    found = friend()
    assert (found.status, found.lost_how, found.times_added) == ("lost", "customer", 1)
    assert (found.added_at, found.lost_at) == (NOW, NOW + timedelta(seconds=5))
    assert welcomes() == []
    assert "只补记历史" in row.decision


def test_an_older_deletion_does_not_end_a_newer_friendship_A05(happened, friend):
    happened("add_external_contact", 60)
    row = happened("del_external_contact", 5)
    assert friend().status == "friend"
    assert "不改现在的状态" in row.decision


def test_an_event_26_hours_late_counts_at_its_own_time_without_a_welcome_A06(happened, friend, welcomes):
    row = happened("add_external_contact", -26 * 3600, WelcomeCode="WC1")
    assert friend().added_at == NOW - timedelta(hours=26)
    assert friend().status == "friend"
    assert welcomes() == []
    assert "晚到了 26 小时" in row.decision


@on_one_database
@pytest.mark.parametrize(("late", "count"), [(20, 1), (21, 0)])
def test_a_welcome_is_intended_while_its_code_can_still_live_G01(happened, welcomes, late, count):
    happened("add_external_contact", -late, WelcomeCode="WC1")
    assert len(welcomes()) == count


def test_a_welcome_that_we_made_late_is_counted_as_missed_G01(platform, work, clock, welcomes):
    platform.send(friend_event("add_external_contact", WANG, XU, at=NOW, WelcomeCode="WC1"))
    clock.wait(seconds=25)
    work()
    assert [(row.status, row.reason) for row in welcomes()] == [(OutboxStatus.EXPIRED, outbox.TOO_LATE)]


def test_a_customer_who_leaves_at_once_is_not_welcomed(happened, welcomes):
    happened("add_external_contact", WelcomeCode="WC1")
    row = happened("del_follow_user", 2)
    assert [row.status for row in welcomes()] == [OutboxStatus.CANCELLED]
    assert row.decision == "客户删除了王芳"


def test_add_delete_and_add_again_is_one_person_with_a_history_G09(database, happened, friend, people):
    happened("add_external_contact", 0)
    happened("del_follow_user", 60)
    row = happened("add_external_contact", 3600)
    found = friend()
    assert (found.status, found.times_added, found.lost_at) == ("friend", 2, None)
    assert found.added_at == NOW + timedelta(hours=1)
    assert (found.rule, found.guide_id) == ("before", people.wang.id)
    assert "一直是王芳在服务" in row.decision
    with database.read() as session:
        assert len(session.exec(select(Customer)).all()) == 1
        assert len(session.exec(select(Friend)).all()) == 1


def test_the_second_guide_owns_but_the_first_still_serves_G09(database, happened, friend, people):
    happened("add_external_contact", userid=cast.ZHAO)
    with database.write() as session:
        code = cast.ready_code(session, guide=people.wang)
    happened("add_external_contact", 60, State=code.state)
    found = friend()
    assert (found.owner_id, found.guide_id, found.rule) == (people.wang.id, people.zhao.id, "before")


@pytest.mark.parametrize("state", ["unknown", "x" * 200, "'; DROP TABLE friend; --", "st{0.__class__}"])
def test_a_state_that_is_not_ours_goes_to_the_owner_and_is_flagged_G06(happened, friend, people, state):
    row = happened("add_external_contact", State=state)
    found = friend()
    assert (found.guide_id, found.rule) == (people.wang.id, "owner")
    assert found.strange_state
    assert found.state == state[:64]
    assert row.status == "handled"
    assert [step["answer"] for step in found.steps if step["rule"] == "code"] == [
        "带来的参数不是我们的码，已标出来"
    ]


def test_a_code_that_only_the_second_event_names_still_counts(database, happened, friend, people):
    happened("add_half_external_contact")
    with database.write() as session:
        code = cast.ready_code(session, guide=people.zhao)
    happened("add_external_contact", 4, State=code.state)
    assert (friend().code_id, friend().guide_id, friend().rule) == (code.id, people.zhao.id, "code")


def test_whoever_comes_back_by_another_code_came_by_that_one_G09(database, happened, friend, people):
    with database.write() as session:
        hers = cast.ready_code(session, guide=people.zhao)
        stores = cast.ready_code(session, store=people.zhongjie)
    happened("add_external_contact", State=hers.state)
    happened("del_follow_user", 60)
    with database.write() as session:
        session.get_one(Guide, people.zhao.id).leave("sync", NOW)
    happened("add_external_contact", 120, State=stores.state)
    assert (friend().code_id, friend().guide_id, friend().rule) == (stores.id, people.wang.id, "code")


def test_a_guide_nobody_knew_is_met_by_her_first_friend(happened, friend, database):
    row = happened("add_external_contact", userid="HeXiaowen")
    with database.read() as session:
        assert friendship.find(session, "hexiaowen", XU).id == friend("HEXIAOWEN").id
    assert row.decision.startswith("HeXiaowen多了一位好友")


def test_a_transfer_ends_the_old_friendship_as_a_transfer(happened, friend):
    happened("add_external_contact")
    row = happened("del_external_contact", 60, Source="DELETE_BY_TRANSFER")
    assert friend().lost_how == "transfer"
    assert row.decision == "转接给了同事，不再在王芳的账号里"
    happened("add_external_contact", 61, userid=cast.ZHAO)
    assert friend(cast.ZHAO).status == "friend"


@on_one_database
def test_the_guide_deletes_a_customer(happened, friend):
    happened("add_external_contact")
    assert happened("del_external_contact", 5).decision == "王芳删除了客户"
    assert (friend().status, friend().lost_how) == ("lost", "guide")


@on_one_database
def test_a_failed_transfer_is_recorded_in_words(happened, friend):
    happened("add_external_contact")
    row = happened("transfer_fail", 5, FailReason="customer_refused")
    assert row.decision == "转接没有成功：客户拒绝了。已记下，归属不变"
    assert friend().status == "friend"


def test_an_edit_asks_for_the_details_again(database, happened, friend):
    happened("add_external_contact")
    with database.write() as session:
        friendship.described(session, XU, NOW, name="许静宜")
    assert friend().detailed_at == NOW
    happened("edit_external_contact", 5)
    assert friend().detailed_at is None
    assert "等对账" in happened("edit_external_contact", 6, external_userid="wmStranger").decision


@on_one_database
def test_the_brands_welcome_is_filled_and_nothing_else_is(database, happened, welcomes):
    with database.write() as session:
        old = "我是{导购名}，{门店名}。{{7*7}} {0.__class__} %s {昵称}"  # from before braces were refused
        session.merge(Preference(key="brand.welcome", value=old))
    happened("add_external_contact", WelcomeCode="WC1")
    assert welcomes()[0].payload["text"] == "我是王芳，沈阳中街店。{{7*7}} {0.__class__} %s {昵称}"


@on_one_database
@pytest.mark.parametrize("name", [{}, {"Name": "zhangwei_0231"}])
def test_a_login_name_is_in_no_welcome_F17(happen, happened, welcomes, name):
    new = member_event(
        "create_user", "ZhangWei_0231", at=NOW, Department=str(cast.ZHONGJIE.department), **name
    )
    happen(new, "contacts")
    happened("add_external_contact", userid="ZhangWei_0231", WelcomeCode="WC1")
    assert welcomes()[0].payload["text"].startswith("您好，我是沈阳中街店的导购。")


def test_an_id_that_no_column_holds_parks_the_event_and_spares_the_others_A20(
    happened, friend, clock, work, rows
):
    row = happened("add_external_contact", external_userid="w" * 80)
    assert (row.status, "ExternalUserID" in row.error) == ("parked", True)
    happened("add_external_contact", 1)
    assert friend().status == "friend"


@on_one_database
def test_a_friend_whom_a_handover_may_have_brought_lets_the_platform_be_asked(happened, database, people):
    with database.write() as session:
        handover = handed.confirmed(session, people, 1)
        handed.asked(session, handover)
    [customer] = handed.customers(1)
    row = happened("add_external_contact", 5, userid=cast.ZHAO, external_userid=customer)
    assert row.decision == "赵倩多了一位好友。她在交接，马上问平台换好了没有。平台没有给欢迎码，不发欢迎语"
