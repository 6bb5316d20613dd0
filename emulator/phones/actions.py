"""The buttons of the phones over HTTP: each presses what a person would press."""

from flask import Blueprint, Response, jsonify, request

from .. import browser, cards, friendships, mass_assistant, moments, robots, shares, transfers
from ..control import asked, only_json, platform, told
from ..dispatch import base_of
from ..errors import Unwilling
from . import camera, screens

actions = Blueprint("actions", __name__, url_prefix="/phone")


@actions.before_request
def no_strange_pages() -> None:
    """A page from elsewhere in the same browser must not press our buttons."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Unwilling("cross-site", 403)
    only_json()


@actions.post("/customer/<external_userid>/scan")
def scan(external_userid: str) -> Response:
    """`{"payload"}`, `{"config_id"}`, or `{"picture"}`: a photograph of a printed code. An address opens her browser."""
    wanted = asked()
    if (photograph := browser.picture_in(wanted)) is not None:
        wanted = {**wanted, "payload": camera.seen_in(photograph)}
    payload = str(wanted.get("payload") or "")
    if browser.is_address(platform(), payload):
        person = friendships.known_or_new_customer(platform(), external_userid, wanted)
        return jsonify(browser.opened(person["external_userid"], payload))
    return told(*friendships.scan(platform(), external_userid, wanted), wanted)


@actions.post("/customer/<external_userid>/delete")
def customer_deletes(external_userid: str) -> Response:
    wanted = asked()
    return told(*friendships.customer_deletes(platform(), external_userid, str(wanted.get("userid"))), wanted)


@actions.post("/customer/<external_userid>/refuse")
def refuse(external_userid: str) -> Response:
    """`{"userid"}`: whom she wants to stay with. She says no to the notice that somebody else will serve her."""
    wanted = asked()
    return told(*transfers.refuse(platform(), external_userid, str(wanted.get("userid"))), wanted)


@actions.post("/customer/<external_userid>/day-later")
def day_later(external_userid: str) -> Response:
    """She says nothing for 24 hours, without anybody waiting for them."""
    return jsonify(transfers.day_later(platform(), external_userid))


@actions.post("/guide/<userid>/delete")
def guide_deletes(userid: str) -> Response:
    wanted = asked()
    return told(*friendships.guide_deletes(platform(), userid, str(wanted.get("external_userid"))), wanted)


@actions.post("/guide/<userid>/accept")
def accept(userid: str) -> Response:
    wanted = asked()
    return told(*friendships.accept(platform(), userid, str(wanted.get("external_userid"))), wanted)


@actions.post("/guide/<userid>/confirm")
def confirm(userid: str) -> Response:
    wanted = asked()
    chosen = wanted.get("chosen")
    return jsonify(mass_assistant.confirm(platform(), userid, str(wanted.get("msgid")), chosen))


@actions.post("/guide/<userid>/publish")
def publish(userid: str) -> Response:
    return jsonify(moments.publish(platform(), userid, str(asked().get("moment_id"))))


@actions.post("/guide/<userid>/share")
def share(userid: str) -> Response:
    """`{"share_id", "send": true}` on the compose view of a page's call; without `send` she cancels."""
    wanted = asked()
    return jsonify(
        shares.finish(platform(), userid, str(wanted.get("share_id")), send=wanted.get("send") is True)
    )


@actions.post("/guide/<userid>/client")
def client(userid: str) -> Response:
    """`{"client"}`: phone, computer, old (no sharing at all) or forbidden (the app lacks the permission)."""
    return jsonify(shares.set_client(platform(), userid, asked().get("client")))


@actions.post("/customer/<external_userid>/react")
def react(external_userid: str) -> Response:
    return jsonify(moments.react(platform(), external_userid, asked()))


@actions.post("/guide/<userid>/card")
def card(userid: str) -> Response:
    wanted = asked()
    return told(*cards.press(platform(), userid, wanted), wanted)


@actions.post("/guide/<userid>/say")
def say_to_app(userid: str) -> Response:
    wanted = asked()
    return told(*cards.say_to_app(platform(), userid, str(wanted.get("text", ""))), wanted)


@actions.post("/guide/<userid>/robot")
def say_to_robot(userid: str) -> Response:
    """`{"text"}` to the robot alone, `{"attached"}` a picture, file, video or voice; `{}` only opens the chat;
    `{"task_id","key"}` presses its card."""
    wanted, base = asked(), base_of(platform(), request)
    if "task_id" in wanted:
        return told(*robots.press(platform(), "", userid, wanted, base), wanted)
    attached = str(wanted.get("attached", ""))
    return told(*robots.say_alone(platform(), userid, wanted.get("text"), base, attached), wanted)


@actions.post("/group/<chat_id>/say")
def say_in_group(chat_id: str) -> Response:
    wanted = asked()
    words, attached = str(wanted.get("text", "")), str(wanted.get("attached", ""))
    base = base_of(platform(), request)
    return told(*robots.say(platform(), chat_id, str(wanted.get("userid")), words, base, attached), wanted)


@actions.post("/group/<chat_id>/card")
def group_card(chat_id: str) -> Response:
    wanted = asked()
    base = base_of(platform(), request)
    return told(*robots.press(platform(), chat_id, str(wanted.get("userid")), wanted, base), wanted)


@actions.get("/guide/<userid>")
def guide_screen(userid: str) -> Response:
    return jsonify(screens.guide(platform(), userid))


@actions.get("/customer/<external_userid>")
def customer_screen(external_userid: str) -> Response:
    return jsonify(screens.customer(platform(), external_userid))


@actions.get("/group/<chat_id>")
def group_screen(chat_id: str) -> Response:
    return jsonify(screens.group(platform(), chat_id))
