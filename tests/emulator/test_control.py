"""What only a test or the demo may ask for."""

import pytest
import requests


def test_a_page_from_elsewhere_cannot_press_buttons(world):
    answer = requests.post(
        world.url + "/phone/guide/wangfang/say",
        json={"text": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=20,
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/control/reset", "/control/clock", "/phone/guide/wangfang/say"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_what_a_form_of_another_page_could_send_pulls_no_switch(world, path, kind):
    body = '{"offset_seconds": 60, "text": "x"}'
    headers = {"Content-Type": kind} if kind else {}
    before = world.state()["offset_seconds"]
    assert requests.post(world.url + path, data=body, headers=headers, timeout=20).status_code == 415
    assert world.state()["offset_seconds"] == before


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[bad", ""])
def test_a_name_that_somebody_points_at_this_machine_reaches_no_switch(world, host):
    for method, path in (("GET", "/control/ledger"), ("POST", "/control/reset")):
        answer = requests.request(method, world.url + path, json={}, headers={"Host": host}, timeout=20)
        assert answer.status_code in (400, 403), host
    port = world.url.rpartition(":")[2]
    answer = requests.get(world.url + "/control/state", headers={"Host": f"localhost:{port}"}, timeout=20)
    assert answer.status_code == 200
