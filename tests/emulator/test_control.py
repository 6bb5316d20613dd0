"""What only a test or the demo may ask for."""

import requests


def test_a_page_from_elsewhere_cannot_press_buttons(world):
    answer = requests.post(
        world.url + "/phone/guide/wangfang/say",
        json={"text": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=20,
    )
    assert answer.status_code == 403
