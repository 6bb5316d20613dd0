"""The same form sent twice (a double click, a reload after a lost answer) makes one thing."""

import secrets
from collections.abc import Callable

from flask import request
from sqlmodel import Session, select

from models.accounts.idempotency import IdempotencyKey
from models.db import insert_once
from pages.web import access
from pages.web.site import site

FIELD = "once"


def mark() -> str:
    """What a form carries in its hidden field: the one that came with it, else a new one."""
    return request.form.get(FIELD, "")[:64] or secrets.token_hex(12)


def made(session: Session, noun: str, make: Callable[[], int | None]) -> int:
    """The id of what this form makes; of what it has made already, when it comes again."""
    key = f"console:{noun}:{access.viewer().id}:{mark()}"
    values = {"key": key, "body_hash": "", "status": 303, "answer": "", "created_at": site().clock()}
    fresh = insert_once(session, IdempotencyKey, values)
    kept = session.exec(select(IdempotencyKey).where(IdempotencyKey.key == key)).one()
    if fresh is not None or not kept.answer:
        kept.answer = str(make())
    return int(kept.answer)
