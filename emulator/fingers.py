"""The buttons of the phones over HTTP: each presses what a person would press."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from . import people
from .callbacks import Outgoing
from .control import asked, messenger
from .refuse import Unwilling

fingers = Blueprint("fingers", __name__, url_prefix="/phone")


@fingers.before_request
def no_strange_pages() -> None:
    """A page from elsewhere in the same browser must not press our buttons."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Unwilling("cross-site", 403)


def told(answer: dict[str, Any], sent: Outgoing | None, wanted: dict[str, Any]) -> Response:
    """With `"wait": true` the answer comes after the callback was received or given up."""
    if wanted.get("wait") and sent:
        answer = answer | {"callback": sent.waited()}
    return jsonify(answer)


@fingers.post("/customer/<external_userid>/scan")
def scan(external_userid: str) -> Response:
    wanted = asked()
    return told(*people.scan(messenger(), external_userid, wanted), wanted)


@fingers.post("/customer/<external_userid>/delete")
def customer_deletes(external_userid: str) -> Response:
    wanted = asked()
    return told(*people.customer_deletes(messenger(), external_userid, str(wanted.get("userid"))), wanted)


@fingers.post("/guide/<userid>/delete")
def guide_deletes(userid: str) -> Response:
    wanted = asked()
    return told(*people.guide_deletes(messenger(), userid, str(wanted.get("external_userid"))), wanted)


@fingers.post("/guide/<userid>/accept")
def accept(userid: str) -> Response:
    wanted = asked()
    return told(*people.accept(messenger(), userid, str(wanted.get("external_userid"))), wanted)
