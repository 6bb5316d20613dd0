"""Who may see what: one function per noun that returns the row or ends with 404; a view that names no roles stays shut."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, false, or_, true
from sqlmodel import Session, SQLModel, col, select

from models.accounts import Account, Role
from models.campaigns import Campaign, Task
from models.campaigns.announcements import Announcement
from models.campaigns.files import StoredFile
from models.campaigns.pictures import Picture, PictureOwner
from models.campaigns.slots import Slot
from models.friends import Friend
from models.friends.entry_codes import EntryCode
from models.friends.handover import Handover
from models.groups import Group
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from models.materials import Material
from models.org import Branch, Guide, Store
from models.sentences import Sentence
from pages.web import sessions
from pages.web.scope import Scope
from pages.web.site import site

View = TypeVar("View", bound=Callable[..., Any])
Row = TypeVar("Row", bound=SQLModel)
GUARDED = "/console"
"""Also what no view answers yet, so a prefix and no list of views."""
EVERYBODY = "everybody"


def install(app: Flask) -> None:
    app.before_request(guard)


def roles(*names: Role) -> Callable[[View], View]:
    """Names the roles that may open a console view: `@roles(Role.HQ, Role.BRANCH)`. Goes below `@blueprint.get`."""

    def mark(view: View) -> View:
        view.roles = frozenset(names)  # type: ignore[attr-defined]
        return view

    return mark


def anybody(view: View) -> View:
    """This console view is for people who are not signed in, too."""
    view.roles = frozenset([EVERYBODY])  # type: ignore[attr-defined]
    return view


staff = roles(Role.HQ, Role.BRANCH, Role.MANAGER)
offices = roles(Role.HQ, Role.BRANCH)
hq_only = roles(Role.HQ)


def roles_of(endpoint: str) -> frozenset[str]:
    """The roles that a view names; none means that nobody gets in."""
    return getattr(current_app.view_functions.get(endpoint), "roles", frozenset())


def guard() -> ResponseReturnValue | None:
    """Deny by default: a console address answers only those whom its view names."""
    if not (request.path == GUARDED or request.path.startswith(GUARDED + "/")) or request.endpoint is None:
        return None
    allowed = roles_of(request.endpoint)
    if EVERYBODY in allowed:
        return None
    visit = sessions.visit(sessions.CONSOLE)
    if visit is None or visit.account is None:
        return _to_sign_in()
    if visit.account.role not in allowed:
        abort(403)
    return None


def _to_sign_in() -> ResponseReturnValue:
    if request.headers.get("HX-Request"):  # a fragment cannot show the sign-in page: let the browser go there
        return "", 401, {"HX-Redirect": url_for("sign_in.form")}
    here = request.full_path.rstrip("?") if request.method == "GET" else url_for("overview.today")
    return redirect(url_for("sign_in.form", next=here))


def safe_next(address: str) -> str:
    """Where to go after signing in: a path of our own console, never another site (I09)."""
    try:
        parts = urlsplit(address.replace("\\", "/"))
    except ValueError:
        return url_for("overview.today")
    inside = parts.path == GUARDED or parts.path.startswith(GUARDED + "/")
    if (
        parts.scheme
        or parts.netloc
        or not inside
        or address.startswith("//")
        or any(ord(sign) < 32 for sign in address)
    ):
        return url_for("overview.today")
    return address


def viewer() -> Account:
    """The account that looks at this console page."""
    visit = sessions.visit(sessions.CONSOLE)
    if visit is None or visit.account is None:
        abort(401)
    return visit.account


def scope(account: Account | None = None) -> Scope:
    """What the viewer (or `account`) may see; a role that no rule names sees nothing."""
    who = account or viewer()
    return Scope(who.role, who.branch_id, who.store_id)


def branch(session: Session, row_id: int) -> Branch:
    return _row(session, Branch, row_id, scope().branches())


def store(session: Session, row_id: int) -> Store:
    return _row(session, Store, row_id, scope().stores())


def guide(session: Session, row_id: int) -> Guide:
    return _row(session, Guide, row_id, scope().guides())


def friend(session: Session, row_id: int) -> Friend:
    return _row(session, Friend, row_id, scope().friends())


def handover(session: Session, row_id: int) -> Handover:
    return _row(session, Handover, row_id, scope().handovers())


def task(session: Session, row_id: int) -> Task:
    return _row(session, Task, row_id, scope().tasks())


def code(session: Session, row_id: int) -> EntryCode:
    return _row(session, EntryCode, row_id, scope().codes())


def group(session: Session, row_id: int) -> Group:
    return _row(session, Group, row_id, scope().groups())


def announcement(session: Session, row_id: int) -> Announcement:
    return _row(session, Announcement, row_id, scope().announcements())


def picture(session: Session, row_id: int) -> Picture:
    """A picture that she uploaded herself, or one of a campaign that she may look at."""
    return _row(session, Picture, row_id, _pictures(session))


def picture_if_hers(session: Session, row_id: int) -> Picture | None:
    """The same for a form, which says in its own words that there is none."""
    return _found(session, Picture, row_id, _pictures(session))


def file(session: Session, row_id: int) -> StoredFile:
    """A video or file that she uploaded herself, or one of a campaign that she may look at."""
    return file_if_hers(session, row_id) or abort(404)


def file_if_hers(session: Session, row_id: int) -> StoredFile | None:
    own = col(StoredFile.account_id) == viewer().id
    return _found(session, StoredFile, row_id, or_(scope().files(session), own))


def _pictures(session: Session) -> ColumnElement[bool]:
    own = select(PictureOwner.picture_id).where(PictureOwner.account_id == viewer().id)
    return or_(scope().pictures(session), col(Picture.id).in_(own))


def material(session: Session, row_id: int, *, change: bool = False) -> Material:
    """A piece of the library to look at; with `change` only for HQ and for the branch that made it."""
    found = _row(session, Material, row_id, scope().materials())
    if change and not may_change_material(found):
        abort(403, Sentence("这件素材是总部做的，分公司能用，不能改"))
    return found


def material_if_hers(session: Session, row_id: int) -> Material | None:
    """The same for a form, which says in its own words that there is none."""
    return _found(session, Material, row_id, scope().materials())


def may_change_material(found: Material) -> bool:
    who = viewer()
    return who.role == Role.HQ or (who.role == Role.BRANCH and found.branch_id == who.branch_id)


def slot(session: Session, row_id: int) -> Slot:
    """A slot of HQ's, or one that is open to the viewer's branch."""
    found, who = session.get(Slot, row_id), viewer()
    if found is None or not (
        who.role == Role.HQ or (who.role == Role.BRANCH and found.open_to(who.branch_id))
    ):
        abort(404)
    return found


def delivery(session: Session, row_id: int) -> Outbox:
    return _row(session, Outbox, row_id, scope().deliveries())


def callback(session: Session, row_id: int) -> Inbox:
    """Callbacks hold what the platform said about everybody, so they are HQ's alone."""
    return _row(session, Inbox, row_id, true() if scope().all else false())


def campaign(session: Session, row_id: int, *, change: bool = False) -> Campaign:
    """A campaign to look at; with `change` only for HQ and for the branch whose people made it."""
    found = _row(session, Campaign, row_id, scope().campaigns(session))
    if change and not may_change(session, found):
        abort(403, Sentence("这个活动是总部建的，分公司能看，不能改"))
    return found


def may_change(session: Session, found: Campaign) -> bool:
    who = viewer()
    if who.role == Role.HQ:
        return True
    maker = session.get(Account, found.created_by) if found.created_by else None
    return (
        who.role == Role.BRANCH
        and maker is not None
        and maker.role == Role.BRANCH
        and maker.branch_id == who.branch_id
    )


def _row(session: Session, model: type[Row], row_id: int, allowed: ColumnElement[bool]) -> Row:
    """The row, if it exists and is within reach; both misses look the same."""
    return _found(session, model, row_id, allowed) or abort(404)


def _found(session: Session, model: type[Row], row_id: int, allowed: ColumnElement[bool]) -> Row | None:
    return session.exec(select(model).where(model.id == row_id, allowed)).one_or_none()  # type: ignore[attr-defined]


def now_in_scope() -> tuple[Scope, Any]:
    """The viewer's reach and this moment, as most list pages need both."""
    return scope(), site().clock()
