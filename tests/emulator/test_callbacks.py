"""Callbacks: signed and encrypted anew each time, five seconds, three tries, and the mixed-up ways of bad days."""

import threading
import time

import pytest

from emulator import callbacks, limits
from emulator.callbacks import xml
from tests.cast import LIN
from tests.waiting import PATIENCE
from tests.wecom_world import World, corp


def quick(world, **more):
    """No second of pause between tries."""
    world.chaos(callbacks={"retry_pause": 0.02} | more)


def test_three_tries_each_encrypted_anew(world, receiver):
    """A04."""
    quick(world)
    receiver.reply = lambda taken: (500, "")
    answer = world.tell_app("wangfang", "在吗", wait=True)
    assert answer["callback"] == {"status": 500, "tries": 3, "received": False}
    tries = receiver.wait(3)
    assert len({taken.raw for taken in tries}) == 3
    assert len({taken.query["msg_signature"] for taken in tries}) == 3
    assert tries[0].event == tries[1].event == tries[2].event
    rows = [row["what"] for row in world.ledger("callback")]
    assert [(row["source"], row["event"], row["try"], row["status"]) for row in rows] == [
        ("app", "text", 1, 500),
        ("app", "text", 2, 500),
        ("app", "text", 3, 500),
    ]


def test_only_200_counts_as_received(world, receiver):
    quick(world)
    answers = iter([(201, ""), (302, ""), (200, "")])
    receiver.reply = lambda taken: next(answers)
    assert world.tell_app("wangfang", "在吗", wait=True)["callback"]["tries"] == 3


def test_no_second_try_after_200(world, receiver):
    quick(world)
    assert world.tell_app("wangfang", "在吗", wait=True)["callback"]["tries"] == 1
    assert len(receiver.before_a_word(world)) == 1


def test_five_seconds_without_an_answer_are_a_failed_try(world, receiver, monkeypatch):
    assert limits.CALLBACK_SECONDS == 5.0
    monkeypatch.setattr(callbacks, "CALLBACK_SECONDS", 0.5)
    quick(world)
    heard = threading.Event()

    def silent_once(taken):
        if taken is receiver.taken[0]:
            callbacks.CALLBACK_SECONDS = PATIENCE  # the second try has all the time of a busy machine
            heard.wait(PATIENCE)

    receiver.reply = silent_once
    answer = world.tell_app("wangfang", "在吗", wait=True)
    heard.set()  # so the first try did not wait for its answer
    assert answer["callback"] == {"status": 200, "tries": 2, "received": True}
    first, second = (row["what"] for row in world.ledger("callback"))
    assert first["status"] is None and first["seconds"] >= 0.5
    assert second["status"] == 200


def test_a_slow_answer_holds_nobody_else_up(world, receiver, monkeypatch):
    monkeypatch.setattr(callbacks, "CALLBACK_SECONDS", PATIENCE)
    with receiver.silent():
        for n in range(20):
            world.tell_app("wangfang", f"第{n}条")
        assert {taken.event["Content"] for taken in receiver.wait(20)} == {f"第{n}条" for n in range(20)}


def test_nobody_there(receiver):
    with World(corp("http://127.0.0.1:9")) as world:
        quick(world)
        assert world.tell_app("wangfang", "在吗", wait=True)["callback"] == {
            "status": None,
            "tries": 3,
            "received": False,
        }
        assert world.ledger("callback")[0]["what"]["failure"] == "ConnectionRefusedError"


def test_the_envelope_names_the_app_only_where_the_app_is_concerned(world, receiver):
    """Directory and customers are nobody's app: there AgentID is empty."""
    quick(world)
    world.tell_app("wangfang", "在吗", wait=True)
    world.post(f"/phone/customer/{LIN}/delete", {"userid": "wangfang", "wait": True})
    world.post("/control/departments", {"add": {"id": 32, "name": "南京河西店", "parentid": 3}, "wait": True})
    named = {taken.name: "<AgentID><![CDATA[1000002]]></AgentID>" in taken.raw for taken in receiver.wait(3)}
    assert named == {
        "text": True,
        "change_external_contact.del_follow_user": False,
        "change_contact.create_party": False,
    }


def test_copies_are_the_same_event(world, receiver):
    """A02."""
    quick(world, copies=3)
    world.post(f"/phone/customer/{LIN}/delete", {"userid": "wangfang"})
    taken = receiver.wait(3)
    assert len(taken) == 3
    assert taken[0].event == taken[1].event == taken[2].event


def test_delay_shuffle_and_loss(world, receiver):
    quick(world, delay=0.3)
    started = time.monotonic()
    world.tell_app("wangfang", "晚一点")
    assert receiver.wait()[0].at - started >= 0.3
    receiver.taken.clear()
    quick(world, shuffle=True)
    for n in range(12):
        world.tell("app", "click", "wangfang", EventKey=str(n))
    order = [taken.event["EventKey"] for taken in receiver.wait(12)]
    assert sorted(order, key=int) == [str(n) for n in range(12)]
    assert order != sorted(order, key=int)
    receiver.taken.clear()
    quick(world, drop=1.0)
    assert world.tell_app("wangfang", "丢了", wait=True)["callback"]["received"] is False
    assert receiver.taken == []


def test_the_signed_time_is_real_and_the_event_time_is_the_platforms(world, receiver):
    world.advance(86_400)
    before = int(time.time())
    world.tell_app("wangfang", "明天")
    taken = receiver.wait()[0]
    assert before <= int(taken.query["timestamp"]) <= time.time()
    assert before <= int(taken.event["CreateTime"]) - 86_400 <= time.time()
    receiver.taken.clear()
    world.chaos(callbacks={"skew": -600})
    world.tell_app("wangfang", "旧")
    assert before <= int(receiver.wait()[0].query["timestamp"]) + 600 <= time.time()


def test_saving_a_callback_address_sends_an_echo_to_each_of_them(world, receiver, monkeypatch):
    """A16."""
    monkeypatch.setattr(callbacks, "VERIFY_SECONDS", PATIENCE)
    assert {name: row["ok"] for name, row in world.post("/control/verify").items()} == {
        "app": True,
        "contacts": True,
        "robot": True,
    }


@pytest.mark.parametrize("part", ["app", "contacts", "robot"])
def test_each_callback_has_its_own_key(world, receiver, part, monkeypatch):
    monkeypatch.setattr(callbacks, "VERIFY_SECONDS", PATIENCE)
    receiver.content[part]["aes_key"] = "Z" * 42 + "8"
    answer = world.post("/control/verify")
    assert [name for name, row in answer.items() if not row["ok"]] == [part]


def test_user_text_cannot_break_out_of_its_element():
    assert xml({"Name": "a]]></Name><Evil>1</Evil>", "Id": 7, "Item": ["x", "y"]}) == (
        "<xml><Name><![CDATA[a]]]]><![CDATA[></Name><Evil>1</Evil>]]></Name><Id>7</Id>"
        "<Item><![CDATA[x]]></Item><Item><![CDATA[y]]></Item></xml>"
    )
