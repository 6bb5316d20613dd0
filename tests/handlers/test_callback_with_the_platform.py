"""The views on a real server, and the built-in WeCom on the other end of real sockets."""

import threading
import time

import pytest
from sqlmodel import Session, select
from waitress import create_server

from models import friends, org
from models.friends import friendship
from models.groups import Group
from models.ledger import inbox
from models.ledger.inbox import Inbox
from models.org import directory, imports
from tests import cast
from tests.cast import CUSTOMER_CHAT, SHOP_CHAT
from tests.handlers.platform import Clock, on_one_database
from tests.wecom_world import World, corp
from wecom.callbacks import KeyRing

pytestmark = on_one_database


class Now(Clock):
    """The real time: the built-in WeCom lives in it."""

    def __call__(self):
        return self.now.fromtimestamp(time.time(), self.now.tzinfo)


@pytest.fixture
def clock():
    return Now(cast.NOW)


@pytest.fixture
def world(app, receiver):
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    content = corp(f"http://127.0.0.1:{server.effective_port}")
    receivers = {"app": content["corp_id"], "contacts": content["corp_id"], "robot": ""}
    receiver.rings = {
        source: KeyRing([(content[source]["token"], content[source]["aes_key"])], receiver)
        for source, receiver in receivers.items()
    }
    with World(content) as running:
        yield running
    server.trigger.pull_trigger(server.close)  # in its own loop, which wakes up for it
    thread.join(10)


@pytest.fixture
def shop(database, world):
    """The stores of the built-in corp, and its guides as a sync finds them."""
    for noun, rows in (("branches", cast.BRANCHES_CSV), ("stores", cast.STORES_CSV)):
        imports.import_bytes(database, noun, rows.encode(), "周岚", cast.NOW)
    listed = [
        directory.Member(one["userid"], one["name"], tuple(one["department"]))
        for one in world.content["members"]
    ]
    with database.write() as session:
        directory.apply_directory(session, listed, True, cast.NOW)


@pytest.fixture
def settled(database, work, rows):
    """Handle what arrived; by kind, how each ended."""

    def read():
        while True:
            work()
            arrived = rows()
            # a second event of the same step may come meanwhile
            if all(row.status != "stored" for row in arrived):
                return {row.kind: row.status for row in arrived}

    return read


def look(database, find, *args):
    with database.read() as session:
        return find(session, *args)


def test_every_url_is_verified_by_the_platform(world):
    assert {one["status"] for one in world.post("/control/verify").values()} == {200}


def test_a_scan_and_a_deletion_arrive_as_they_happened(world, shop, settled, database, rows):
    way = world.call(
        "externalcontact/add_contact_way", {"type": 1, "scene": 2, "state": "st0420", "user": ["wangfang"]}
    )
    world.scan("wmNEW", way["config_id"], wait=True, name="沈冰")
    assert settled() == {"change_external_contact.add_external_contact": "handled"}
    found = look(database, friendship.find, "wangfang", "wmNEW")
    assert (found.status, found.state, found.welcome_id is not None) == ("friend", "st0420", True)
    world.post("/phone/customer/wmNEW/delete", {"userid": "wangfang", "wait": True})
    settled()
    assert look(database, friendship.find, "wangfang", "wmNEW").lost_how == "customer"
    assert rows()[1].decision == "客户删除了王芳"


def test_copies_in_any_order_change_nothing_A02_A05(world, shop, settled, database, rows):
    world.chaos(callbacks={"copies": 3, "shuffle": True})
    way = world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["zhaoqian"]})
    for number in range(4):
        world.scan(f"wmTHRICE{number}", way["config_id"], wait=True, name="陆遥")
    settled()
    assert [row.copies for row in rows()] == [3] * 4
    with database.read() as session:
        assert inbox.counts(session) == {"handled": 4, "copies": 12}
        assert len(session.exec(select(friends.Friend)).all()) == 4


def test_the_directory_tells_who_comes_moves_and_goes(world, shop, settled, database):
    added = {
        "userid": "hexiaowen",
        "name": "何晓雯",
        "department": [cast.ZHONGJIE.department],
        "position": "导购",
    }
    world.post("/control/members", {"add": added, "wait": True})
    settled()
    assert look(database, org.find_guide, "hexiaowen").name == "何晓雯"
    world.post(
        "/control/members",
        {"update": {"userid": "hexiaowen", "department": [cast.TAIYUANJIE.department]}, "wait": True},
    )
    settled()
    guide = look(database, org.find_guide, "hexiaowen")
    assert look(database, Session.get_one, org.Store, guide.store_id).code == cast.TAIYUANJIE.code
    world.leave("hexiaowen", wait=True)
    kinds = settled()
    assert not look(database, org.find_guide, "hexiaowen").present
    assert set(kinds.values()) == {"handled"}


def the_group(session, chat_id):
    return session.exec(select(Group).where(Group.chat_id == chat_id)).one()


def test_customer_groups_are_marked_and_dismissed(world, shop, settled, database):
    world.post("/control/groups", {"join": {"chat_id": CUSTOMER_CHAT, "who": cast.XU}, "wait": True})
    settled()
    assert look(database, the_group, CUSTOMER_CHAT).stale
    world.post("/control/groups", {"dismiss": CUSTOMER_CHAT, "wait": True})
    assert set(settled().values()) == {"handled"}
    assert look(database, the_group, CUSTOMER_CHAT).status == "dismissed"


def test_the_robot_answers_in_its_group(world, shop, rows):
    world.say(SHOP_CHAT, "wangfang", "@小霁 签到", wait=True)
    (reply,) = world.ledger("robot_reply")
    assert "王芳，签到好了" in str(reply["what"])
    assert rows()[0].status == "handled"


def test_a_message_to_the_app_is_recorded(world, shop, settled, database):
    world.tell_app("wangfang", "在吗", wait=True)
    assert settled() == {"message.text": "handled"}
    with database.read() as session:
        assert session.exec(select(Inbox)).one().decision == "王芳给应用发了消息，已记下"
