"""What assignment rules look at: who works where, who is on shift, who had how many new friends. A dry run has its own."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, func, select

from models.db import count, count_by, take_turns
from models.friends import Friend, FriendStatus, LostHow
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


class Sight:
    """Things as they are now."""

    def __init__(self, session: Session, now: datetime, zone: ZoneInfo) -> None:
        self.session, self.now, self.zone = session, now, zone

    @property
    def midnight(self) -> datetime:
        return datetime.combine(self.now.astimezone(self.zone).date(), time(), self.zone)

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
        """Guide → how many friends she got today; who got none is not in it."""
        hers = col(Friend.guide_id).in_([guide.id for guide in guides])
        return count_by(self.session, Friend.guide_id, hers, col(Friend.added_at) >= self.midnight)

    def last(self, guides: Sequence[Guide]) -> dict[int, datetime]:
        """Guide → when she got her newest friend; who never got one is not in it."""
        newest = select(Friend.guide_id, func.max(Friend.added_at)).group_by(col(Friend.guide_id))
        hers = newest.where(col(Friend.guide_id).in_([guide.id for guide in guides]))
        return {guide_id or 0: at for guide_id, at in self.session.exec(hers)}

    def least_loaded(
        self, store: Store, people: Sequence[Guide] | None = None, *, whole_branch: bool = False
    ) -> tuple[Guide, int] | None:
        """The guide with the fewest friends of today, of the store (of `people`, of the branch), and how many.

        Of equals the one who has waited longest today.
        """
        number, last = func.count(col(Friend.id)), func.max(col(Friend.added_at))
        of_today = and_(col(Friend.guide_id) == col(Guide.id), col(Friend.added_at) >= self.midnight)
        query = (
            select(Guide, number)
            .join(Friend, of_today, isouter=True)
            .where(Guide.status == GuideStatus.ACTIVE)
            .group_by(col(Guide.id))
            .order_by(number, last.asc().nulls_first(), col(Guide.id))
            .limit(1)
        )
        if whole_branch:
            query = query.join(Store, col(Store.id) == col(Guide.store_id)).where(
                Store.branch_id == store.branch_id
            )
        elif people is not None:
            query = query.where(col(Guide.id).in_([guide.id for guide in people]))
        else:
            query = query.where(Guide.store_id == store.id)
        found = self.session.exec(query).first()
        return (found[0], found[1]) if found else None
