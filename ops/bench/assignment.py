"""New friends of a thousand stores from four processes at once: how evenly the rules spread them, and how fast."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sqlmodel import Session, col, func, select

from models import migrate
from models.db import PIECE, Database
from models.friends import Customer, Friend, FriendStatus, entry_codes, friendship, shown_codes
from models.friends.assignment import choose
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.friends.shown_codes import FRESH, ShownCode
from models.org import Branch, Guide, Store
from ops.bench.report import Report, progress
from ops.bench.retailer import LONG_AGO, NOW
from ops.sample_data import ZONE

PROCESSES, FLOOR, SPREAD = 4, 0.4, 1
HOTLINE = "hotline"
"""An account that works in no store: whoever it gets is given to a guide of the code's store by the rules."""


@dataclass(frozen=True)
class AssignmentSize:
    stores: int = 1000
    guides: int = 5
    """Of each store"""
    scans: int = 10_000


QUICK = AssignmentSize(40, 5, 400)


def measure(report: Report, folder: Path, size: AssignmentSize, url: str = "") -> None:
    """The rules first, then the same number of friends counted and inserted without anybody waiting for anybody."""
    folder.mkdir(parents=True, exist_ok=True)
    url = url or f"sqlite:///{folder / 'assignment.sqlite3'}"
    _plant(url, size)
    progress(f"{size.scans:,} 次扫码，{PROCESSES} 个进程")
    shown = _rate(partial(_look, url, size), size)
    spread_shown = _spread(url, ShownCode)
    _forget(url)
    ours = _rate(partial(_scan, url, size), size)
    spread = _spread(url, Friend)
    theirs = _rate(partial(_count_then_insert, url, size), size)
    report.claim(
        max(spread, spread_shown) <= SPREAD,
        f"同一家店里扫码最多差 {spread} 位，找店页给的码最多差 {spread_shown} 次（要求 ≤ {SPREAD}）",
        f"{size.stores:,} 家店、各 {size.scans:,} 次、{PROCESSES} 个进程",
    )
    report.claim(
        min(ours, shown) >= FLOOR * theirs,
        f"按规则分 {ours / theirs:.2f} ×，选给谁的码 {shown / theirs:.2f} × 数一数就插（要求 ≥ {FLOOR}）",
        f"每秒 {ours:,.0f}、{shown:,.0f} 对 {theirs:,.0f}",
    )


def _plant(url: str, size: AssignmentSize) -> None:
    db = Database(url)
    try:
        migrate.upgrade(db)
        with db.write() as session:
            branch = Branch(code="B1", name="东北分公司")
            session.add_all([branch, _guide(HOTLINE, None)])
            session.flush()
            for number in range(size.stores):
                store = Store(code=f"S{number}", name=f"第 {number} 店", branch_id=branch.id or 0)
                session.add(store)
                session.flush()
                session.add(_code(number, store))
                session.add_all(_guide(f"g{number}-{one}", store.id) for one in range(size.guides))
    finally:
        db.close()


def _guide(userid: str, store_id: int | None) -> Guide:
    return Guide(userid=userid, userid_key=userid, name=userid, store_id=store_id, joined_at=LONG_AGO)


def _code(number: int, store: Store) -> EntryCode:
    return EntryCode(
        state=f"store{number}",
        kind=EntryCodeKind.STORE,
        store_id=store.id,
        name=store.name,
        status=EntryCodeStatus.READY,
        created_at=LONG_AGO,
    )


def _rate(work: "partial[tuple[float, float]]", size: AssignmentSize) -> float:
    """Friends per second, from the first of any process to the last of any other"""
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        ran = list(pool.map(work, range(PROCESSES)))
    return size.scans / (max(end for _, end in ran) - min(begin for begin, _ in ran))


def _each(url: str, size: AssignmentSize, process: int, work: Callable[..., None]) -> tuple[float, float]:
    """Do it for every number of this process, in a transaction each; when the first began and the last ended."""
    db = Database(url)
    try:
        begin = time.monotonic()
        for number in range(process, size.scans, PROCESSES):
            db.run(partial(work, number=number))
        return begin, time.monotonic()
    finally:
        db.close()


def _look(url: str, size: AssignmentSize, process: int) -> tuple[float, float]:
    """Somebody opens the page of a store before she scans: whose code is shown counts for its guide."""

    def chosen(session: Session, number: int) -> None:
        code = entry_codes.find(session, f"store{number // PROCESSES % size.stores}")
        picked = choose(session, code, None, NOW, ZONE)
        shown_codes.show(session, picked.guide, picked.rule, NOW)

    return _each(url, size, process, chosen)


def _forget(url: str) -> None:
    db = Database(url)
    try:
        db.run_in_pieces(lambda session: shown_codes.prune(session, NOW + FRESH, PIECE))
    finally:
        db.close()


def _scan(url: str, size: AssignmentSize, process: int) -> tuple[float, float]:
    """Neighbours in time scan in the same store, each by another process."""

    def added(session: Session, number: int) -> None:
        state = f"store{number // PROCESSES % size.stores}"
        friendship.added(session, HOTLINE, f"wm{number}", NOW, NOW, ZONE, state=state)

    return _each(url, size, process, added)


def _count_then_insert(url: str, size: AssignmentSize, process: int) -> tuple[float, float]:
    """What one writes first: count the friends of the store's guides, take the least, insert."""

    def added(session: Session, number: int) -> None:
        store_id = 1 + number // PROCESSES % size.stores
        number_of = func.count(col(Friend.id))
        least = (
            select(Guide.id)
            .join(
                Friend, (col(Friend.guide_id) == col(Guide.id)) & (col(Friend.added_at) >= NOW), isouter=True
            )
            .where(Guide.store_id == store_id)
            .group_by(col(Guide.id))
            .order_by(number_of, col(Guide.id))
        )
        guide_id = session.exec(least).first()
        customer = Customer(external_userid=f"plain{number}", seen_at=NOW)
        session.add(customer)
        session.flush()
        session.add(
            Friend(
                customer_id=customer.id or 0,
                owner_id=1,
                guide_id=guide_id,
                store_id=store_id,
                branch_id=1,
                status=FriendStatus.FRIEND,
                added_at=NOW,
                changed_at=NOW,
            )
        )

    return _each(url, size, process, added)


def _spread(url: str, given: type[Friend] | type[ShownCode]) -> int:
    """By how many friends, or codes that were shown, two guides of one store differ at most"""
    db = Database(url)
    try:
        with db.read() as session:
            per_guide = (
                select(Guide.store_id, Guide.id, func.count(col(given.id)))
                .join(given, col(given.guide_id) == col(Guide.id), isouter=True)
                .where(col(Guide.store_id).is_not(None))
                .group_by(col(Guide.store_id), col(Guide.id))
            )
            stores: dict[int, Counter[int]] = defaultdict(Counter)
            for store_id, guide_id, friends in session.exec(per_guide):
                stores[store_id or 0][guide_id or 0] = friends
    finally:
        db.close()
    return max(max(one.values()) - min(one.values()) for one in stores.values())
