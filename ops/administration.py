"""The small errands of the command line: accounts, tokens, imports, pruning, the first invitation."""

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models import migrate
from models.accounts import api_tokens, audit, lifecycle
from models.accounts.audit import COMMAND_LINE
from models.accounts.lifecycle import AccountFields
from models.db import Database
from models.errors import Refused
from models.groups import robots
from models.org import imports
from models.org.cells import shown
from models.org.columns import Sheet
from models.org.imports import ROWS_SHOWN, Imported
from models.preferences import Preference
from ops.wiring import Parts
from scheduler import jobs
from settings import BadConfiguration, Settings

DEMO_MARK = "demo"


def invite(parts: Parts) -> None:
    """Print the one-time set-up link as long as nobody from HQ can sign in."""
    try:
        token = None if parts.settings.demo else lifecycle.make_setup_link(parts.db, parts.runtime.clock())
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


def create_admin(parts: Parts, login: str, name: str, password: str, *, userid: str = "") -> str:
    migrate.upgrade(parts.db)
    fields = AccountFields(login=login, name=name, password=password, userid=userid)
    try:
        lifecycle.open_account(parts.db, fields, COMMAND_LINE, parts.runtime.clock())
    except Refused as refused:
        raise BadConfiguration(refused.words) from None
    return f"建好了，用 {fields.login} 在 {parts.site.public_url}/console/ 登录"


def create_token(parts: Parts, name: str, writes: bool) -> str:
    migrate.upgrade(parts.db)
    try:
        with parts.db.write() as session:
            return api_tokens.create(
                session, name, writes=writes, who=COMMAND_LINE, now=parts.runtime.clock()
            )
    except Refused as refused:
        raise BadConfiguration(refused.words) from None


def import_file(parts: Parts, noun: str, file: Path) -> tuple[str, bool]:
    """The report in words, and whether every row was good."""
    migrate.upgrade(parts.db)
    try:
        sheet = imports.read(noun, file.read_bytes())
        done = imports.bring_in(parts.db, sheet, COMMAND_LINE, parts.runtime.clock())
    except Refused as refused:
        return f"{noun}：{refused.words}", False
    return "\n".join([f"{noun}：{done.words}", *_noted(sheet, done)]), not done.bad


def look_at_file(parts: Parts, noun: str, file: Path) -> tuple[str, bool]:
    """The same before anything is stored, with the first rows as they were read."""
    if migrate.current(parts.db) != migrate.newest():
        raise BadConfiguration("数据库还没有建好，或者是别的版本的。先运行 python server.py migrate")
    try:
        sheet = imports.read(noun, file.read_bytes())
        done = imports.look(parts.db, sheet, parts.runtime.clock())
    except Refused as refused:
        return f"{noun}：{refused.words}", False
    lines = [f"{noun}：先看一看，还没有存。{done.words}"]
    for line in sheet.lines[:ROWS_SHOWN]:
        cells = ((heading, shown(line.cells, name)) for name, heading in sheet.headings.items())
        lines.append(f"  第 {line.number} 行  " + "  ".join(f"{one} {cell}" for one, cell in cells if cell))
    if len(sheet.lines) > ROWS_SHOWN:
        lines.append(f"  这里只列了前 {ROWS_SHOWN} 行，一共 {len(sheet.lines)} 行")
    return "\n".join([*lines, *_noted(sheet, done)]), not done.bad


def _noted(sheet: Sheet, done: Imported) -> list[str]:
    """What is to be said about columns, sheets and rows."""
    said = [f"  没有用到的列：{'、'.join(sheet.unused)}"] if sheet.unused else []
    if sheet.unread:
        said.append(f"  没有读的工作表：{'、'.join(sheet.unread)}，一次只读一张")
    notes = sorted([*done.errors, *done.skipped, *done.notes], key=lambda one: one.row)
    return said + [f"  第 {note.row} 行{note.field and f' {note.field}'}：{note.words}" for note in notes]


def prune(parts: Parts) -> str:
    migrate.upgrade(parts.db)
    now = parts.runtime.clock()
    words = jobs.prune(parts.runtime, now) or "没有过了保留期的记录"
    parts.db.run(lambda session: audit.record(session, COMMAND_LINE, "ledger.prune", "ledger", now, words))
    return words


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
        shown = make_url(settings.database_url).render_as_string()  # without its password
        raise BadConfiguration(f"{shown} 是演示用的数据库，换一个 ONETAP_DATABASE_URL")
