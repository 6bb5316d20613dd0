"""Customers and groups change hands: 24 hours, her no, and everything that the platform refuses."""

import pytest

from tests.cast import CHEN, CUSTOMER_CHAT, GAO, LIN, SU, WANG, XU, ZHAO, ZHOU

DAY = 24 * 3600
ON_JOB, RESIGNED = "externalcontact/transfer_customer", "externalcontact/resigned/transfer_customer"


def hand(world, old, new, *customers, api=ON_JOB, **more):
    body = {"handover_userid": old, "takeover_userid": new, "external_userid": list(customers)} | more
    return world.call(api, body)


def codes(answer):
    return [one["errcode"] for one in answer["customer"]]


def status(world, old, new, api="externalcontact/transfer_result"):
    rows = world.call(api, {"handover_userid": old, "takeover_userid": new})["customer"]
    return {row["external_userid"]: row["status"] for row in rows}


def friends(world, userid):
    return world.call("externalcontact/list", userid=userid).get("external_userid", [])


def test_a_customer_moves_after_24_hours_and_both_accounts_are_told(world, receiver):
    assert codes(hand(world, WANG, ZHAO, LIN, transfer_success_msg="以后我来照顾您")) == [0]
    assert status(world, WANG, ZHAO) == {LIN: 2} and LIN in friends(world, WANG)
    world.advance(DAY + 1)
    assert status(world, WANG, ZHAO) == {LIN: 1}
    assert LIN not in friends(world, WANG) and LIN in friends(world, ZHAO)
    [gone] = receiver.wait(1, "change_external_contact.del_external_contact")
    assert (gone.event["UserID"], gone.event["Source"]) == (WANG, "DELETE_BY_TRANSFER")
    [came] = receiver.wait(1, "change_external_contact.add_external_contact")
    assert (came.event["UserID"], came.event.get("WelcomeCode")) == (ZHAO, None)
    assert [row["what"]["state"] for row in world.ledger("transfer", who=LIN)] == ["asked", "done"]


def test_who_refuses_stays_and_the_successor_is_told_G10(world, receiver):
    hand(world, WANG, ZHAO, LIN)
    assert world.refuse(LIN, WANG)["userid"] == ZHAO
    [failed] = receiver.wait(1, "change_external_contact.transfer_fail")
    assert (failed.event["UserID"], failed.event["FailReason"]) == (ZHAO, "customer_refused")
    world.advance(DAY + 1)
    assert status(world, WANG, ZHAO) == {LIN: 3} and LIN in friends(world, WANG)


def test_a_customer_is_asked_twice_in_90_days_and_not_more_G10(world):
    for _ in range(2):
        assert codes(hand(world, WANG, ZHAO, LIN)) == [0]
        world.refuse(LIN, WANG)
    assert codes(hand(world, WANG, ZHAO, LIN)) == [40128]
    world.advance(91 * DAY)
    assert codes(hand(world, WANG, ZHAO, LIN)) == [0]


def test_each_customer_has_an_answer_of_her_own_B11(world):
    world.post("/control/customer-limits", {GAO: 0})
    hand(world, WANG, ZHAO, LIN)
    assert codes(hand(world, WANG, ZHAO, XU, LIN, CHEN, "wmNOBODY")) == [0, 40129, 40131, 40096]
    assert codes(hand(world, ZHAO, GAO, SU)) == [40099]


def test_a_successor_who_is_full_at_the_end_takes_nobody_G10(world, receiver):
    hand(world, WANG, GAO, LIN)
    world.post("/control/customer-limits", {GAO: 0})
    world.advance(DAY + 1)
    assert status(world, WANG, GAO) == {LIN: 4} and LIN in friends(world, WANG)
    [failed] = receiver.wait(1, "change_external_contact.transfer_fail")
    assert failed.event["FailReason"] == "customer_limit_exceed"


@pytest.mark.parametrize(
    ("api", "body", "errcode"),
    [
        (ON_JOB, {"takeover_userid": WANG}, 40130),
        (ON_JOB, {"takeover_userid": "nobody"}, 60111),
        (ON_JOB, {"external_userid": []}, 41035),
        (ON_JOB, {"external_userid": ["x"] * 101}, 40058),
        (ON_JOB, {"transfer_success_msg": "字" * 201}, 40058),
        (RESIGNED, {}, 40097),
        (RESIGNED, {"handover_userid": "nobody"}, 40003),
        (RESIGNED, {"transfer_success_msg": "字"}, 40058),
    ],
)
def test_what_the_whole_call_is_refused_for(world, api, body, errcode):
    asked = {"handover_userid": WANG, "takeover_userid": ZHAO, "external_userid": [LIN]} | body
    assert world.call(api, asked)["errcode"] == errcode


def test_a_leaver_s_customers_wait_in_a_list_until_somebody_takes_them(world, receiver):
    world.leave(WANG)
    listed = world.call("externalcontact/get_unassigned_list", {"page_size": 1})
    assert not listed["is_last"] and listed["info"][0]["handover_userid"] == WANG
    rest = world.call(
        "externalcontact/get_unassigned_list", {"page_size": 1, "cursor": listed["next_cursor"]}
    )
    assert rest["is_last"]
    assert {row["external_userid"] for row in listed["info"] + rest["info"]} == {LIN, XU}
    assert codes(hand(world, WANG, ZHAO, LIN, api=RESIGNED)) == [0]
    left = world.call("externalcontact/get_unassigned_list", {})["info"]
    assert [row["external_userid"] for row in left] == [XU]
    world.advance(DAY + 1)
    assert status(world, WANG, ZHAO, "externalcontact/resigned/transfer_result") == {LIN: 1}
    assert status(world, WANG, ZHAO) == {}, "on-job results are another list"
    [came] = receiver.wait(1, "change_external_contact.add_external_contact")
    assert came.event["UserID"] == ZHAO


def test_groups_move_at_once_and_without_an_event(world, receiver):
    on_job, resigned = "externalcontact/groupchat/onjob_transfer", "externalcontact/groupchat/transfer"
    asked = {"chat_id_list": [CUSTOMER_CHAT, "wrNOBODY"], "new_owner": GAO}
    failed = world.call(resigned, asked)["failed_chat_list"]
    assert [(one["chat_id"], one["errcode"]) for one in failed] == [
        (CUSTOMER_CHAT, 90500),
        ("wrNOBODY", 49008),
    ]
    world.leave(ZHOU)
    assert [one["errcode"] for one in world.call(on_job, asked)["failed_chat_list"]] == [90502, 49008]
    assert [one["chat_id"] for one in world.call(resigned, asked)["failed_chat_list"]] == ["wrNOBODY"]
    told = world.call("externalcontact/groupchat/get", {"chat_id": CUSTOMER_CHAT})["group_chat"]
    assert told["owner"] == GAO and ZHOU not in [one["userid"] for one in told["member_list"]]
    assert not [one for one in receiver.before_a_word(world) if "external_chat" in one.name]


def test_one_group_moves_twice_in_90_days_while_its_owner_works(world):
    api = "externalcontact/groupchat/onjob_transfer"
    for new in (GAO, ZHOU):
        assert not world.call(api, {"chat_id_list": [CUSTOMER_CHAT], "new_owner": new})["failed_chat_list"]
    [failed] = world.call(api, {"chat_id_list": [CUSTOMER_CHAT], "new_owner": GAO})["failed_chat_list"]
    assert failed["errcode"] == 40128
