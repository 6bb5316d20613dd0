"""How an account begins and moves on: opened, switched off and on, a new password, signed in. Each writes its line."""

import secrets
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, StringConstraints
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from models.accounts import (
    ROLE_WORDS,
    SETUP_LINK_LIFE,
    Account,
    LoginSession,
    Role,
    SetupLink,
    audit,
    leaving,
    needs_first_account,
    open_link,
    passwords,
)
from models.accounts.throttle import PasswordAttempt
from models.db import Database, take_turns
from models.encryption import fingerprint
from models.errors import Refused, refuse_faults
from models.names import line_fault
from models.org import Branch, Store, named, renames
from models.sentences import Sentence, together

NAME_LETTERS = 20
ACCOUNTS = "accounts"
"""No two of one member, however each spells her userid: they are opened one after the other."""
Typed = Annotated[str, StringConstraints(strip_whitespace=True)]
"""Without the spaces around it; a password keeps its own"""


class AccountFields(BaseModel):
    """What somebody fills in to open an account: HQ gets a login and a password, the others are known to the platform.

    HQ's people may name their userid as well: a 【测试】 reaches them by it, and they still sign in by password.
    """

    role: str = Role.HQ
    name: Typed = ""
    login: Typed = ""
    password: str = ""
    userid: Typed = ""
    place: Typed = ""
    """The name or code of the branch or store that she oversees"""
    again: str | None = None
    """The password typed a second time, where somebody is asked for that"""


class LinkUsed(Refused):
    """The set-up link was used, is too old, or an HQ account exists."""


def make_setup_link(db: Database, now: datetime) -> str | None:
    """A token for /console/first?token=…, once printed by the server; None when an HQ account exists. Older links end."""
    token = secrets.token_urlsafe(24)
    with db.write() as session:
        if not needs_first_account(session):
            return None
        session.execute(delete(SetupLink).where(col(SetupLink.used_at).is_(None)))
        session.add(
            SetupLink(token_hash=fingerprint(token), created_at=now, expires_at=now + SETUP_LINK_LIFE)
        )
    return token


def open_account(
    db: Database, fields: AccountFields, who: str, now: datetime, *, link: str | None = None
) -> Account:
    """Checked, then the password hashed outside of any transaction, then written; or Refused, by field.

    With `link` it is the first one: the set-up link works once, also for two people at the same moment.
    """
    with db.read() as session:
        _setup_link(session, link, now)
        _account(session, fields, now)
    hashed = passwords.hash_password(fields.password) if fields.role == Role.HQ else ""
    try:
        return _opened(db, fields, hashed, who, now, link)
    except IntegrityError:  # somebody opened the same one at the same moment: said as if it had been there
        with db.read() as session:
            _setup_link(session, link, now)
            _account(session, fields, now)
        raise


def _opened(
    db: Database, fields: AccountFields, hashed: str, who: str, now: datetime, link: str | None
) -> Account:
    with db.write() as session:
        take_turns(session, ACCOUNTS)
        setup, account = _setup_link(session, link, now, to_use=True), _account(session, fields, now)
        if setup:
            setup.used_at = now
        account.password_hash = hashed
        session.add(account)
        session.flush()
        audit.note(
            session,
            who,
            "account.add",
            account.id,
            together([account.name, Sentence(ROLE_WORDS[account.role])], "，"),
            now,
        )
    return account


def switch(session: Session, account: Account, active: bool, by: Account, now: datetime) -> bool:
    """Let somebody in or out; out ends all her sessions at once. False when it was so before."""
    if account.id == by.id:
        raise Refused(Sentence("不能停用自己的账号。请另一位总部同事来做"))
    if account.active == active:
        return False
    account.active = active
    end_sessions(session, account)
    audit.note(session, by.name, f"account.{'on' if active else 'off'}", account.id, account.name, now)
    return True


def name_userid(session: Session, account: Account, userid: str, by: str, now: datetime) -> bool:
    """By which userid the app reaches somebody of HQ; empty is none. False when it was so before."""
    if account.role != Role.HQ:
        raise Refused(Sentence("分公司和门店用企业微信登录，账号不能这样改。请停用这个，再建一个"))
    userid = userid.strip()
    if (account.userid or "").lower() == userid.lower():
        return False
    if userid:
        refuse_faults(_userid_faults(session, account, userid, now))
    else:
        account.userid = None
    words = Sentence("{who}的企业微信账号：{userid}", who=account.name, userid=account.userid or "-")
    audit.note(session, by, "account.userid", account.id, words, now)
    return True


def password_faults(account: Account, old: str, new: str, again: str) -> dict[str, str]:
    """Why she cannot have this password from now on, by field."""
    fault = passwords.fault_of(new, account.login or "", account.name)
    found = ({"password": fault} if fault else {}) | passwords.repeat_fault(new, again)
    if not passwords.is_right(old, account):
        found["old"] = Sentence("原密码不对")
    elif new == old:
        found["password"] = Sentence("新密码和原来的一样，请换一个")
    return found


def change_password(session: Session, account: Account, hashed: str, now: datetime) -> None:
    """A password that `password_faults` let pass, hashed before; every session of hers ends."""
    account.password_hash = hashed
    end_sessions(session, account)
    changing(account).right(session, now)
    audit.note(session, account.name, "account.password", account.id, "改了自己的密码", now)


def changing(account: Account) -> PasswordAttempt:
    """Wrong old passwords are counted apart from signing in: whoever found an open browser must not be able to lock
    its owner out."""
    return PasswordAttempt(account.login or "", browser="changes")


def signed_in(session: Session, account: Account, how: str, now: datetime) -> None:
    """She proved who she is."""
    audit.note(session, account.name, "account.sign_in", account.id, how, now)


def end_sessions(session: Session, account: Account) -> None:
    session.execute(delete(LoginSession).where(col(LoginSession.account_id) == account.id))


def _setup_link(
    session: Session, token: str | None, now: datetime, *, to_use: bool = False
) -> SetupLink | None:
    if token is None:
        return None
    if link := open_link(session, fingerprint(token), now, to_use=to_use):
        return link
    raise LinkUsed(Sentence("这个链接不能用了"))


def _account(session: Session, fields: AccountFields, now: datetime) -> Account:
    """The account that this would be, or Refused with every fault by its field."""
    role, faults = next((one for one in Role if one == fields.role), None), dict[str, str]()
    account = Account(role=role or Role.MANAGER, name=fields.name, created_at=now)
    if role is None:
        faults["role"] = Sentence("请选总部、分公司或门店")
    if not 1 <= len(fields.name) <= NAME_LETTERS:
        faults["name"] = Sentence("姓名要 1 到 {n} 个字", n=NAME_LETTERS)
    elif fault := line_fault(fields.name):
        faults["name"] = fault
    if role == Role.HQ:
        account.login = fields.login
        faults |= _login_faults(session, fields)
        faults |= _userid_faults(session, account, fields.userid, now) if fields.userid else {}
    elif role in (Role.BRANCH, Role.MANAGER):
        faults |= _userid_faults(session, account, fields.userid, now) | _place(
            session, account, fields.place
        )
    refuse_faults(faults)
    return account


def _login_faults(session: Session, fields: AccountFields) -> dict[str, str]:
    found, login = dict[str, str](), fields.login
    if not (2 <= len(login) <= 64 and login.isprintable() and " " not in login):
        found["login"] = Sentence("登录名要 2 到 64 个字，不能有空格")
    elif session.exec(select(Account.id).where(Account.login == login)).first():
        found["login"] = Sentence("已经有人用「{login}」登录了，请换一个", login=login)
    if fault := passwords.fault_of(fields.password, login, fields.name):
        found["password"] = fault
    return found | ({} if fields.again is None else passwords.repeat_fault(fields.password, fields.again))


def _userid_faults(session: Session, account: Account, userid: str, now: datetime) -> dict[str, str]:
    if not 1 <= len(userid) <= 64 or line_fault(userid):
        return {"userid": Sentence("请填她的企业微信账号，通讯录里能看到")}
    current = renames.current(session, userid, now)  # HQ may know her by her old one
    other = leaving.by_userid(session, current)
    if other is not None and other.id != account.id:
        return {"userid": Sentence("「{userid}」已经有账号了，可以在上面重新启用", userid=userid)}
    account.userid = current
    return {}


def _place(session: Session, account: Account, text: str) -> dict[str, str]:
    """Which branch or store the account oversees."""
    stores = named(session, Store, text) if account.role == Role.MANAGER else []
    branches = named(session, Branch, text) if account.role == Role.BRANCH else []
    if len(stores) > 1 or len(branches) > 1:
        return {"place": Sentence("有不止一个叫「{name}」，请写编号", name=text[:40])}
    for store in stores:
        account.store_id, account.branch_id = store.id, store.branch_id
    for branch in branches:
        account.branch_id = branch.id
    if account.branch_id:
        return {}
    if account.role == Role.BRANCH:
        return {"place": Sentence("没有叫「{name}」的分公司。请写完整的名称或编号", name=text[:40])}
    return {"place": Sentence("没有叫「{name}」的门店。请写完整的名称或编号", name=text[:40])}
