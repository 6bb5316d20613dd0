"""A customer's own browser, where a scan of an address leads: which phone it is, where she stands, and a finger on a picture.

Our pages stay as they are: what a phone does by itself (tell a position, read a picture under a finger) ends here, by a
script that the app loads only beside the built-in WeCom, and by navigation.
"""

import base64
import binascii
import json
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as Answer

from .control import asked, only_json, platform
from .errors import Unwilling
from .friendships import known_customer
from .phones import camera
from .platform import Platform

browser = Blueprint("browser", __name__)
COOKIE = "onetap_wechat_customer"
"""Whose phone this browser was opened on last; all phones of the demo are one browser."""
READ_SECONDS, MOST_BYTES = 10.0, 5_000_000
DENIED = "{code:1,message:'denied',PERMISSION_DENIED:1,POSITION_UNAVAILABLE:2,TIMEOUT:3}"
SCRIPT = """"use strict";
Object.defineProperty(navigator, "geolocation", { value: {
  getCurrentPosition: function (found, denied) {
    var place = %s;
    setTimeout(function () {
      if (place) { found({ coords: place, timestamp: Date.now() }); } else if (denied) { denied(%s); }
    }, 200);
  }
} });
"""


def is_address(platform: Platform, payload: str) -> bool:
    """A code that leads to a page of the app, and not to a person."""
    return payload.startswith(("http://", "https://")) and urlsplit(payload).netloc in platform.corp.trusted


def opened(external_userid: str, url: str) -> dict[str, Any]:
    """What a scan of such a code answers: where the phone goes."""
    return {"open": f"/phones/customer/{quote(external_userid)}/open?url={quote(url, safe='')}"}


def picture_in(body: dict[str, Any]) -> bytes | None:
    """A photograph of a printed code, as the page sends it: a data address, or bare base64."""
    text = body.get("picture")
    if text is None:
        return None
    try:
        return base64.b64decode(str(text).rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unwilling("这张照片读不出来") from error


@browser.get("/phones/customer/<external_userid>/open")
def open_page(external_userid: str) -> Answer:
    """Her phone's browser: only pages of the app open in it."""
    person, url = known_customer(platform(), external_userid), request.args.get("url", "")
    if not is_address(platform(), url):
        raise Unwilling("这部手机只打开本系统的页面")
    answer = redirect(url)
    answer.set_cookie(COOKIE, person["external_userid"], httponly=True, samesite="Lax")
    return answer


@browser.post("/phone/customer/<external_userid>/place")
def stand(external_userid: str) -> Response:
    """`{"latitude", "longitude"}`: where she stands; without them her phone tells nobody."""
    only_json()
    person, wanted = known_customer(platform(), external_userid), asked()
    place = None
    if "latitude" in wanted or "longitude" in wanted:
        try:
            place = {name: float(wanted[name]) for name in ("latitude", "longitude")}
        except (KeyError, TypeError, ValueError) as error:
            raise Unwilling("纬度和经度要是数字") from error
    platform().state.remember(f"place:{person['external_userid']}", place)
    return jsonify({"place": place})


@browser.get("/geolocation.js")
def geolocation() -> Response:
    """A stand-in for `navigator.geolocation`: it answers with the place that was chosen on this phone."""
    place = platform().state.remembered(f"place:{request.cookies.get(COOKIE, '')}")
    script = SCRIPT % (json.dumps({**place, "accuracy": 30}) if place else "null", DENIED)
    answer = Response(script, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@browser.get("/long-press")
def long_press() -> Answer:
    """A finger rests on a picture of a page: what is in it is scanned by whoever holds this phone."""
    person = known_customer(platform(), request.cookies.get(COOKIE, ""))
    payload = camera.seen_in(_fetched(platform(), request.args.get("picture", "")))
    return redirect(
        f"/phones/customer/{quote(person['external_userid'])}?seen={quote(payload, safe='')}#seen"
    )


def _fetched(platform: Platform, url: str) -> bytes:
    """The picture as the page shows it; only the app's."""
    if not is_address(platform, url):
        raise Unwilling("这张图不在本系统的页面上")
    answer = urllib3.request("GET", url, timeout=READ_SECONDS, redirect=False, preload_content=False)
    with answer:
        content = answer.read(MOST_BYTES)
    if answer.status != 200:
        raise Unwilling("没有这张图", 404)
    return bytes(content)
