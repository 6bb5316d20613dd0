"""Cookies: only for this host, not for scripts, and not for what another site sends."""

from datetime import timedelta

from flask import Response
from itsdangerous import URLSafeTimedSerializer

from pages.web.site import site


def keep(response: Response, name: str, value: str, life: timedelta) -> None:
    seconds = int(life.total_seconds())
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=site().secure
    )


def signer(purpose: str) -> URLSafeTimedSerializer:
    """For what a cookie holds: the first key signs, all of them are believed."""
    return URLSafeTimedSerializer(site().secret_keys[::-1], salt=f"onetap {purpose}")


def drop(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", httponly=True, samesite="Lax", secure=site().secure)
