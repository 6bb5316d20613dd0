"""What somebody had written when her session ran out: kept for the account, and put back into the form after signing in."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, delete, select

from models.accounts.idempotency import IdempotencyKey
from models.encryption import fingerprint
from pages.web import access, sessions
from pages.web.site import site

LIFE = timedelta(days=1)
MOST_LETTERS = 60_000
SECRET = ("csrf", "password", "old", "again")
"""Never kept"""
FIELD = "kept"
"""A form that was filled again says so; once it is taken, nothing is kept any more."""


@dataclass(frozen=True)
class KeptForm:
    """One form as it was sent."""

    action: str
    page: str
    """Where it stood"""
    fields: list[tuple[str, str]]
    files: bool
    """A file was with it, which has to be chosen again"""

    @property
    def texts(self) -> list[str]:
        """What a person wrote, for where no script puts it back."""
        return [value for _, value in self.fields if len(value) > 3 and not value.isdecimal()]

    def as_json(self) -> str:
        return json.dumps({"action": self.action, "fields": self.fields}, ensure_ascii=False)


def install(app: Flask) -> None:
    app.after_request(_taken)


def rescue(proves: Callable[[bytes], bool]) -> ResponseReturnValue | None:
    """A form from a page of ours whose session has run out: sign in again, then go on. None for every other form."""
    realm = sessions.realm()
    # there is nothing to write on the phone: her page again, by way of the platform
    if realm == sessions.GUIDE:
        came_before = request.cookies.get(sessions.COOKIES[realm]) and not sessions.visit(realm)
        return redirect(_page(realm), 303) if came_before else None
    row = sessions.run_out(realm)
    if row is None or row.account_id is None or not proves(bytes.fromhex(row.csrf)):
        return None
    page = _page(realm)
    _keep(row.account_id, page)
    sign_in = url_for("sign_in.form", next=page, kept=1)
    if request.headers.get("HX-Request"):
        return Response("", 401, {"HX-Redirect": sign_in})
    return redirect(sign_in, 303)


def of_viewer(session: Session) -> KeptForm | None:
    """What is kept for whoever looks at this very page."""
    visit = sessions.visit(sessions.CONSOLE)
    if visit is None or visit.account is None or request.method != "GET":
        return None
    row = session.exec(
        select(IdempotencyKey).where(IdempotencyKey.key == _key(visit.account.id))
    ).one_or_none()
    if row is None or row.created_at + LIFE <= site().clock():
        return None
    kept: dict[str, Any] = json.loads(row.answer)
    found = KeptForm(
        kept["action"], kept["page"], [(one, value) for one, value in kept["fields"]], kept["files"]
    )
    return found if urlsplit(found.page).path == request.path else None


def forget(session: Session, account_id: int | None) -> None:
    session.execute(delete(IdempotencyKey).where(col(IdempotencyKey.key) == _key(account_id)))


def _keep(account_id: int, page: str) -> None:
    """The last one counts."""
    fields = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in SECRET and name != FIELD
    ]
    if sum(len(value) for _, value in fields) > MOST_LETTERS:
        return
    files = any(file.filename for file in request.files.values())
    kept = {"action": request.full_path.rstrip("?"), "page": page, "fields": fields, "files": files}
    text = json.dumps(kept)
    with site().db.write() as session:
        forget(session, account_id)
        session.add(
            IdempotencyKey(
                key=_key(account_id),
                body_hash=fingerprint(text),
                status=0,
                answer=text,
                created_at=site().clock(),
            )
        )


def _page(realm: str) -> str:
    """The page of ours on which the form stood."""
    here = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    try:
        parts = urlsplit(here)
    except ValueError:
        parts = urlsplit("")
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if realm == sessions.GUIDE:
        home = url_for("guide.today")
        return path if path.startswith(home) else home
    return access.safe_next(path)


def _taken(response: Response) -> Response:
    """The form that was filled again has been sent, and was taken."""
    if request.method == "POST" and response.status_code in (302, 303):
        visit = sessions.visit(sessions.CONSOLE) if request.form.get(FIELD) else None
        if visit and visit.account:
            with site().db.write() as session:
                forget(session, visit.account.id)
    return response


def _key(account_id: int | None) -> str:
    return f"kept form:{account_id}"
