"""The small errands of the command line: accounts, tokens, imports, pruning, the first invitation."""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from models import migrate
from models.accounts import HQ, Account, api_tokens
from models.db import Database
from models.errors import Refused
from models.groups import robots
from models.org import imports
from models.preferences import Preference
from ops.wiring import Parts
from pages.console import passwords, sign_in
from scheduler import jobs
from settings import BadConfiguration, Settings

DEMO_MARK = "demo"


def invite(parts: Parts) -> None:
    """Print the one-time set-up link as long as nobody from HQ can sign in."""
    try:
        token = None if parts.settings.demo else sign_in.make_setup_link(parts.db, parts.runtime.clock())
    except SQLAlchemyError:
        return  # no tables yet, or no database: /readyz says so, and the next start invites
    if token:
        print(
            f"第一次启动：打开 {parts.site.public_url}/console/first?token={token} 建总部账号（只能用一次）",
            flush=True,
        )


def upgrade(parts: Parts) -> None:
    """Bring the database to this version, and what it holds encrypted to the first secret key."""
    migrate.upgrade(parts.db)
    with parts.db.write() as session:
        robots.rotate(session, parts.runtime.encryption)


def create_admin(parts: Parts, login: str, name: str, password: str) -> str:
    login, name = login.strip(), name.strip()  # as the page that signs in reads it
    if faults := sign_in.faults(name, login, password, password):
        raise BadConfiguration("；".join(faults.values()))
    migrate.upgrade(parts.db)
    hashed = passwords.hash_password(password)  # slow on purpose, so outside the transaction
    with parts.db.write() as session:
        if session.exec(select(Account).where(Account.login == login)).first():
            raise BadConfiguration(f"登录名 {login} 已经有人用")
        session.add(
            Account(role=HQ, name=name, login=login, password_hash=hashed, created_at=parts.runtime.clock())
        )
    return f"建好了，用 {login} 在 {parts.site.public_url}/console/ 登录"


def create_token(parts: Parts, name: str, writes: bool) -> str:
    name = name.strip()
    if not api_tokens.is_name(name):
        raise BadConfiguration("请写给谁用，1 到 64 个字")
    migrate.upgrade(parts.db)
    with parts.db.write() as session:
        return api_tokens.create(session, name, writes=writes, now=parts.runtime.clock())


def import_file(parts: Parts, noun: str, file: Path) -> tuple[str, bool]:
    """The report in words, and whether every row was good."""
    migrate.upgrade(parts.db)
    try:
        report = imports.import_bytes(parts.db, noun, file.read_bytes(), parts.runtime.clock())
    except Refused as refused:
        return f"{noun}：{refused.words}", False
    lines = [f"{noun}：{report.words}"]
    lines += [f"  第 {error.row} 行 {error.field}：{error.words}" for error in report.errors]
    return "\n".join(lines), not report.errors


def prune(parts: Parts) -> str:
    return jobs.prune(parts.runtime, parts.runtime.clock()) or "没有过了保留期的记录"


def mark_demo(session: Session) -> None:
    if session.get(Preference, DEMO_MARK) is None:
        session.add(Preference(key=DEMO_MARK, value="1"))


def refuse_demo(settings: Settings) -> None:
    """A database full of invented people must never meet the real platform."""
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            marked = session.get(Preference, DEMO_MARK) is not None
    except SQLAlchemyError:
        marked = False  # no tables yet, so no demo either
    finally:
        database.close()
    if marked:
        raise BadConfiguration(f"{settings.database_url} 是演示用的数据库，换一个 ONETAP_DATABASE_URL")
