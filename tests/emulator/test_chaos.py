"""What goes wrong on purpose: error codes, broken, late and missing answers."""

import json

import pytest
import requests

from tests.waiting import PATIENCE, until


def test_chaos_answers_an_errcode_so_many_times_without_carrying_out(world):
    world.chaos({"api": "externalcontact/add_contact_way", "errcode": 45009, "times": 2})
    body = {"type": 1, "scene": 2, "user": ["wangfang"]}
    assert [world.call("externalcontact/add_contact_way", body)["errcode"] for _ in range(3)] == [
        45009,
        45009,
        0,
    ]
    assert len(world.state()["contact_ways"]) == 1


@pytest.mark.parametrize(("when", "ways"), [("before", 0), ("after", 1)])
def test_a_reset_drops_the_connection_before_or_after_the_call_was_carried_out(world, when, ways):
    """B07, B08."""
    world.call("getcallbackip")
    world.chaos({"api": "externalcontact/add_contact_way", "reset": when, "times": 1})
    with pytest.raises(requests.ConnectionError):
        world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["wangfang"]})
    assert len(world.state()["contact_ways"]) == ways
    assert world.call("getcallbackip")["errcode"] == 0


@pytest.mark.parametrize(
    ("rule", "status", "starts"),
    [
        ({"html": 502}, 502, "<html>"),
        ({"html": 200}, 200, "<html>"),
        ({"empty": True}, 200, ""),
        ({"status": 500}, 500, "{"),
    ],
)
def test_broken_answers(world, rule, status, starts):
    """B06."""
    token = world.token()
    world.chaos({"api": "user/get"} | rule)
    answer = requests.get(
        world.api_url + "user/get", params={"access_token": token, "userid": "wangfang"}, timeout=20
    )
    assert answer.status_code == status
    assert answer.text.startswith(starts)


def test_a_truncated_answer_is_not_json_but_the_call_was_carried_out(world):
    world.call("getcallbackip")
    world.chaos({"api": "externalcontact/add_contact_way", "truncated": True})
    with pytest.raises(requests.exceptions.JSONDecodeError):
        world.call("externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["wangfang"]})
    assert len(world.state()["contact_ways"]) == 1


def test_a_delayed_call_is_carried_out_though_the_caller_gave_up(world):
    """B10."""
    token = world.token()
    world.chaos({"api": "externalcontact/add_contact_way", "delay": PATIENCE})
    body = json.dumps({"type": 1, "scene": 2, "user": ["wangfang"]}).encode()
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            world.api_url + "externalcontact/add_contact_way",
            params={"access_token": token},
            data=body,
            timeout=0.3,
        )
    until(lambda: len(world.state()["contact_ways"]) == 1)


def test_a_delay_before_leaves_the_call_undone_for_so_long(world):
    token = world.token()
    world.chaos({"api": "externalcontact/add_contact_way", "delay": PATIENCE, "when": "before"})
    body = json.dumps({"type": 1, "scene": 2, "user": ["wangfang"]}).encode()
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            world.api_url + "externalcontact/add_contact_way",
            params={"access_token": token},
            data=body,
            timeout=0.3,
        )
    assert world.state()["contact_ways"] == []


def test_chaos_that_does_not_exist_is_refused(world):
    with pytest.raises(AssertionError, match="unknown errcod"):
        world.chaos({"errcod": 45009})
    with pytest.raises(AssertionError, match="before or after"):
        world.chaos({"reset": "maybe"})
