"""A stand-in for the platform's page script: the same calls, and the signature is checked by the platform."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from . import shares
from .control import platform
from .errors import errmsg
from .signin import COOKIE

jssdk = Blueprint("jssdk", __name__, template_folder="templates")
ARGUMENT_SHOWN = 1200
SCRIPT = Path(__file__).parent / "static" / "jssdk.js"


@jssdk.get("/jssdk.js")
def script() -> Response:
    return Response(SCRIPT.read_text(encoding="utf-8"), mimetype="text/javascript")


@jssdk.get("/jssdk/<call>")
def called(call: str) -> Answer:
    """Every call of the page script ends here, by navigation: so it works under any content policy of the page."""
    query, userid = request.args, request.cookies.get(COOKIE, "")
    good = signed(
        query.get("kind", ""),
        query.get("url", ""),
        query.get("timestamp", ""),
        query.get("nonce", ""),
        query.get("signature", ""),
    )
    platform().ledger.write(
        "jssdk", userid, call=call, ok=good, url=query.get("url", ""), argument=query.get("argument", "")
    )
    if not good:
        return Response(errmsg(40093), 403, mimetype="text/plain")
    if not platform().member(userid):
        return Response(errmsg(43016), 403, mimetype="text/plain")
    if call == "openEnterpriseChat" and (who := query.get("argument", "")):
        return redirect(f"/phones/customer/{who}" if platform().customer(who) else f"/phones/group/{who}")
    return redirect(f"/phones/guide/{userid}/mass-assistant")


@jssdk.post("/jssdk/<call>")
def shared(call: str) -> Answer:
    """A share lies over the page in a frame: the compose view, or, where the platform says no at once, only that."""
    form, userid = request.form, request.cookies.get(COOKIE, "")
    page = form.get("url", "")
    good = signed(
        form.get("kind", ""),
        page,
        form.get("timestamp", ""),
        form.get("nonce", ""),
        form.get("signature", ""),
    )
    platform().ledger.write(
        "jssdk", userid, call=call, ok=good, url=page, argument=form.get("argument", "")[:ARGUMENT_SHOWN]
    )
    if call not in shares.CALLS or not good or not platform().member(userid):
        wrong = "fail invalid signature" if not good else "fail"
        return said_at_once({"errCode": shares.NOT_SUPPORTED, "errMsg": f"{call}:{wrong}", "page": page})
    share = shares.begin(platform(), userid, call, form.get("argument", ""), page)
    if share["outcome"]:
        return said_at_once(shares.told(share))
    return redirect(f"/phones/guide/{userid}/share/{share['share_id']}", 303)


def said_at_once(told: dict[str, Any]) -> Response:
    return Response(render_template("told.html", told=told))


def signed(kind: str, url: str, timestamp: str, nonce: str, signature: str) -> bool:
    """sha1 over ticket, nonce, seconds and the page's address without its fragment."""
    ticket = platform().state.row(
        "SELECT value FROM ticket WHERE kind = ? AND expires > ?", kind, platform().clock.now()
    )
    if not ticket or not timestamp.isdigit() or len(timestamp) > 10:
        return False
    text = f"jsapi_ticket={ticket['value']}&noncestr={nonce}&timestamp={timestamp}&url={url.split('#')[0]}"
    return hashlib.sha1(text.encode()).hexdigest() == signature
