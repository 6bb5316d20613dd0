"""Handovers through the API: begun, shared out, confirmed, and every friend in it."""

import pytest

from models.friends.handover import Handover, TransferState
from tests.models.friends import handed

WANG, SUN = "wangfang", "sunjiayi"


@pytest.fixture
def begun(api):
    return api.post("/handovers", {"userid": WANG, "message": "以后我来照顾您"}, 201)["id"]


def written(api, number):
    from models.friends import handover_drafts

    with api.db.write() as session:
        handover_drafts.write_down(session, number, api.clock())


def test_a_change_on_the_job_is_begun_shared_out_and_confirmed(api, begun):
    assert api.get(f"/handovers/{begun}")["standing"] == "writing"
    refused = api.call("POST", f"/handovers/{begun}/confirm")
    assert refused.status_code == 409
    written(api, begun)
    shown = api.post(f"/handovers/{begun}/successors", {"rule": "one", "successors": [{"userid": SUN}]})
    assert [one["userid"] for one in shown["shares"]] == [SUN]
    numbers = shown["numbers"]
    assert numbers["all"] == numbers["manager"] == shown["shares"][0]["numbers"]["all"]
    confirmed = api.post(f"/handovers/{begun}/confirm")
    assert (confirmed["status"], confirmed["confirmed_by"]) == ("running", "api:crm")
    assert confirmed["numbers"]["waiting"] == numbers["all"]
    friends = api.get(f"/handovers/{begun}/friends?state=given")["items"]
    assert len(friends) == numbers["all"]
    assert not [name for one in friends for name in one if "mobile" in name or "phone" in name]


def test_lists_are_narrowed(api, begun):
    assert [one["id"] for one in api.get("/handovers?kind=on_job")["items"]] == [begun]
    assert api.get("/handovers?kind=left")["items"] == []
    assert api.get(f"/handovers?guide_id={api.get(f'/handovers/{begun}')['guide_id']}")["items"]


def test_who_refused_is_asked_again(api, begun):
    written(api, begun)
    api.post(f"/handovers/{begun}/successors", {"rule": "one", "successors": [{"userid": SUN}]})
    api.post(f"/handovers/{begun}/confirm")
    with api.db.write() as session:
        row = handed.rows(session, session.get_one(Handover, begun))[0]
        row.state = TransferState.REFUSED
        number = row.id
    body = {"friends": [number], "userid": SUN}
    assert api.post(f"/handovers/{begun}/again", body) == {"asked": 1}
    assert api.post(f"/handovers/{begun}/again", body) == {"asked": 0}


def test_a_draft_is_given_up_and_a_leaver_told_of(api, begun):
    assert api.post(f"/handovers/{begun}/stop")["status"] == "stopped"
    assert api.post("/handovers", {"userid": SUN, "left": True}, 201) == {"id": None}
    guides = {one["userid"]: one for one in api.get("/guides?status=left")["items"]}
    assert guides[SUN]["left_how"] == "by_hand"


def test_what_makes_no_sense_is_refused_by_its_field_I02(api, begun):
    assert "userid" in api.faults("/handovers", {"userid": "nobody"})
    assert "message" in api.faults("/handovers", {"userid": SUN, "message": "字" * 201})
    written(api, begun)
    path = f"/handovers/{begun}/successors"
    assert "successors" in api.faults(path, {"rule": "one", "successors": []})
    assert "successors.0.parts" in api.faults(
        path, {"rule": "share", "successors": [{"userid": SUN, "parts": 0}]}
    )
    assert api.call("GET", "/handovers/99999").status_code == 404
