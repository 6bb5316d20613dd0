"""A guide's one tap puts a post into her customers' Moments; nothing else does."""

import pytest

from tests.cast import CHEN, LIN, WANG, XU, ZHAO
from tests.emulator.api.test_moment_results import DELIVERED, publish
from tests.emulator.api.test_moments import made, senders
from tests.wecom_world import World


def test_nobody_sees_a_post_before_she_publishes_and_twice_is_once(world: World):
    moment_id = made(world, **senders(WANG, ZHAO))["moment_id"]
    assert world.ledger("moment") == []
    assert publish(world, WANG, moment_id) == {"userid": WANG, "visible": 2, "shown": 2, "limited": 0}
    assert {row["who"]: row["what"]["userid"] for row in world.ledger("moment")} == {XU: WANG, LIN: WANG}
    with pytest.raises(AssertionError, match="已经发表过"):
        publish(world, WANG, moment_id)
    assert world.get(f"/phone/customer/{CHEN}")["moments"] == []
    (post,) = world.get(f"/phone/customer/{XU}")["moments"]
    assert post["content"]["text"] == "小雪到了"


def test_who_deleted_her_does_not_see_it(world: World):
    world.post(f"/phone/customer/{LIN}/delete", {"userid": WANG})
    assert publish(world, WANG, made(world, **senders(WANG))["moment_id"])["visible"] == 1


def test_a_cap_per_day_keeps_a_post_from_who_has_seen_enough(world: World):
    world.post("/control/moments", {"per_day": 1})
    first, second = (made(world, **senders(one))["moment_id"] for one in (ZHAO, WANG))
    assert publish(world, ZHAO, first)["shown"] == 2
    assert publish(world, WANG, second) == {"userid": WANG, "visible": 2, "shown": 1, "limited": 1}
    shown = world.call(DELIVERED, {"moment_id": second, "userid": WANG})["customer_list"]
    assert shown == [{"external_userid": LIN}]
    with pytest.raises(AssertionError, match="没有这一条"):
        world.post(f"/phone/customer/{XU}/react", {"moment_id": second, "userid": WANG})


def test_a_cancelled_post_cannot_be_published(world: World):
    moment_id = made(world, **senders(WANG))["moment_id"]
    world.call("externalcontact/cancel_moment_task", {"moment_id": moment_id})
    with pytest.raises(AssertionError, match="已被企业取消"):
        publish(world, WANG, moment_id)


def test_the_rules_are_numbers(world: World):
    with pytest.raises(AssertionError, match="per_day"):
        world.post("/control/moments", {"per_day": "many"})
