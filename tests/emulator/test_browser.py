"""A customer's own browser in the built-in WeCom: a code that leads to a page, where she stands, a finger on a picture."""

import base64
from urllib.parse import quote

import pytest
import requests

from tests.cast import CHEN, LIN
from tests.emulator.conftest import Receiver
from tests.emulator.phones.messages import code_of, code_picture
from tests.wecom_world import World


def page(world: World) -> str:
    """A page of the app: the phone opens those of its own host alone."""
    return world.content["app"]["home"].removesuffix("/g/") + "/near/x"


def phone(world: World) -> requests.Session:
    """Chen's browser, on which a page of the app was opened."""
    session = requests.Session()
    opened = session.get(
        f"{world.url}/phones/customer/{CHEN}/open", params={"url": page(world)}, allow_redirects=False
    )
    assert opened.headers["Location"] == page(world)
    return session


def test_a_code_that_leads_to_a_page_opens_it_on_her_phone(world: World):
    answer = world.post(f"/phone/customer/{CHEN}/scan", {"payload": page(world)})
    assert answer["open"] == f"/phones/customer/{CHEN}/open?url={quote(page(world), safe='')}"
    with pytest.raises(AssertionError):
        world.post(f"/phone/customer/{CHEN}/scan", {"payload": "https://elsewhere.example/near/x"})
    elsewhere = requests.get(
        f"{world.url}/phones/customer/{CHEN}/open", params={"url": "https://elsewhere.example"}, timeout=20
    )
    assert elsewhere.status_code >= 400


def test_a_photograph_of_a_printed_code_makes_a_friend(world: World, receiver: Receiver):
    picture = base64.b64encode(code_picture(code_of(world, "zhoumei"))).decode()
    answer = world.post(f"/phone/customer/{LIN}/scan", {"picture": f"data:image/png;base64,{picture}"})
    assert answer["userid"] == "zhoumei"
    for broken in ("data:image/png;base64,AAAA", "%%%"):
        with pytest.raises(AssertionError):
            world.post(f"/phone/customer/{LIN}/scan", {"picture": broken})


def test_her_phone_tells_where_she_stands_only_where_somebody_said_so(world: World):
    her = phone(world)
    assert "var place = null" in her.get(f"{world.url}/geolocation.js", timeout=20).text
    world.post(f"/phone/customer/{CHEN}/place", {"latitude": 41.8, "longitude": "123.4"})
    script = her.get(f"{world.url}/geolocation.js", timeout=20).text
    assert '"latitude": 41.8' in script and '"longitude": 123.4' in script
    assert "var place = null" in requests.get(f"{world.url}/geolocation.js", timeout=20).text
    world.post(f"/phone/customer/{CHEN}/place", {})
    assert "var place = null" in her.get(f"{world.url}/geolocation.js", timeout=20).text


def test_a_finger_rests_on_pictures_of_the_app_alone(world: World):
    her = phone(world)
    for picture in ("https://elsewhere.example/x.png", "", "http://127.0.0.1:1/x.png"):
        answer = her.get(f"{world.url}/long-press", params={"picture": picture}, timeout=20)
        assert answer.status_code >= 400, picture
