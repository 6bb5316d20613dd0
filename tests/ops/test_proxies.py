"""The doctor counts the proxies in front and says when the setting does not fit them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from werkzeug.middleware.proxy_fix import ProxyFix

from models.db import Database
from ops import doctor, proxies, wiring
from settings import Settings
from tests.pages.conftest import make_console, new_app, serving
from tests.serving import running


@contextmanager
def proxy(behind: str, *, replaces: bool = False) -> Iterator[str]:
    """A reverse proxy that notes whom it passes on: behind what others noted, or instead of it."""

    class Passing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            before = "" if replaces else self.headers.get("X-Forwarded-For", "")
            noted = ", ".join(one for one in (before, self.client_address[0]) if one)
            answer = requests.get(behind + self.path, headers={"X-Forwarded-For": noted}, timeout=10)
            self.send_response(answer.status_code)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_words: object) -> None:
            pass

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Passing)) as address:
        yield address


def finding(database: Database, trusted: int, *kinds: bool) -> doctor.Finding:
    """What the doctor says with so many trusted proxies and these in front (each: whether it replaces the header)."""
    app = new_app()
    console = make_console(database, app=app)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted)  # type: ignore[method-assign]
    with ExitStack() as up:
        url = up.enter_context(serving(console))
        for replaces in kinds:
            url = up.enter_context(proxy(url, replaces=replaces))
        console.site.public_url, console.site.secret_keys = url, ["a key for the doctor"]
        settings = Settings(public_url=url, secret_key="a key for the doctor", trusted_proxies=trusted)
        return doctor.trusted_proxies(doctor.Patient(settings, database, None, None, wiring.clock))


@pytest.mark.parametrize("kinds", [(), (False,), (True,), (False, False)])
def test_a_setting_that_fits_is_good(sqlite_database: Database, kinds: tuple[bool, ...]) -> None:
    assert finding(sqlite_database, len(kinds), *kinds).grade == doctor.GOOD


def test_too_few_make_everybody_one_person(sqlite_database: Database) -> None:
    found = finding(sqlite_database, 0, False)
    assert found.grade == doctor.WARN and "一起被限速。请改成 1" in found.words


def test_too_many_let_everybody_invent_an_address_I11(sqlite_database: Database) -> None:
    assert finding(sqlite_database, 1).grade == doctor.BAD
    found = finding(sqlite_database, 2, False)
    assert found.grade == doctor.BAD and "ONETAP_TRUSTED_PROXIES 是 2" in found.words
    assert "请改成 1" in found.words and "躲过限速" in found.words


def test_nobody_else_may_ask_and_silence_is_said(sqlite_database: Database) -> None:
    console = make_console(sqlite_database)
    assert console.stranger().get("/healthz/proxies?signed=proxies.x.y").status_code == 404
    settings = Settings(public_url="http://127.0.0.1:9", secret_key="a key for the doctor")
    with pytest.raises(proxies.Unanswered):
        proxies.look(settings)
