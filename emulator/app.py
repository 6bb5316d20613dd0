"""The built-in WeCom as a web application: API, pictures, the phones' buttons and the switches."""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from waitress import wasyncore
from waitress.channel import ClientDisconnected
from waitress.server import create_server

from . import languages
from .api import APIS
from .browser import browser
from .company import Corp
from .control import control
from .dispatch import RESET, serve
from .errors import Unwilling
from .jssdk import jssdk
from .phones import moments_views  # noqa: F401  (its pages join those of the phones)
from .phones.actions import actions
from .phones.views import phones
from .pictures import pictures
from .platform import Platform
from .signin import signin

THREADS = 48
"""Many, because a chaos delay keeps a thread busy, and a hung bulk call must not hold up a welcome."""
BODY_BYTES = 24 * 1024 * 1024


class ChineseJson(DefaultJSONProvider):
    """Answers that a person can read in a terminal."""

    ensure_ascii = False
    sort_keys = False


def create_app(corp: Corp, state_path: str = ":memory:") -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.json = ChineseJson(app)
    languages.install(app)
    platform = app.extensions["wecom"] = Platform(corp, state_path)
    app.register_blueprint(control)
    app.register_blueprint(actions)
    app.register_blueprint(signin)
    app.register_blueprint(pictures)
    app.register_blueprint(jssdk)
    app.register_blueprint(browser)
    app.register_blueprint(phones)

    @app.route("/cgi-bin/<path:api>", methods=["GET", "POST"])
    def cgi_bin(api: str) -> Response:
        return serve(platform, APIS, api, request)

    @app.errorhandler(Unwilling)
    def unwilling(error: Unwilling) -> tuple[Response, int]:
        return jsonify({"error": languages._(error.words)}), error.status

    app.wsgi_app = drop_connections(app.wsgi_app)  # type: ignore[method-assign]
    return app


def drop_connections(wsgi: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Where chaos asked for it, closes the connection without a byte: waitress does so on this exception."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = wsgi(environ, start_response)
        if environ.get(RESET):
            raise ClientDisconnected
        return answer

    return application


class Server:
    """The application on a port, where 0 takes any free one, or on a socket that somebody listens on already."""

    def __init__(
        self,
        corp: Corp,
        state_path: str = ":memory:",
        host: str = "127.0.0.1",
        port: int = 0,
        listening: socket.socket | None = None,
    ) -> None:
        # It warns of every request that has to wait for a thread: normal on a busy evening.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self.app = create_app(corp, state_path)
        self.platform: Platform = self.app.extensions["wecom"]
        self._closing = False
        self._waking = threading.Lock()
        self._waitress = create_server(
            self.app,
            **({"sockets": [listening]} if listening else {"host": host, "port": port}),
            threads=THREADS,
            clear_untrusted_proxy_headers=True,
            ident="",
            backlog=512,
            connection_limit=1000,
            channel_timeout=60,
        )
        self.port = int(self._waitress.effective_port)
        self.url = f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serves until `close`, SIGTERM or Ctrl-C."""
        try:
            while not self._closing:
                wasyncore.loop(timeout=1, map=self._waitress._map, count=1, use_poll=True)
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            self._waitress.task_dispatcher.shutdown(timeout=1)
            with self._waking:
                wasyncore.close_all(self._waitress._map)
            self.platform.stop()

    def close(self) -> None:
        """From another thread: wakes the serving loop, which then closes its own sockets."""
        with self._waking:
            self._closing = True
            self._waitress.pull_trigger()
