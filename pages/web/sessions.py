"""Who is signed in: a random token in a cookie, its hash in a row; console and guide pages apart."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, g, request
from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from models.accounts import Account, LoginSession
from models.accounts.expiry import RECOGNISED
from models.encryption import fingerprint
from models.org import Guide, GuideStatus
from pages.web import cookies, known_browsers
from pages.web.site import site

CONSOLE, GUIDE = "console", "guide"
COOKIES = {CONSOLE: "onetap_console", GUIDE: "onetap_guide"}
WHO = (
    select(LoginSession, Account, Guide)
    .outerjoin(Account, col(Account.id) == col(LoginSession.account_id))
    .outerjoin(Guide, col(Guide.id) == col(LoginSession.guide_id))
    .where(
        col(LoginSession.token_hash) == bindparam("token_hash"), col(LoginSession.realm) == bindparam("realm")
    )
)
"""Made once: it is asked with every request, and building it takes longer than the answer."""
PHONE = "onetap_wecom_member"
"""The built-in WeCom's cookie in the demo, where all phones are one browser: whose phone was opened last."""
LIFE = {CONSOLE: timedelta(hours=12), GUIDE: timedelta(days=7)}


@dataclass(frozen=True)
class Visit:
    """One signed-in browser, as its row and account are at this very request."""

    id: int
    realm: str
    csrf: str
    account: Account | None = None
    guide: Guide | None = None


def realm() -> str:
    """Which of the two cookies this request is about."""
    return GUIDE if request.path == "/g" or request.path.startswith("/g/") else CONSOLE


def visit(realm_name: str | None = None) -> Visit | None:
    """The signed-in person of this request; None for strangers, leavers and switched-off accounts."""
    name = realm_name or realm()
    known: dict[str, Visit | None] = g.setdefault("visits", {})
    if name not in known:
        known[name] = _look_up(name)
    return known[name]


def _look_up(realm_name: str) -> Visit | None:
    """Read anew for each request, so that whoever is signed out or switched off is out with the next one."""
    if not (token := _token(realm_name)):
        return None
    with site().db.read() as session:
        brought = {"token_hash": fingerprint(token), "realm": realm_name}
        found = session.execute(WHO, brought).one_or_none()
    if found is None:
        return None
    row, account, guide = found
    if row.expires_at <= site().clock() or _another_phone(guide):
        return None
    if not (account and account.active) and not (guide and guide.status == GuideStatus.ACTIVE):
        return None
    return Visit(row.id or 0, realm_name, row.csrf, account, guide)


def _another_phone(guide: Guide | None) -> bool:
    whose = request.cookies.get(PHONE, "") if guide and site().demo else ""
    return bool(guide and whose and whose.lower() != guide.userid_key)


def run_out(realm_name: str) -> LoginSession | None:
    """The session of this browser that has run out by itself, not one that was ended, of somebody who may still come."""
    with site().db.read() as session:
        row = _brought(session, realm_name)
        if row is None or row.expires_at > site().clock():
            return None
        account = session.get(Account, row.account_id) if row.account_id else None
    return row if account and account.active else None


def _brought(session: Session, realm_name: str) -> LoginSession | None:
    """The row of the token that this browser brings, also of one that has run out."""
    if not (token := _token(realm_name)):
        return None
    its = select(LoginSession).where(LoginSession.token_hash == fingerprint(token))
    return session.exec(its.where(LoginSession.realm == realm_name)).one_or_none()


def begin(
    response: Response, realm_name: str, *, account_id: int | None = None, guide_id: int | None = None
) -> None:
    """Sign somebody in: always a new token, and the one that the browser brought ends here."""
    now = site().clock()
    with site().db.write() as session:
        _forget(session, _token(realm_name))
        token = added(session, realm_name, now, account_id=account_id, guide_id=guide_id)
        account = session.get(Account, account_id) if account_id else None
        if account:
            account.seen_at = now
    g.pop("visits", None)
    # longer than the session: a form sent afterwards is recognised as hers, and kept
    cookies.keep(response, COOKIES[realm_name], token, LIFE[realm_name] + RECOGNISED)
    known_browsers.remember(response, realm_name, account_id or guide_id)


def added(
    session: Session,
    realm_name: str,
    now: datetime,
    *,
    account_id: int | None = None,
    guide_id: int | None = None,
) -> str:
    """The token of a new session."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            realm=realm_name,
            token_hash=fingerprint(token),
            account_id=account_id,
            guide_id=guide_id,
            csrf=secrets.token_hex(32),
            created_at=now,
            expires_at=now + LIFE[realm_name],
        )
    )
    return token


def end(response: Response, realm_name: str) -> None:
    """Sign out: the row goes, so a copied cookie is worth nothing."""
    with site().db.write() as session:
        _forget(session, _token(realm_name))
    g.pop("visits", None)
    cookies.drop(response, COOKIES[realm_name])


def _token(realm_name: str) -> str:
    return request.cookies.get(COOKIES[realm_name], "")


def _forget(session: Session, token: str) -> None:
    if token:
        session.execute(delete(LoginSession).where(col(LoginSession.token_hash) == fingerprint(token)))
