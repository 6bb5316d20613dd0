"""/campaigns/{number}/preview: whom it reaches, whom not and why, and what stands around it."""

from datetime import UTC, datetime

from models.campaigns import launch, why_not
from models.org import Guide
from tests import cast
from tests.cast import ZONE
from tests.pages.api.conftest import NOON


def test_before_the_start_the_preview_says_of_a_customer_what_the_launch_would(shop_api):
    with shop_api.db.write() as session:
        wang = session.get_one(Guide, shop_api.ids["wangfang"])
        cast.befriend(session, wang, "wm-new", at=NOON)
    made = shop_api.post("/campaigns", shop_api.plan())
    asked = shop_api.get(f"/campaigns/{made['id']}/preview?external_userid=wmNobody")
    assert not asked["frozen"]
    assert asked["why"] == why_not.UNKNOWN_TO_THEM
    assert shop_api.get(f"/campaigns/{made['id']}/preview") == asked | {"why": ""}
    known = shop_api.get(f"/campaigns/{made['id']}/preview?external_userid=wm-new")
    assert known["why"].startswith("会由") and known["reached"] == asked["reached"]
    assert [one["guide"] for one in asked["samples"] if not one["why"]] and asked["quota"]["many"]
    assert asked["tasks_that_day"][0]["cards"] == 1 and asked["overlaps"] == []


def test_other_campaigns_are_named_with_what_they_lose_and_nothing_is_forecast_once_it_has_begun(shop_api):
    with shop_api.db.write() as session:
        wang = session.get_one(Guide, shop_api.ids["wangfang"])
        cast.befriend(session, wang, "wm-new", at=NOON)
    first, second = (shop_api.post("/campaigns", shop_api.plan(name=name)) for name in ("先的", "后的"))
    for one in (first, second):
        shop_api.post(f"/campaigns/{one['id']}/submit")
    [other] = shop_api.get(f"/campaigns/{first['id']}/preview")["overlaps"]
    assert (other["campaign_id"], other["name"], other["counts"]) == (second["id"], "后的", True)
    assert other["customers"] == other["loses"] > 0
    launch.launch_due(shop_api.db, datetime(2026, 11, 20, 2, tzinfo=UTC), ZONE)
    begun = shop_api.get(f"/campaigns/{first['id']}/preview")
    assert begun["frozen"] and begun["overlaps"] == begun["samples"] == [] and begun["quota"] is None
