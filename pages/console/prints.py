"""Badges and counter cards for print: one as its printer wants it, a store's on sheets of A4, a branch's in a ZIP."""

import io
import re
import threading
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from models import preferences
from models.db import count
from models.friends.entry_codes import OWN, EntryCode, EntryCodeStatus, LeadsTo
from models.org import Branch, Guide, GuideStatus, Store
from models.sentences import Sentence
from pages.web import access, formatting
from pages.web.i18n import _
from pages.web.site import site
from posters import prints
from posters.fields import PosterRefused
from posters.prints import BadgeFields, CounterFields, PrintCard, badge, counter_card, press

blueprint = Blueprint("prints", __name__, url_prefix="/console/prints")
DRAW_SECONDS = 60.0
MOST_CARDS = 2_000
"""Of one ZIP: some ten minutes of drawing and 60 MB"""
SHEET_CARDS = 60
"""Of one PDF: a store's, ten sheets"""
WORDS = {LeadsTo.NEAR: prints.NEAR_WORDS, LeadsTo.USERS: prints.USERS_WORDS}
LONGEST_WORDS = 40
AT_ONCE = threading.BoundedSemaphore(1)
"""A ZIP keeps a thread and the drawing processes busy for minutes; pages and posters need the others."""
BUSY = "另一份打包正在进行，等它做完再来"
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True)
class StorePrints:
    """What is printed for one store."""

    name: str
    cards: list[PrintCard]
    refused: list[str]
    """Cards that cannot be drawn, and why"""


@blueprint.get("/codes/<int:code_id>.<form>")
@access.staff
def one(code_id: int, form: press.Form) -> ResponseReturnValue:
    """A single card: ?headline=…&second=…&sentence=… say something else on a counter card."""
    if form not in press.FORMS:
        abort(404)
    with site().db.read() as session:
        code = access.code(session, code_id)
        if not code.printable or code.status == EntryCodeStatus.RETIRED:
            abort(404, _("这个码还没有做好，或者停用了，没有可印的"))
        brand = preferences.read(session).name
        try:
            card = _card(session, code, brand)
            drawn = _drawn(card, form)
        except PosterRefused as refused:
            abort(422, _why(refused))
    answer = Response(drawn, mimetype=press.FORMS[form])
    if not request.args.get("look"):
        answer.headers["Content-Disposition"] = f'attachment; filename="code-{code_id}.{form}"'
    return answer


@blueprint.get("/stores/<int:store_id>.pdf")
@access.staff
def sheets(store_id: int) -> ResponseReturnValue:
    """All badges and counter cards of a store on sheets of A4."""
    with site().db.read() as session:
        store = access.store(session, store_id)
        found = _of_store(session, store)
    if not found.cards:
        abort(404, _("这家店还没有能印的码"))
    try:
        drawn = _sheets(found)
    except PosterRefused as refused:
        abort(422, _why(refused))
    return _attached(Response(drawn, mimetype="application/pdf"), f"store-{store_id}.pdf")


@blueprint.get("/stores/<int:store_id>.zip")
@access.staff
def store_zip(store_id: int) -> ResponseReturnValue:
    """The same with every card as a picture beside it."""
    with site().db.read() as session:
        found = [_of_store(session, access.store(session, store_id))]
    return _zip(found, f"store-{store_id}")


@blueprint.get("/branches/<int:branch_id>.zip")
@access.offices
def branch_zip(branch_id: int) -> ResponseReturnValue:
    """All stores of a branch, a folder each."""
    with site().db.read() as session:
        branch: Branch = access.branch(session, branch_id)
        stores = session.exec(select(Store).where(Store.branch_id == branch.id).order_by(col(Store.id)))
        found = [_of_store(session, store) for store in stores]
    return _zip([one for one in found if one.cards or one.refused], f"branch-{branch_id}")


def _zip(found: list[StorePrints], name: str) -> ResponseReturnValue:
    total = sum(len(one.cards) for one in found)
    if not total:
        abort(404, _("还没有能印的码"))
    if total > MOST_CARDS:
        words = Sentence("一次最多打包 {most:,} 张，这里有 {n:,} 张。请按门店下载", most=MOST_CARDS, n=total)
        abort(409, _(words))
    if not AT_ONCE.acquire(blocking=False):
        abort(429, _(BUSY))
    answer = Response(stream_with_context(zipped(_files(found))), mimetype="application/zip")
    answer.call_on_close(AT_ONCE.release)
    return _attached(answer, f"{name}.zip")


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A ZIP file by file: never more of it in memory than one."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(name, content)
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where a ZIP is written that has begun to leave already: it cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._kept += content
        return len(content)

    def taken(self) -> bytes:
        kept, self._kept = bytes(self._kept), bytearray()
        return kept


def _files(found: list[StorePrints]) -> Iterator[tuple[str, bytes]]:
    """Each store's sheets and pictures; what could not be drawn is said in a file of its own."""
    for one in found:
        folder, refused = _NOT_IN_NAMES.sub(" ", one.name).strip() or "store", [*one.refused]
        if one.cards:
            try:
                yield f"{folder}/A4.pdf", _sheets(one)
            except PosterRefused as error:
                refused.append(f"A4.pdf: {_why(error)}")
        for card in one.cards:
            try:
                yield f"{folder}/{_NOT_IN_NAMES.sub(' ', card.name)}.png", _drawn(card, "png")
            except PosterRefused as error:
                refused.append(f"{card.name}: {_why(error)}")
        if refused:
            yield f"{folder}/{_('没画成')}.txt", "\n".join(refused).encode()


def _sheets(found: StorePrints) -> bytes:
    made = f"{formatting.local(site().clock()):%Y-%m-%d %H:%M}"
    pool = site().posters
    if pool is None:
        return press.sheets(found.name, made, found.cards)
    return pool.submit_sheets(found.name, made, found.cards).result(DRAW_SECONDS)


def _drawn(card: PrintCard, form: press.Form) -> bytes:
    pool = site().posters
    return pool.submit_card(card, form).result(DRAW_SECONDS) if pool else press.one(card, form)


def _why(refused: PosterRefused) -> str:
    return _(Sentence(refused.text, **refused.values))


def _attached(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


# ---- what is on the cards


def printable_of(store_id: int) -> ColumnElement[bool]:
    """Codes of this store and of the guides who work there now."""
    here = select(Guide.id).where(Guide.store_id == store_id, Guide.status == GuideStatus.ACTIVE)
    of_store = (col(EntryCode.store_id) == store_id) & col(EntryCode.guide_id).is_(None)
    made = (col(EntryCode.payload) != "") | (col(EntryCode.leads_to) == LeadsTo.NEAR)
    usable = made & (col(EntryCode.status) != EntryCodeStatus.RETIRED) & OWN
    return or_(of_store, col(EntryCode.guide_id).in_(here)) & usable


@dataclass(frozen=True)
class PrintCount:
    """How many cards there are to print."""

    badges: int
    counter: int


def counted(session: Session, store_id: int) -> PrintCount | None:
    """None where there is nothing to print."""
    of = printable_of(store_id)
    badges = count(session, EntryCode, of, col(EntryCode.guide_id).is_not(None))
    whole = count(session, EntryCode, of)
    return PrintCount(badges, whole - badges) if whole else None


def _of_store(session: Session, store: Store) -> StorePrints:
    """Counter cards first, then the badges."""
    brand = preferences.read(session).name
    order = col(EntryCode.guide_id).asc().nulls_first(), col(EntryCode.id)
    codes = session.exec(select(EntryCode).where(printable_of(store.id or 0)).order_by(*order))
    found = StorePrints(store.name, [], [])
    for code in codes.all()[:SHEET_CARDS]:
        try:
            found.cards.append(_card(session, code, brand))
        except PosterRefused as refused:
            found.refused.append(f"{code.name}: {_why(refused)}")
    return found


def _card(session: Session, code: EntryCode, brand: str) -> PrintCard:
    store = session.get(Store, code.store_id) if code.store_id else None
    guide = session.get(Guide, code.guide_id) if code.guide_id else None
    says = code.says(site().public_url)
    if guide is not None:
        where = session.get(Store, guide.store_id) if guide.store_id else store
        role = prints.MANAGER if guide.is_manager else prints.GUIDE
        return badge(
            BadgeFields(
                brand=brand,
                name=guide.customer_name or guide.name,
                role=f"{where.name} · {role}" if where else role,
                sentence=_written("sentence") or prints.SENTENCE,
                number=prints.BADGE_NUMBER.format(n=code.id),
                payload=says,
            )
        )
    first, second, sentence = WORDS[code.leads_to]
    return counter_card(
        CounterFields(
            brand=brand,
            headline=(_written("headline") or first, _written("second") or second),
            sentence=_written("sentence") or sentence,
            place=f"{store.name} · {code.place}"
            if store and code.place
            else store.name
            if store
            else code.name,
            number=prints.CARD_NUMBER.format(n=code.id),
            payload=says,
            night=code.leads_to == LeadsTo.USERS,
        )
    )


def _written(name: str) -> str:
    """What somebody wants to stand there instead."""
    return request.args.get(name, "").strip()[:LONGEST_WORDS]
