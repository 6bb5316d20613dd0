"""A customer scans a guide's code: a friend with an owner and a reason, welcomed inside the platform's 20 seconds."""

from sqlmodel import col, select

from models.friends import Customer, FriendStatus
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from tests.stories.house import House


def test_a_scan_makes_a_friend_with_an_owner_a_reason_and_a_welcome(house: House):
    house.world.scan("wmNEWCUSTOMER", house.code_of("wangfang").payload, name="沈冰")
    welcome = house.until(lambda: house.world.ledger("welcome", who="wmNEWCUSTOMER"))[0]
    assert "王芳" in str(welcome["what"])
    friend = house.until(lambda: house.friend("wmNEWCUSTOMER"))
    with house.read() as session:
        owner = session.get_one(Guide, friend.owner_id)
        row = session.get_one(Outbox, friend.welcome_id)
    assert owner.userid == "wangfang"
    assert friend.guide_id == owner.id and friend.store_id == owner.store_id
    assert friend.reason
    house.until(
        lambda: house.row(lambda session: session.get_one(Outbox, row.id).status == OutboxStatus.SENT)
    )
    name = house.until(lambda: house.row(lambda session: session.get_one(Customer, friend.customer_id).name))
    assert name == "沈冰"


def test_three_copies_of_each_callback_make_one_friend_and_one_welcome_A02_A04(house: House):
    """A real retry is encrypted anew."""
    house.world.chaos(callbacks={"copies": 3})
    house.world.scan("wmTHRICE", house.code_of("zhaoqian").payload, name="陆遥")
    house.until(lambda: house.world.ledger("welcome", who="wmTHRICE"))
    thrice = select(Inbox).where(col(Inbox.subject).contains("wmTHRICE"), Inbox.copies == 3)
    house.until(lambda: house.row(lambda session: session.exec(thrice).all()))
    assert house.friend("wmTHRICE").times_added == 1
    assert len(house.world.ledger("welcome", who="wmTHRICE")) == 1


def test_a_customer_who_deletes_her_guide_is_lost_and_her_history_stays_G09(house: House):
    """When she comes back she is the same person, for the second time."""
    house.befriend("wmLEAVING", "wangfang", "顾一")
    house.world.post("/phone/customer/wmLEAVING/delete", {"userid": "wangfang"})
    gone = house.until(lambda: (found := house.friend("wmLEAVING")).status == FriendStatus.LOST and found)
    assert gone.lost_how == "customer" and gone.reason
    assert "顾一删除了王芳" in house.until_page(f"/console/friends/{gone.id}", "顾一")
    house.world.scan("wmLEAVING", house.code_of("wangfang").payload)
    back = house.until(lambda: (found := house.friend("wmLEAVING")).status == FriendStatus.FRIEND and found)
    assert back.id == gone.id and "第 2 次" in house.office().page(f"/console/friends/{back.id}")


def test_a_friend_whom_her_guide_has_not_added_back_is_half_one(house: House):
    house.world.scan("wmHALF", house.code_of("zhoumei").payload, name="余半", half=True)
    half = house.until(lambda: house.friend("wmHALF"))
    assert half.status == FriendStatus.HALF and house.until(
        lambda: house.world.ledger("welcome", who="wmHALF")
    )
    house.world.post("/phone/guide/zhoumei/accept", {"external_userid": "wmHALF"})
    house.until(lambda: house.friend("wmHALF").status == FriendStatus.FRIEND)
    assert len(house.world.ledger("welcome", who="wmHALF")) == 1


def test_a_guide_who_deletes_a_customer_has_lost_her(house: House):
    friend = house.befriend("wmDELETED", "zhaoqian", "章台")
    house.world.post("/phone/guide/zhaoqian/delete", {"external_userid": "wmDELETED"})
    house.until(lambda: house.friend("wmDELETED").status == FriendStatus.LOST)
    house.until_page(f"/console/friends/{friend.id}", "赵倩删除了章台")


def test_what_a_guide_edited_is_read_again(house: House):
    house.befriend("wmEDITED", "zhoumei", "闻笛")

    def read() -> int:
        house.run_job("friend_details")
        return sum(
            "wmEDITED" in str(call["what"]) for call in house.world.ledger("call", who="externalcontact/get")
        )

    before = house.until(read)
    house.world.tell_contact("edit_external_contact", "zhoumei", "wmEDITED")
    house.until(lambda: read() > before)


def test_a_transfer_that_the_customer_refused_leaves_her_where_she_is_and_says_so_G10(house: House):
    friend = house.befriend("wmSTAYS", "wangfang", "舒妍")
    house.world.tell_contact("transfer_fail", "zhaoqian", "wmSTAYS", FailReason="customer_refused")
    house.until_page(f"/console/friends/{friend.id}", "转接没有成功：客户拒绝了")
    stayed = house.friend("wmSTAYS")
    assert (stayed.owner_id, stayed.guide_id, stayed.status) == (
        friend.owner_id,
        friend.guide_id,
        FriendStatus.FRIEND,
    )


def test_a_transfer_that_took_place_ends_the_friendship_in_the_old_account(house: House):
    friend = house.befriend("wmMOVED", "wangfang", "苏眠")
    house.world.tell_contact("del_external_contact", "wangfang", "wmMOVED", Source="DELETE_BY_TRANSFER")
    house.until_page(f"/console/friends/{friend.id}", "转接给了同事")
