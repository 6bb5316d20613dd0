"""What every answer carries: a strict content policy, no sniffing, nothing private in caches; and which hosts we answer."""

from flask import Flask, Response, abort, g, request
from flask_compress import Compress
from werkzeug.sansio.utils import host_is_trusted

from models.sentences import Sentence
from pages.web.site import site

LOOPBACK = ("127.0.0.1", "localhost")
ANY_HOST = ("/healthz", "/readyz", "/metrics", "/callback/")
"""Monitors and the platform may come by an inner address."""
PUBLIC = ("/assets/", "/s/", "/healthz")
COMPRESSED = {
    "COMPRESS_ALGORITHM": "gzip",
    "COMPRESS_LEVEL": 5,
    "COMPRESS_MIN_SIZE": 1400,
    "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "image/svg+xml"],
}
"""Pages leave compressed. Tokens in them are masked anew each time, so their size says nothing."""
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
    app.config.update(COMPRESSED)
    Compress(app)


def check_host() -> None:
    """A Host that is not ours could end up in links and caches (I11)."""
    if request.path.startswith(ANY_HOST):
        return
    if not host_is_trusted(request.headers.get("Host"), [site().host, *_local_names()]):
        abort(400, Sentence("这个地址不是本系统的地址"))


def look_ahead() -> Response | None:
    """What a program gets that only looks (HEAD, a prefetch), where a person's visit has an effect; None for people.

    A browser throws the 503 away and asks again when somebody really opens the page.
    """
    if request.method == "HEAD":
        return Response(status=204)
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return Response(status=503) if any("pre" in purpose.lower() for purpose in purposes) else None


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
    return response


def _local_names() -> tuple[str, ...]:
    return LOOPBACK if site().host in LOOPBACK else ()
