"""A customer scans a guide's code: a friend with an owner and a reason, welcomed inside the platform's 20 seconds."""

from sqlmodel import select

from models.friends import LOST, Customer, Friend
from models.inbox import Inbox
from models.org import Guide
from models.outbox import SENT, Outbox
from tests.stories.house import House


def friend_of(house: House, external_userid: str) -> Friend | None:
    with house.read() as session:
        return session.exec(
            select(Friend).join(Customer).where(Customer.external_userid == external_userid)).one_or_none()


def test_a_scan_makes_a_friend_with_an_owner_a_reason_and_a_welcome(house: House):
    code = house.code_of("wangfang")
    house.world.scan("wmNEWCUSTOMER", code.payload, name="沈冰")
    welcome = house.until(lambda: house.world.ledger("welcome"))[0]
    assert "王芳" in str(welcome["what"])
    friend = house.until(lambda: friend_of(house, "wmNEWCUSTOMER"))
    with house.read() as session:
        owner = session.get_one(Guide, friend.owner_id)
        row = session.get_one(Outbox, friend.welcome_id)
    assert owner.userid == "wangfang"
    assert friend.guide_id == owner.id and friend.store_id == owner.store_id
    assert friend.reason
    house.until(lambda: house.row(lambda session: session.get_one(Outbox, row.id).status == SENT))
    name = house.until(lambda: house.row(lambda session: session.get_one(Customer, friend.customer_id).name))
    assert name == "沈冰"


def test_three_copies_of_each_callback_make_one_friend_and_one_welcome(house: House):
    """A02, A04: a real retry is encrypted anew."""
    house.world.chaos(callbacks={"copies": 3})
    house.world.scan("wmTHRICE", house.code_of("zhaoqian").payload, name="陆遥")
    house.until(lambda: house.world.ledger("welcome"))
    house.until(lambda: house.row(lambda session: [one for one in session.exec(select(Inbox)) if one.copies == 3]))
    assert friend_of(house, "wmTHRICE").times_added == 1
    assert len(house.world.ledger("welcome")) == 1


def test_a_customer_who_deletes_her_guide_is_lost_and_her_history_stays(house: House):
    house.world.scan("wmLEAVING", house.code_of("wangfang").payload, name="顾一")
    house.until(lambda: friend_of(house, "wmLEAVING"))
    house.world.post("/phone/customer/wmLEAVING/delete", {"userid": "wangfang"})
    gone = house.until(lambda: (found := friend_of(house, "wmLEAVING")) and found.status == LOST and found)
    assert gone.lost_how == "customer"
    assert gone.reason
