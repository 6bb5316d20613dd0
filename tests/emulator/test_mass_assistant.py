"""A task in a guide's 群发助手: nothing is delivered before she confirms, and only as often as the rule allows."""

import time

import pytest

from tests.cast import CUSTOMER_CHAT, LIN, XU
from tests.emulator.api.test_mass import TASKS, created, results


def test_nothing_is_delivered_before_the_guide_confirms(world):
    msgid = created(world, sender="wangfang", external_userid=[XU, LIN])["msgid"]
    assert world.ledger("mass") == []
    assert world.call(TASKS, {"msgid": msgid})["task_list"] == [{"userid": "wangfang", "status": 0}]
    assert results(world, msgid, "wangfang") == {XU: 0, LIN: 0}
    before = int(time.time())
    assert world.confirm("wangfang", msgid)["sent"] == 2
    assert {row["who"]: row["what"]["userid"] for row in world.ledger("mass")} == {
        XU: "wangfang",
        LIN: "wangfang",
    }
    (task,) = world.call(TASKS, {"msgid": msgid})["task_list"]
    assert task["status"] == 2
    assert before <= task["send_time"] <= time.time()
    assert results(world, msgid, "wangfang") == {XU: 1, LIN: 1}


def test_confirming_twice_sends_once(world):
    msgid = created(world, sender="wangfang")["msgid"]
    world.confirm("wangfang", msgid)
    with pytest.raises(AssertionError, match="已经发送过"):
        world.confirm("wangfang", msgid)
    assert len(world.ledger("mass")) == 2


def test_who_deleted_the_guide_gets_status_2(world):
    """F07."""
    msgid = created(world, sender="wangfang")["msgid"]
    world.post(f"/phone/customer/{LIN}/delete", {"userid": "wangfang"})
    assert world.confirm("wangfang", msgid) == {
        "userid": "wangfang",
        "sent": 1,
        "not_friend": 1,
        "limited": 0,
    }
    assert results(world, msgid, "wangfang") == {XU: 1, LIN: 2}


def test_a_customer_receives_one_a_day_on_average(world):
    """F08: as many a month as the month has days, from all guides together."""
    # 2026-02-02: a month of 28 days
    world.post("/control/clock", {"offset_seconds": 1_770_000_000 - time.time()})
    for round_ in range(28):
        sender = ("wangfang", "zhaoqian")[round_ % 2]
        assert (
            world.confirm(sender, created(world, sender=sender, external_userid=[XU])["msgid"])["sent"] == 1
        )
    late = created(world, sender="wangfang", external_userid=[XU, LIN])["msgid"]
    assert world.confirm("wangfang", late) == {"userid": "wangfang", "sent": 1, "not_friend": 0, "limited": 1}
    assert results(world, late, "wangfang") == {XU: 3, LIN: 1}
    world.advance(27 * 86_400)
    msgid = created(world, sender="wangfang", external_userid=[XU])["msgid"]
    assert world.confirm("wangfang", msgid)["sent"] == 1


def test_the_rule_can_be_one_a_day_or_seven_a_week(world):
    world.post("/control/clock", {"offset_seconds": 1_770_000_000 - time.time()})  # a Monday morning in China
    assert world.post("/control/rules", {"mass_rule": "day"}) == {"mass_rule": "day"}

    def sent() -> int:
        return world.confirm("wangfang", created(world, sender="wangfang", external_userid=[XU])["msgid"])[
            "sent"
        ]

    assert [sent(), sent()] == [1, 0]
    world.advance(86_400)
    assert sent() == 1
    world.post("/control/rules", {"mass_rule": "week"})
    assert [sent() for _ in range(6)] == [1, 1, 1, 1, 1, 0]
    with pytest.raises(AssertionError, match="mass_rule"):
        world.post("/control/rules", {"mass_rule": "never"})


def test_without_a_list_she_chooses_and_unsent_groups_are_not_listed(world):
    msgid = created(world, chat_type="group", sender="zhoumei")["msgid"]
    assert results(world, msgid, "zhoumei") == {}
    world.confirm("zhoumei", msgid, chosen=[CUSTOMER_CHAT])
    assert results(world, msgid, "zhoumei") == {CUSTOMER_CHAT: 1}


def test_her_phone_shows_the_task(world):
    msgid = created(world, sender="wangfang")["msgid"]
    (task,) = world.get("/phone/guide/wangfang")["mass_assistant"]
    assert (task["msgid"], task["status"], task["receivers"], task["content"]["text"]) == (
        msgid,
        0,
        2,
        "雪地靴到店",
    )
    world.confirm("wangfang", msgid)
    assert world.get("/phone/guide/wangfang")["mass_assistant"][0]["status"] == 2
    assert world.get(f"/phone/customer/{XU}")["chat"][0]["what"]["text"] == "雪地靴到店"


def test_confirming_has_no_callback(world, receiver):
    world.confirm("wangfang", created(world, sender="wangfang")["msgid"])
    assert receiver.before_a_word(world) == []
