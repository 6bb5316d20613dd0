"""What the last steps press: HR removes a guide, her store manager says yes, one customer says no, a day passes."""

from contextlib import suppress

from flask import url_for
from sqlmodel import Session, col, func, select

from models.friends import Customer, Friend, FriendStatus, handover_plan
from models.friends.handover import TransferredFriend, TransferState
from models.org import Guide, GuideStatus
from models.sentences import Sentence
from pages.demo.emulator_client import EmulatorClient, NotPressed
from pages.demo.leaving import of_leaver
from pages.demo.runs import COLLEAGUE, GUIDE, Run, keep
from pages.web.site import Site

FEWEST_FRIENDS, FEWEST_LEFT = 3, 2
"""Whoever leaves has so many friends, and so many colleagues who can take them."""
AT_ONCE = 12
"""Customers of whom one press lets a day pass"""


def whose_turn(session: Session) -> Guide | None:
    """Who leaves next: somebody of 王芳's store, but for those whom the story needs; later on anybody."""
    owns = (
        select(Friend.owner_id)
        .where(Friend.status == FriendStatus.FRIEND)
        .group_by(col(Friend.owner_id))
        .having(func.count() >= FEWEST_FRIENDS)
    )
    here = session.exec(
        select(Guide)
        .where(Guide.status == GuideStatus.ACTIVE, col(Guide.store_id).is_not(None))
        .order_by(col(Guide.store_id), col(Guide.id))
    ).all()
    owners = set(session.exec(owns))
    for one in here:
        colleagues = [other for other in here if other.store_id == one.store_id and other.id != one.id]
        able = [other for other in colleagues if not other.is_manager]
        free = one.id in owners and not one.is_manager and one.userid not in (GUIDE, COLLEAGUE)
        if free and len(able) >= FEWEST_LEFT and len(able) < len(colleagues):
            return one
    return None


def leave(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """HR removes her from the directory; everything else follows by itself."""
    if run.leaver:
        return ""
    with site.db.read() as session:
        guide = whose_turn(session)
    if guide is None:
        raise NotPressed(Sentence("店里没有人能离职了：请删掉演示的数据，从头再来"))
    emulator.press("/control/members", remove=guide.userid, wait=True)
    run.leaver = guide.userid
    with site.db.write() as session:
        keep(session, run)
    return Sentence("{guide}从通讯录里移除了", guide=guide.name)


def confirm(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """Her store manager's three taps: she opens the page, looks at the list, and says yes."""
    with site.db.read() as session:
        found = of_leaver(session, run.leaver, run.decliner)
    if found is None or found.manager is None or found.handover.confirmed_at:
        return ""
    number, manager = found.handover.id or 0, found.manager
    page = site.public_url + url_for("guide_handover.shown", handover_id=number)
    emulator.open_page(manager.userid, page)
    emulator.open_page(manager.userid, f"{page}?ask=1")
    with site.db.write() as session:
        handover_plan.confirm(session, number, manager.name, site.clock())
    return Sentence("{manager}点了 3 下", manager=manager.name)


def decline(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """One customer taps 「不接受」."""
    if run.decliner:
        return ""
    who = _waiting(site, run)[:1]
    for external_userid, name in who:
        emulator.press(f"/phone/customer/{external_userid}/refuse", userid=run.leaver, wait=True)
        run.decliner = external_userid
        with site.db.write() as session:
            keep(session, run)
        return Sentence("{customer}点了不接受", customer=name)
    return ""


def day_passes(site: Site, emulator: EmulatorClient, run: Run) -> str:
    """The others say nothing for 24 hours, which nobody has to wait for."""
    passed = 0
    for external_userid, _name in _waiting(site, run)[:AT_ONCE]:
        with suppress(NotPressed):  # hers have passed already, and the platform is about to say so
            emulator.press(f"/phone/customer/{external_userid}/day-later")
            passed += 1
    return Sentence("又有 {n} 位客户过了 24 小时", n=passed) if passed else ""


def _waiting(site: Site, run: Run) -> list[tuple[str, str]]:
    """Customers of this run who may still refuse: external userid and name."""
    with site.db.read() as session:
        found = of_leaver(session, run.leaver, run.decliner)
        query = (
            select(Customer.external_userid, Customer.name)
            .join(TransferredFriend, col(TransferredFriend.customer_id) == col(Customer.id))
            .where(
                TransferredFriend.handover_id == (found.handover.id if found else 0),
                TransferredFriend.state == TransferState.WAITING,
            )
        )
        return list(session.exec(query.order_by(col(TransferredFriend.place))).all())
