"""How many proxies stand in front of us, as the doctor finds out: it asks through the public address, signed."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, jsonify, request
from itsdangerous import BadSignature, TimestampSigner

from pages.web.site import site

PATH = "/healthz/proxies"
INVENTED = "192.0.2.7"
"""An address of no machine (RFC 5737), which the doctor writes into X-Forwarded-For as a stranger could"""
FRESH_SECONDS = 60

blueprint = Blueprint("proxies", __name__)


@dataclass(frozen=True)
class ProxyChain:
    """What a question met on its way to us."""

    proxies: int
    """That wrote down whom they passed on"""
    invented: bool
    """Whether the program takes an invented address for the asker's"""


def question(secret_keys: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Query and headers of a question that only this installation can ask."""
    return {"signed": _signer(secret_keys).sign("proxies").decode()}, {"X-Forwarded-For": INVENTED}


@blueprint.get(PATH)
def answer() -> Response:
    try:
        _signer(site().secret_keys).unsign(request.args.get("signed", ""), max_age=FRESH_SECONDS)
    except BadSignature:
        abort(404)
    passed_on = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    written = passed_on[1:] if passed_on[:1] == [INVENTED] else passed_on
    made = jsonify(proxies=len(written), invented=request.remote_addr == INVENTED)
    made.headers["Cache-Control"] = "no-store"
    return made


def _signer(secret_keys: list[str]) -> TimestampSigner:
    return TimestampSigner(secret_keys[::-1], salt="onetap proxies")
