"""A guide's phone as a browser without script: signed in, and what a page of 王芳's says."""

from collections.abc import Callable

from flask.testing import FlaskClient

from pages.web import sessions
from tests.pages.conftest import Console

Give = Callable[..., str]


def phone(console: Console, who: str = "wangfang") -> FlaskClient:
    """Her phone, signed in."""
    client = console.app.test_client()
    with console.app.test_request_context("/g/"):
        response = console.app.make_response("")
        sessions.begin(response, sessions.GUIDE, guide_id=console.ids[who])
    client.set_cookie("onetap_guide", response.headers["Set-Cookie"].partition("=")[2].partition(";")[0])
    return client


def page(console: Console, path: str) -> str:
    return phone(console).get(path).get_data(as_text=True)
