"""Numbers of the day, and the book."""

from datetime import timedelta

from models.ledger.closed_windows import close_window
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.preferences import Preference
from tests.pages.shop import change


def test_the_overview_counts_today(shop_api):
    with shop_api.db.write() as session:
        now = shop_api.clock()
        close_window(
            session, "api:externalcontact/add_msg_template", now + timedelta(hours=1), "平台关了一小时", now
        )
        close_window(session, "secret:0123456789abcdef", now + timedelta(hours=1), "密钥不对", now)
        session.add(Preference(key="brand.name", value="霁野"))
    change(shop_api.db, Inbox, shop_api.ids["callback_east"], status="parked")
    change(shop_api.db, Outbox, shop_api.ids["delivery_east"], status="unknown")
    found = shop_api.get("/stats")
    assert found["people"] == {"guides": 3, "stores": 3, "branches": 2}
    assert found["welcomes_today"] == {
        "sent": 1,
        "missed": 0,
        "percent_in_time": 100.0,
        "p50_seconds": 0.8,
        "p99_seconds": 0.8,
    }
    assert (found["friends_today"]["added"], sum(found["friends_today"]["added_by_hour"])) == (2, 2)
    assert found["campaigns"] == {"running": 1}
    assert found["deliveries_today"] == {"sent": 1, "unknown": 1}
    assert found["waiting"]["parked_callbacks"] == 1
    assert found["waiting"]["unknown_deliveries"] == [{"channel": "welcome", "count": 1}]
    assert {one["api"] for one in found["closed_windows"]} == {"externalcontact/add_msg_template", "secret"}
    assert (found["at"], found["timezone"]) == ("2026-11-19T06:32:41Z", "Asia/Shanghai")


def test_the_book_is_read_by_who_what_and_when(shop_api):
    shop_api.post("/groups", {"name": "一"})
    shop_api.clock.advance(hours=2)
    shop_api.post("/groups", {"name": "二"})
    assert [one["detail"] for one in shop_api.get("/audit?verb=group.add")["items"]] == ["二", "一"]
    assert [
        one["detail"] for one in shop_api.get("/audit?before=2026-11-19T07:00:00Z&actor=api:crm")["items"]
    ] == ["一"]
    assert [
        one["detail"] for one in shop_api.get("/audit?since=2026-11-19T07:00:00Z&actor=api:crm")["items"]
    ] == ["二"]
    for method in ("POST", "PATCH", "DELETE"):
        assert shop_api.call(method, "/audit", json={}).status_code == 405
