"""What every answer carries: a strict content policy, no sniffing, nothing private in caches; and which hosts we answer."""

import gzip

from flask import Flask, Response, abort, g, request
from werkzeug.sansio.utils import host_is_trusted

from pages.web.site import site

LOOPBACK = ("127.0.0.1", "localhost")
ANY_HOST = ("/healthz", "/readyz", "/metrics", "/callback/")
"""Monitors and the messenger may come by an inner address."""
PUBLIC = ("/assets/", "/s/", "/healthz")
GZIP_FROM_BYTES = 1400
BASE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}


def install(app: Flask) -> None:
    app.before_request(check_host)
    app.after_request(add)


def check_host() -> None:
    """A Host that is not ours could end up in links and caches (I11)."""
    if request.path.startswith(ANY_HOST):
        return
    if not host_is_trusted(request.headers.get("Host"), [site().host, *_local_names()]):
        abort(400, "这个地址不是本系统的地址")


def allow(**sources: str) -> None:
    """Widen the policy of this one answer: allow(script_src=origin, frame_src=origin)."""
    wider: dict[str, str] = g.setdefault("policy", {})
    for name, source in sources.items():
        wider[name.replace("_", "-")] = source


def policy() -> str:
    rules = BASE_POLICY | {"frame-ancestors": "'self'" if site().demo else "'none'"}
    for name, source in g.get("policy", {}).items():
        rules[name] = f"{rules.get(name, '')} {source}".strip()
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def add(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if site().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if not request.path.startswith(PUBLIC):
        headers.setdefault("Cache-Control", "no-store")
    return _smaller(response)


def _smaller(response: Response) -> Response:
    """Pages leave compressed. Tokens in them are masked anew each time, so their size says nothing."""
    if (
        response.mimetype != "text/html"
        or response.status_code != 200
        or response.is_streamed
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or "Content-Encoding" in response.headers
    ):
        return response
    body = response.get_data()
    if len(body) >= GZIP_FROM_BYTES:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response


def _local_names() -> tuple[str, ...]:
    return LOOPBACK if site().host in LOOPBACK else ()
