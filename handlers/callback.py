"""The callback views: cap, verify, decrypt, store in the inbox, and only then answer."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from handlers import kept_words, registry
from handlers.registry import HandlerContext
from handlers.robot_words import hear
from models.db import Database
from models.db.write_lock import Busy
from models.groups import robots
from models.ledger import inbox
from models.ledger.inbox import InboxSource
from wecom.callbacks import MOST_BYTES, KeyRing, Opened, encrypt_robot, open_envelope, open_robot, verify_url
from wecom.errors import BadCallback
from wecom.events import RobotMessage, clean, parse_event, parse_robot
from wecom.limits import FRESH_SECONDS

TOO_BIG = f"回调最多 {MOST_BYTES // 1024} KB"

log = logging.getLogger("onetap.callback")


@dataclass
class CallbackReceiver:
    """What the callback views work with; made once by ops/wiring.py."""

    db: Database
    rings: Mapping[str, KeyRing]
    """app, contacts, robot; one that is not configured is absent and its path answers 404"""
    clock: Callable[[], datetime]
    zone: ZoneInfo
    public_url: str = ""
    window_seconds: int = FRESH_SECONDS
    refused: Counter[str] = field(default_factory=Counter)
    """Refused requests since the start, by "source:why" (bad_signature, stale, malformed …), for /metrics."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def refuse(self, source: InboxSource, why: str) -> None:
        with self._lock:
            self.refused[f"{source}:{why}"] += 1
        # neither body nor query: both may be an attacker's, and a captured signature is worth something
        log.warning("refused a callback to %s: %s", source, why)

    @property
    def handler_context(self) -> HandlerContext:
        return HandlerContext(zone=self.zone, public_url=self.public_url)


def blueprint(receiver: CallbackReceiver) -> Blueprint:
    """The views of /callback/app, /callback/contacts and /callback/robot."""
    views = Blueprint("callback", __name__)
    for source in InboxSource:
        views.add_url_rule(
            f"/callback/{source}",
            source.value,
            _view(receiver, source),
            methods=["GET", "POST"],
            provide_automatic_options=False,
            strict_slashes=False,  # people type a slash at the end of the address, and the platform calls it so
        )
    views.record_once(_exact_paths)
    return views


def _exact_paths(state: BlueprintSetupState) -> None:
    # a path with doubled slashes is another path: 404, not a redirect that a proxy may judge differently
    state.app.url_map.merge_slashes = False


def _view(receiver: CallbackReceiver, source: InboxSource) -> Callable[[], Response]:
    def view() -> Response:
        ring = receiver.rings.get(source)
        if ring is None:
            return plain("这个回调没有配置", 404)
        try:
            return _verify(receiver, ring) if request.method == "GET" else _take(receiver, source, ring)
        except BadCallback as bad:
            receiver.refuse(source, bad.kind)
            return plain(bad.words, bad.status)
        except (Busy, DBAPIError, PoolTimeout) as error:
            # nothing was promised yet: the platform sends it again
            log.error("cannot store a callback to %s: %s", source, type(error).__name__)
            return plain("暂时存不下，请再发一次", 503)

    def only_get_and_post() -> Response:
        if request.method != "HEAD":
            return view()
        refused = plain("只接受 GET 和 POST", 405)
        refused.headers["Allow"] = "GET, POST"
        return refused

    return only_get_and_post


def _verify(receiver: CallbackReceiver, ring: KeyRing) -> Response:
    """The platform asks whether this address is ours: the exact text, no quotes, no newline."""
    return plain(verify_url(request.args, ring, receiver.clock(), receiver.window_seconds))


def _take(receiver: CallbackReceiver, source: InboxSource, ring: KeyRing) -> Response:
    body, now = _body(), receiver.clock()
    if source == InboxSource.ROBOT:
        opened = open_robot(body, request.args, ring, now, receiver.window_seconds)
        return _take_message(receiver, opened, now)
    _store_event(receiver, source, open_envelope(body, request.args, ring, now, receiver.window_seconds), now)
    return plain("success")


def _body() -> bytes:
    """At most MOST_BYTES bytes, also from a chunked request that does not say its length."""
    # one more: a body without a length is silently cut at the cap
    request.max_content_length = MOST_BYTES + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise BadCallback("too_big", TOO_BIG) from None
    except ClientDisconnected:
        raise BadCallback("malformed", "回调没有传完") from None
    if len(body) > MOST_BYTES:
        raise BadCallback("too_big", TOO_BIG)
    return body


def _store_event(receiver: CallbackReceiver, source: InboxSource, opened: Opened, now: datetime) -> None:
    event = parse_event(opened)
    subject = " ".join(filter(None, (event.user, event.external_user, event.text("ChatId"))))
    row: dict[str, Any] = {
        "source": source,
        "key": inbox.body_key(opened),
        "kind": event.kind,
        "actor": event.actor,
        "subject": subject,
        "body": kept_words.of_app(event) if event.kind.startswith("message.") else clean(opened),
        "event_at": event.created_at,
        "now": now,
        # its code dies in 20 seconds: it does not wait behind a flood of other events
        "lane": "friend" if event.text("WelcomeCode") else "inbox",
    }
    receiver.db.group_commit(lambda session: inbox.store(session, **row))


def _take_message(receiver: CallbackReceiver, opened: Opened, now: datetime) -> Response:
    """Its reply is the answer, so the message is handled before it; a duplicate gets the same reply again."""
    message = parse_robot(opened)
    if message.kind == "stream":  # our replies are always finished, so there is nothing to add
        return plain("")
    with receiver.db.write(urgent=True) as session:
        row_id, _ = inbox.store(
            session,
            source=InboxSource.ROBOT,
            key=_message_key(message, opened),
            kind=f"robot.{message.kind}",
            actor=message.user,
            subject=message.chat or message.user,
            body=clean(opened),
            event_at=message.created_at,
            now=now,
        )
        reply = registry.handle_stored(session, row_id, now, receiver.handler_context)
        row = session.get_one(inbox.Inbox, row_id)
        called = hear(message.text, robots.names(session)).command
        row.body = kept_words.of_robot(row.body, called)
    if not reply:
        return plain("")
    return Response(encrypt_robot(json.loads(reply), opened.ring, now), mimetype="application/json")


def _message_key(message: RobotMessage, opened: Opened) -> str:
    named = f"robot:{message.msgid}" if message.msgid else str(opened)
    return sha256(named.encode("utf-8", "replace")).hexdigest()


def plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
