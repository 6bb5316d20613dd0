"""What assignment rules look at: who works where, who is on shift, who had how many new friends. A dry run has its own."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, func, select

from models.db import count, count_by, take_turns
from models.friends import Friend, FriendStatus, LostHow, shown_codes
from models.friends.shown_codes import FRESH, ShownCode
from models.org import Guide, GuideStatus, Store
from models.org.shifts import NextShift, next_shifts

OTHERS = (
    select(Friend.guide_id)
    .where(
        col(Friend.customer_id) == bindparam("customer_id"),
        col(Friend.owner_id) != bindparam("owner_id"),
        col(Friend.status) != FriendStatus.LOST,
    )
    .order_by(col(Friend.added_at), col(Friend.id))
)
NUMBER = func.count(col(Friend.id))
LEAST = (
    select(Guide, NUMBER)
    .join(
        Friend,
        and_(col(Friend.guide_id) == col(Guide.id), col(Friend.added_at) >= bindparam("midnight")),
        isouter=True,
    )
    .where(Guide.status == GuideStatus.ACTIVE)
    .group_by(col(Guide.id))
    .order_by(
        NUMBER + shown_codes.number_of(Guide.id, bindparam("shown_since")),
        func.max(col(Friend.added_at)).asc().nulls_first(),
        col(Guide.id),
    )
    .limit(1)
)
OF_STORE = LEAST.where(col(Guide.store_id) == bindparam("store_id"))
OF_BRANCH = LEAST.join(Store, col(Store.id) == col(Guide.store_id)).where(
    col(Store.branch_id) == bindparam("branch_id")
)
OF_SOME = LEAST.where(col(Guide.id).in_(bindparam("ids", expanding=True)))
"""Made once, as the rules' own query: they run for every new friend, and building them takes longer than running them"""


class Sight:
    """Things as they are now."""

    def __init__(self, session: Session, now: datetime, zone: ZoneInfo) -> None:
        self.session, self.now, self.zone = session, now, zone

    @property
    def midnight(self) -> datetime:
        return datetime.combine(self.now.astimezone(self.zone).date(), time(), self.zone)

    def store(self, store_id: int | None) -> Store | None:
        return self.session.get(Store, store_id) if store_id else None

    def guide(self, guide_id: int | None) -> Guide | None:
        return self.session.get(Guide, guide_id) if guide_id else None

    def hold(self, store: Store) -> None:
        """The store's next friend waits for this one, so that a hundred scans at one moment are still spread evenly."""
        take_turns(self.session, f"assignment of store {store.id}")

    def served_by(self, customer_id: int, owner_id: int) -> list[int | None]:
        """Who serves this customer in the accounts of others, the longest first"""
        return list(self.session.exec(OTHERS, params={"customer_id": customer_id, "owner_id": owner_id}))

    def handed_over(self, customer_id: int) -> set[int]:
        """Whose friendship with the customer was ended by a transfer to a colleague: they serve her no more."""
        ended = Friend.status == FriendStatus.LOST, Friend.lost_how == LostHow.TRANSFER
        return set(
            self.session.exec(select(Friend.owner_id).where(Friend.customer_id == customer_id, *ended))
        )

    def present(self, store: Store) -> list[Guide]:
        """Who works there, on shift or not"""
        here = select(Guide).where(Guide.store_id == store.id, Guide.status == GuideStatus.ACTIVE)
        return list(self.session.exec(here.order_by(col(Guide.id))))

    def anybody_in_branch(self, store: Store) -> bool:
        here = col(Guide.store_id).in_(select(Store.id).where(Store.branch_id == store.branch_id))
        return count(self.session, Guide, here, Guide.status == GuideStatus.ACTIVE) > 0

    def shifts(self, guides: Sequence[Guide]) -> dict[int, NextShift]:
        return next_shifts(self.session, guides, self.now, self.zone)

    def counts(self, guides: Sequence[Guide]) -> dict[int, int]:
        """Guide → how many friends she got today, with those who may still scan the code that they were shown."""
        ids = [guide.id for guide in guides]
        today = col(Friend.guide_id).in_(ids), col(Friend.added_at) >= self.midnight
        shown = col(ShownCode.guide_id).in_(ids), *shown_codes.waiting(self.now)
        found = Counter(count_by(self.session, Friend.guide_id, *today))
        return found + Counter(count_by(self.session, ShownCode.guide_id, *shown))

    def last(self, guides: Sequence[Guide]) -> dict[int, datetime]:
        """Guide → when she got her newest friend, or her code was shown; who never had either is not in it."""
        ids = [guide.id for guide in guides]
        newest = select(Friend.guide_id, func.max(Friend.added_at)).group_by(col(Friend.guide_id))
        found = {
            guide_id or 0: at
            for guide_id, at in self.session.exec(newest.where(col(Friend.guide_id).in_(ids)))
        }
        shown = select(ShownCode.guide_id, func.max(ShownCode.at)).where(*shown_codes.waiting(self.now))
        hers = shown.where(col(ShownCode.guide_id).in_(ids)).group_by(col(ShownCode.guide_id))
        for guide_id, at in self.session.exec(hers):
            found[guide_id] = max(at, found.get(guide_id, at))
        return found

    def least_loaded(
        self, store: Store, people: Sequence[Guide] | None = None, *, whole_branch: bool = False
    ) -> tuple[Guide, int] | None:
        """The guide with the fewest friends of today, of the store (of `people`, of the branch), and how many.

        Whoever may still scan her code counts for her, too. Of equals the one who has waited longest today.
        """
        since = {"midnight": self.midnight, "shown_since": self.now - FRESH}
        if whole_branch:
            found = self.session.exec(OF_BRANCH, params={"branch_id": store.branch_id, **since}).first()
        elif people is not None:
            found = self.session.exec(OF_SOME, params={"ids": [one.id for one in people], **since}).first()
        else:
            found = self.session.exec(OF_STORE, params={"store_id": store.id, **since}).first()
        return (found[0], found[1]) if found else None
