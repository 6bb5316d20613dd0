"""Calls and callbacks: told without secrets, retried, decided and replayed; numbers and the book of who did what."""

from datetime import timedelta

import pytest

from models.accounts import api_tokens
from models.campaigns import Campaign
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from tests.pages.api.conftest import NOON
from tests.pages.shop import change


def test_deliveries_are_told_in_words_and_without_what_they_carry(shop_api):
    change(
        shop_api.db,
        Outbox,
        shop_api.ids["delivery_east"],
        payload={"welcome_code": "WELCOME-SECRET"},
        request={"access_token": "TOKEN-SECRET"},
        answer={"msgid": "m"},
    )
    whole = shop_api.call("GET", "/deliveries").get_data(as_text=True)
    assert "SECRET" not in whole
    one = shop_api.get(f"/deliveries/{shop_api.ids['delivery_east']}")
    assert (one["label"], one["status"], one["callback_id"]) == (
        "欢迎语",
        "sent",
        shop_api.ids["callback_east"],
    )
    for query in ("channel=mass", "status=unknown", "campaign_id=1", "created_before=2026-11-01T00:00:00Z"):
        assert shop_api.get(f"/deliveries?{query}")["items"] == [], query
    of_wang = (
        f"/deliveries?guide_id={shop_api.ids['wangfang']}&created_since=2026-11-19T00:00:00Z&sort=-created_at"
    )
    found = shop_api.get(of_wang)["items"]
    assert [one["id"] for one in found] == [shop_api.ids["delivery_northeast"]]


def test_what_surely_did_not_arrive_may_go_again(shop_api):
    number = shop_api.ids["delivery_east"]
    change(shop_api.db, Outbox, number, status="not_sent", reason="平台拒绝了")
    offered = []
    shop_api.db.offer = offered.extend
    again = shop_api.post(f"/deliveries/{number}/retry")
    assert (again["status"], again["attempts"], again["reason"]) == ("queued", 0, "api:crm 要求再发")
    assert [(one.box, one.id) for one in offered] == [("outbox", number)]
    assert shop_api.get("/audit?verb=delivery.again")["items"][0]["noun"] == f"delivery:{number}"
    assert "queued" in shop_api.post(f"/deliveries/{number}/retry", status=409)["detail"]


@pytest.mark.parametrize("status", ["sent", "unknown", "calling", "held"])
def test_what_may_have_arrived_is_not_sent_again(shop_api, status):
    number = shop_api.ids["delivery_east"]
    change(shop_api.db, Outbox, number, status=status)
    assert "没送到" in shop_api.post(f"/deliveries/{number}/retry", status=409)["detail"]


def test_what_is_too_late_or_of_a_stopped_campaign_stays(shop_api):
    number = shop_api.ids["delivery_east"]
    change(shop_api.db, Outbox, number, status="expired", deadline=shop_api.clock() - timedelta(seconds=1))
    assert "时限" in shop_api.post(f"/deliveries/{number}/retry", status=409)["detail"]
    change(
        shop_api.db, Outbox, number, status="cancelled", deadline=None, campaign_id=shop_api.ids["campaign"]
    )
    change(shop_api.db, Campaign, shop_api.ids["campaign"], status="cancelled")
    assert "已停止" in shop_api.post(f"/deliveries/{number}/retry", status=409)["detail"]


def test_a_person_settles_an_unknown_result_once(shop_api):
    number = shop_api.ids["delivery_east"]
    assert shop_api.post(f"/deliveries/{number}/settle", {"sent": True}, status=409)
    change(shop_api.db, Outbox, number, status="unknown")
    assert shop_api.faults(f"/deliveries/{number}/settle", {"sent": "yes"}) == {
        "sent": "只能是 true 或 false"
    }
    settled = shop_api.post(f"/deliveries/{number}/settle", {"sent": False})
    assert (settled["status"], settled["settled_by"]) == ("not_sent", "api:crm")
    late = shop_api.post(f"/deliveries/{number}/settle", {"sent": True}, status=409)
    assert late["detail"] == "现在是「not_sent」：只有结果不明的才要人来定"


def test_a_token_of_the_longest_name_settles_like_any_other(shop_api):
    with shop_api.db.write() as session:
        token = api_tokens.create(session, "报" * 64, writes=True, who="周岚", now=NOON)
    number = shop_api.ids["delivery_east"]
    change(shop_api.db, Outbox, number, status="unknown")
    settled = shop_api.post(f"/deliveries/{number}/settle", {"sent": True}, token=token)
    assert settled["settled_by"] == "api:" + "报" * 60
    assert shop_api.get("/audit?verb=delivery.delivered")["items"][0]["actor"] == settled["settled_by"]


@pytest.fixture
def restored(shop_api):
    """Two calls that a restore held, and one that waits with its paused campaign."""
    numbers = [shop_api.ids["delivery_east"], shop_api.ids["delivery_northeast"]]
    for number in numbers:
        change(shop_api.db, Outbox, number, status="held")
    with shop_api.db.write() as session:
        row = session.get_one(Outbox, numbers[0]).model_dump(exclude={"id"})
        paused = Outbox(**{**row, "key": "paused", "campaign_id": shop_api.ids["campaign"]})
        session.get_one(Campaign, shop_api.ids["campaign"]).status = "paused"
        session.add(paused)
        session.flush()
        return numbers, paused.id


@pytest.mark.parametrize(
    ("verb", "line", "status", "words"),
    [("release", "release", "queued", "放行 2 条"), ("drop", "cancel", "cancelled", "撤下 2 条")],
)
def test_what_a_restore_held_is_decided_at_once(shop_api, restored, verb, line, status, words):
    numbers, paused = restored
    once = {"Idempotency-Key": "after the restore"}
    assert shop_api.post(f"/deliveries/{verb}", headers=once) == {"count": 2}
    assert {shop_api.get(f"/deliveries/{one}")["status"] for one in numbers} == {status}
    assert shop_api.get(f"/deliveries/{paused}")["status"] == "held"
    assert shop_api.post(f"/deliveries/{verb}", headers=once) == {"count": 2}, "the same answer"
    assert shop_api.post(f"/deliveries/{verb}") == {"count": 0}
    told = shop_api.get(f"/audit?verb=delivery.{line}")["items"]
    assert [(one["actor"], one["noun"], one["detail"]) for one in told] == [("api:crm", "deliveries", words)]


def test_only_a_token_that_may_write_decides(shop_api, restored):
    for verb in ("release", "drop", f"{restored[0][0]}/release", f"{restored[0][0]}/cancel"):
        assert shop_api.post(f"/deliveries/{verb}", token=shop_api.reading, status=403)
        assert shop_api.post(f"/deliveries/{verb}", {"all": True}, status=422)
    assert {shop_api.get(f"/deliveries/{one}")["status"] for one in restored[0]} == {"held"}


def test_one_is_released_and_one_taken_back(shop_api, restored):
    (first, second), paused = restored
    assert shop_api.post(f"/deliveries/{first}/release")["status"] == "queued"
    assert shop_api.post(f"/deliveries/{second}/cancel")["status"] == "cancelled"
    for number, verb in ((first, "release"), (second, "cancel"), (paused, "release")):
        assert "现在是" in shop_api.post(f"/deliveries/{number}/{verb}", status=409)["detail"]
    for verb in ("release", "cancel"):
        [told] = shop_api.get(f"/audit?verb=delivery.{verb}")["items"]
        assert told["actor"] == "api:crm"


def test_callbacks_are_told_without_their_body(shop_api):
    change(
        shop_api.db,
        Inbox,
        shop_api.ids["callback_east"],
        trace="Traceback SECRET",
        body="<xml><WelcomeCode>WELCOME-SECRET</WelcomeCode></xml>",
    )
    assert "SECRET" not in shop_api.call("GET", "/callbacks").get_data(as_text=True)
    one = shop_api.get(f"/callbacks/{shop_api.ids['callback_east']}")
    assert (one["kind"], one["status"], one["subject"]) == (
        "change_external_contact.add_external_contact",
        "handled",
        "sunjiayi",
    )
    assert [
        found["id"]
        for found in shop_api.get("/callbacks?subject=sunjiayi&source=app&sort=-received_at")["items"]
    ] == [one["id"]]
    assert shop_api.get("/callbacks?status=parked")["items"] == []
    assert shop_api.get("/callbacks?received_since=2026-11-20T00:00:00Z")["items"] == []


def test_a_parked_callback_is_replayed_and_a_handled_one_is_not(shop_api):
    number = shop_api.ids["callback_east"]
    assert "已经处理好了" in shop_api.post(f"/callbacks/{number}/replay", status=409)["detail"]
    change(shop_api.db, Inbox, number, status="parked", attempts=4)
    offered = []
    shop_api.db.offer = offered.extend
    again = shop_api.post(f"/callbacks/{number}/replay")
    assert (again["status"], again["attempts"]) == ("stored", 0)
    assert [(one.box, one.id) for one in offered] == [("inbox", number)]
    assert shop_api.get("/audit?verb=callback.replay")["items"][0]["actor"] == "api:crm"
    change(shop_api.db, Inbox, number, status="parked", body="")
    assert "保留期" in shop_api.post(f"/callbacks/{number}/replay", status=409)["detail"]
