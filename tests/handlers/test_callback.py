"""The views of /callback/…: what they refuse and how, and what "success" promises."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from tests import cast
from tests.cast import CORP_ID, NOW
from tests.handlers.platform import Platform, encrypted_xml, friend_event, on_one_database, stamp
from tests.wecom import second_crypto
from wecom.callbacks import KeyRing

ADDED = friend_event("add_external_contact", cast.WANG, cast.XU, at=NOW, WelcomeCode="WC1")
OTHER_KEY = "ZZZCAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


def short_and_plain(answer, status):
    """A refusal: the status, a line of plain text, and nothing that was sent."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "text/plain"
    assert 0 < len(answer.get_data(as_text=True)) < 80


def post(client, body, query=None, path="/callback/app", **more):
    return client.post(
        path, data=body, query_string=query or second_crypto.query_for("x", stamp(NOW)), **more
    )


@on_one_database
@pytest.mark.parametrize("source", ["app", "contacts", "robot"])
def test_the_url_is_verified_with_the_exact_bytes_A16(platform, source):
    for echo in ("1616140317555161061", "﻿echo\n"):
        answer = platform.verify(echo, source)
        assert (answer.status_code, answer.data) == (200, echo.encode())


@on_one_database
@pytest.mark.parametrize("source", ["app", "contacts", "robot"])
def test_an_address_that_was_entered_with_a_slash_at_its_end_is_the_same(platform, rows, source):
    assert platform.verify("123", f"{source}/").data == b"123"
    if source != "robot":
        assert platform.send(ADDED, f"{source}/").data == b"success"
        assert [row.source for row in rows()] == [source]


@on_one_database
def test_a_tampered_verification_is_refused_A16(platform, receiver):
    short_and_plain(platform.verify("123", msg_signature="0" * 40), 403)
    short_and_plain(platform.verify("123", echostr="abc"), 403)
    short_and_plain(platform.verify("123", echostr="a!b"), 400)
    assert receiver.refused["app:bad_signature"] == 2


def test_an_event_is_stored_before_success_is_said(platform, rows):
    answer = platform.send(ADDED)
    assert (answer.status_code, answer.data) == (200, b"success")
    (row,) = rows()
    assert (row.status, row.kind, row.body) == (
        "stored",
        "change_external_contact.add_external_contact",
        ADDED,
    )
    assert row.subject == f"{cast.WANG} {cast.XU}"
    assert row.event_at == NOW


def test_the_offer_to_the_queue_comes_after_the_commit(platform, receiver, rows):
    seen = []
    receiver.db.offer = lambda offers: seen.append((offers[0].box, [row.id for row in rows()]))
    platform.send(ADDED)
    assert seen == [("inbox", [1])]


def test_a_slow_database_is_asked_seldom_enough_D06(platform, receiver, rows):
    """At 300 ms a statement the platform still has its answer within its 5 seconds."""
    said = []
    event.listen(receiver.db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert platform.send(ADDED).status_code == 200
    assert len(rows()) == 1 and 0 < len(said) * 0.3 < 2, said


def test_a_welcome_code_does_not_wait_behind_other_events_A17(platform, receiver):
    offered = []
    receiver.db.offer = offered.extend
    platform.send(friend_event("edit_external_contact", "wangfang", "wm1", at=NOW))
    platform.send(friend_event("add_external_contact", "wangfang", "wm1", at=NOW, WelcomeCode="CODE"))
    assert [(one.box, one.lane) for one in offered] == [("inbox", "inbox"), ("inbox", "friend")]


def test_four_copies_at_the_same_moment_are_one_row_A02_A04(app, clock, rows):
    def deliver(_):
        return Platform(app.test_client(), clock).send(ADDED).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(deliver, range(4))) == [200] * 4
    (row,) = rows()
    assert row.copies == 4


def test_two_friends_in_one_second_are_two_events_A03(platform, rows):
    platform.send(ADDED)
    platform.send(friend_event("add_external_contact", cast.WANG, cast.LIN, at=NOW, WelcomeCode="WC2"))
    assert [row.copies for row in rows()] == [1, 1]


def test_a_replayed_request_has_no_effect_A09(client, clock, rows):
    body, query = encrypted_xml(ADDED, clock())
    assert [post(client, body, query).status_code for _ in range(3)] == [200] * 3
    assert [row.copies for row in rows()] == [3]


def test_a_full_nickname_and_unknown_fields_are_kept_A14(platform, rows, work):
    xml = friend_event(
        "add_external_contact", cast.WANG, cast.XU, at=NOW, Nickname="名" * 3400, Brand_New="1"
    )
    assert platform.send(xml).status_code == 200
    work()
    assert rows()[0].status == "handled" and "Brand_New" in rows()[0].body


@on_one_database
def test_a_callback_without_keys_is_not_there(client, receiver):
    receiver.rings = {}
    short_and_plain(client.post("/callback/robot", data=b"{}"), 404)


@on_one_database
def test_old_and_new_keys_are_both_taken_during_a_rotation_A19(platform, receiver, clock):
    new = {"token": "NextToken", "aes_key": OTHER_KEY}
    both = [(second_crypto.TOKEN, second_crypto.AES_KEY), (new["token"], new["aes_key"])]
    receiver.rings = {"app": KeyRing(both, CORP_ID)}
    assert platform.send(ADDED).status_code == 200
    assert platform.send(ADDED, **new).status_code == 200
    receiver.rings = {"app": KeyRing(both[1:], CORP_ID)}
    assert platform.send(ADDED).status_code == 403
    assert platform.send(ADDED, **new).status_code == 200
