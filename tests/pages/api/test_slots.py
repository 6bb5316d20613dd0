"""Slots through the API: opened, looked at, closed; a branch's variant approved or given back."""

from models.campaigns.slots import Slot
from tests.models.campaigns import slotted

WINDOW = {
    "begins_at": "2026-11-21T14:00:00+08:00",
    "ends_at": "2026-11-21T20:00:00+08:00",
    "submit_by": "2026-11-20T18:00:00+08:00",
}


def test_a_slot_is_opened_looked_at_and_closed(api):
    made = api.post("/slots", WINDOW | {"kinds": ["content"], "channels": ["mass"], "note": "放内容"})
    assert (made["kinds"], made["branches"], made["closed_at"]) == (["content"], [], None)
    assert api.get("/slots?begins_since=2026-11-21T00:00:00%2B08:00")["items"] == [made]
    assert api.get("/slots?begins_before=2026-11-21T00:00:00%2B08:00")["items"] == []
    uses = api.get(f"/slots/{made['id']}/uses")["items"]
    assert {one["standing"] for one in uses} == {"empty"} and len(uses) == 2
    assert api.post(f"/slots/{made['id']}/close")["closed_at"]


def test_what_makes_no_sense_is_refused_by_its_field_I02(api):
    assert "submit_by" in api.faults("/slots", WINDOW | {"submit_by": WINDOW["ends_at"]})
    assert "campaign_id" in api.faults("/slots", WINDOW | {"campaign_id": 9999, "parts": ["text"]})
    assert "closed_at" in api.faults("/slots", WINDOW | {"closed_at": WINDOW["ends_at"]})


def test_a_variant_is_given_back_and_approved(api):
    plan = api.post(
        "/campaigns",
        api.plan(launch_at=WINDOW["begins_at"], ends_at=WINDOW["ends_at"], scope={"all": True}),
    )
    slot = api.post("/slots", WINDOW | {"campaign_id": plan["id"], "parts": ["text"]})
    branch, path = api.ids["east"], f"/slots/{slot['id']}"

    def put(text):
        with api.db.write() as session:
            slotted.put(session, session.get_one(Slot, slot["id"]), branch, api.clock(), text=text)

    assert api.call("POST", f"{path}/approve", json={"branch_id": branch}).status_code == 404
    put("华东写的")
    given = api.post(f"{path}/return", {"branch_id": branch, "reason": "太硬"})
    assert (given["variant"]["status"], given["variant"]["reason"]) == ("returned", "太硬")
    put("软一点")
    kept = api.post(f"{path}/approve", {"branch_id": branch})
    assert (kept["standing"], kept["variant"]["text"]) == ("used", "软一点")
