"""What a page hands over: she confirms or cancels on the compose view, and only a confirmation reaches anybody."""

import json
import re

import pytest
import requests

from tests.cast import CUSTOMER_CHAT, LIN, WANG, XU, ZHOU
from tests.emulator.api.test_mass import created
from tests.emulator.api.test_media import JPEG, upload
from tests.emulator.test_jssdk import signature
from tests.wecom_world import World

PAGE = "http://127.0.0.1:8000/g/t/1"
CONTACT, CHAT, MOMENTS = "shareToExternalContact", "shareToExternalChat", "shareToExternalMoments"


def handed_over(world: World, call: str, argument: dict, userid: str = WANG, **change: str):
    """The compose view's id, or what the page's promise gets at once."""
    with requests.Session() as visitor:
        visitor.get(f"{world.url}/phones/guide/{userid}/open?url=http://127.0.0.1/", allow_redirects=False)
        form = {
            "kind": "agent_config",
            "url": PAGE,
            "timestamp": "1767225600",
            "nonce": "n1",
            "signature": signature(world, PAGE),
            "argument": json.dumps(argument),
        } | change
        answer = visitor.post(f"{world.url}/jssdk/{call}", data=form, allow_redirects=False, timeout=20)
    if answer.status_code == 303:
        return answer.headers["Location"].rsplit("/", 1)[-1]
    told = re.search(r'data-told="(.*?)"', answer.text)
    assert told, answer.text
    return json.loads(told[1].replace("&#34;", '"'))


def tap(world: World, share_id: str, userid: str = WANG, *, send: bool = True) -> dict:
    return world.post(f"/phone/guide/{userid}/share", {"share_id": share_id, "send": send})


def said(words: str = "雪地靴到店", **more: object) -> dict:
    return {"text": {"content": words}} | more


def test_a_share_reaches_customers_only_after_her_tap(world: World):
    media = {"msgtype": "image", "image": {"mediaid": upload(world, "image", JPEG)["media_id"]}}
    share = handed_over(world, CONTACT, said(attachments=[media], externalUserIds=[XU, "wmSTRANGER"]))
    assert world.ledger("mass") == []
    assert tap(world, share) == {"errCode": 0, "errMsg": f"{CONTACT}:ok", "page": PAGE, "received": 1}
    (row,) = world.ledger("mass")
    assert (row["who"], row["what"]["attachments"][0]["image"]) == (
        XU,
        {"media_id": media["image"]["mediaid"]},
    )
    with pytest.raises(AssertionError, match="已经结束"):
        tap(world, share)
    assert len(world.ledger("mass")) == 1


def test_cancelling_reaches_nobody(world: World):
    share = handed_over(world, CONTACT, said())
    assert tap(world, share, send=False)["errMsg"] == f"{CONTACT}:cancel"
    assert world.ledger("mass") == []


def test_groups_get_what_their_owner_shares(world: World):
    assert tap(world, handed_over(world, CHAT, said(chatIds=[CUSTOMER_CHAT]), ZHOU), ZHOU)["received"] == 1
    assert [row["who"] for row in world.ledger("group_mass")] == [CUSTOMER_CHAT]


def test_a_moments_share_is_a_post_of_her_own(world: World):
    tap(world, handed_over(world, MOMENTS, said()))
    assert {row["who"] for row in world.ledger("moment")} == {XU, LIN}
    now = int(world.server.platform.clock.now())
    body = {"start_time": now - 60, "end_time": now + 60, "filter_type": 1}
    (post,) = world.call("externalcontact/get_moment_list", body)["moment_list"]
    assert (post["creator"], post["create_type"]) == (WANG, 1)
    asked = {"moment_id": post["moment_id"]}
    assert world.call("externalcontact/get_moment_task", asked)["errcode"] == 41067


def test_what_was_shared_counts_as_received(world: World):
    world.post("/control/rules", {"mass_rule": "day"})
    tap(world, handed_over(world, CONTACT, said(externalUserIds=[XU])))
    assert world.confirm(WANG, created(world, sender=WANG)["msgid"])["limited"] == 1


@pytest.mark.parametrize(
    ("client", "call", "message"),
    [
        ("computer", MOMENTS, "fail not supported"),
        ("computer", CONTACT, ""),
        ("old", CONTACT, "fail not supported"),
        ("forbidden", CHAT, "permission denied"),
    ],
)
def test_a_client_may_not_support_it_and_an_app_may_lack_the_permission(world, client, call, message):
    world.post(f"/phone/guide/{WANG}/client", {"client": client})
    told = handed_over(world, call, said())
    assert told["errMsg"] == f"{call}:{message}" if message else isinstance(told, str)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (CONTACT, {}),
        (CONTACT, said("汉" * 4001)),
        (CONTACT, said(attachments=[{"msgtype": "image", "image": {"media_id": "x"}}])),
        (CONTACT, said(attachments=[{"msgtype": "image", "image": {"mediaid": "x"}}])),
        (MOMENTS, said("汉" * 2001)),
        (MOMENTS, said(attachments=[{"msgtype": "file", "file": {"mediaid": "x"}}])),
        (MOMENTS, said(externalUserIds=[XU])),
    ],
)
def test_wrong_arguments_are_refused(world, call, argument):
    assert "fail invalid parameter" in handed_over(world, call, argument)["errMsg"]


def test_a_wrong_signature_opens_nothing(world: World):
    assert "invalid signature" in handed_over(world, CONTACT, said(), signature="0" * 40)["errMsg"]
    assert world.ledger("jssdk")[0]["what"]["ok"] is False
