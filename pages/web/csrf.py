"""Proof that a form came from our own page: a token per session, masked anew in every answer."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from flask import Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue

from models.sentences import Sentence
from pages.web import cookies, kept_forms, sessions
from pages.web.site import site

FIELD, HEADER, SEED_COOKIE = "csrf", "X-CSRF", "onetap_seed"
SEED_LIFE = timedelta(hours=12)
SAFE = ("GET", "HEAD", "OPTIONS")
OWN_PROOF = ("/callback/", "/api/", "/t/")
"""These carry a signature or a bearer token and no cookie."""
BYTES = 32


def install(app: Flask) -> None:
    app.before_request(guard)
    app.after_request(keep_seed)
    app.jinja_env.globals["csrf_token"] = token


def guard() -> ResponseReturnValue | None:
    """Every request that changes something needs the token, also sign-in, sign-out and what htmx sends."""
    if request.method in SAFE or request.path.startswith(OWN_PROOF):
        return None
    given = request.headers.get(HEADER, "") or request.form.get(FIELD, "")
    if any(_fits(given, secret) for secret in _secrets(sessions.realm())):
        return None
    words = Sentence("这个页面放得太久，或者不是从我们自己的页面打开的。什么都没有改。请刷新后再点一次")
    return kept_forms.rescue(lambda secret: _fits(given, secret)) or abort(400, words)


def token(realm: str | None = None) -> str:
    """The token for a form of this request. Masked, so that compressed answers do not leak it piece by piece."""
    secret = _secrets(realm or sessions.realm())[0]
    mask = secrets.token_bytes(BYTES)
    return (mask + _xor(mask, secret)).hex()


def keep_seed(response: Response) -> Response:
    if "csrf_seed" in g:
        cookies.keep(response, SEED_COOKIE, g.csrf_seed, SEED_LIFE)
    return response


def _secrets(realm: str) -> list[bytes]:
    """The first one makes tokens, all are accepted."""
    visit = sessions.visit(realm)
    if visit:
        return [bytes.fromhex(visit.csrf)]
    seed = request.cookies.get(SEED_COOKIE, "") or g.get("csrf_seed")
    if not seed:
        seed = g.csrf_seed = secrets.token_urlsafe(24)
    text = f"csrf:{realm}:{seed}".encode()
    return [hmac.digest(key.encode(), text, hashlib.sha256) for key in site().secret_keys]


def _fits(given: str, secret: bytes) -> bool:
    try:
        raw = bytes.fromhex(given)
    except ValueError:
        return False
    return len(raw) == 2 * BYTES and hmac.compare_digest(_xor(raw[:BYTES], raw[BYTES:]), secret)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
