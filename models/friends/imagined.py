"""Things as they would be with another order of assignment rules: what a dry run looks at instead of what is."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.db import pieces
from models.friends import Friend, FriendStatus, LostHow
from models.friends.assignment_rules import NEVER
from models.friends.sight import Sight
from models.org import Guide, GuideStatus, Store
from models.org.opening import Hours
from models.org.shifts import NextShift, Shift, exceptions, hours_of, next_of


class Imagined(Sight):
    """Things as they would be with this order of rules: what it gave itself counts, and nobody waits for a trial."""

    def __init__(self, session: Session, zone: ZoneInfo, facts: "Facts") -> None:
        super().__init__(session, NEVER, zone)
        self.facts = facts
        self.given: dict[date, Counter[int]] = defaultdict(Counter)
        self.newest: dict[int, datetime] = {}

    def at(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now

    def took(self, guide: Guide | None) -> None:
        if guide and guide.id:
            self.given[self.midnight.date()][guide.id] += 1
            self.newest[guide.id] = self.now

    def store(self, store_id: int | None) -> Store | None:
        return self.facts.stores.get(store_id or 0)

    def guide(self, guide_id: int | None) -> Guide | None:
        return self.facts.guides.get(guide_id or 0) or super().guide(guide_id)

    def hold(self, store: Store) -> None:
        return

    def served_by(self, customer_id: int, owner_id: int) -> list[int | None]:
        """Those who did at that time"""
        others = self.facts.friendships.get(customer_id, [])
        return [
            one.guide_id
            for one in others
            if one.owner_id != owner_id and one.status != FriendStatus.LOST and one.added_at < self.now
        ]

    def handed_over(self, customer_id: int) -> set[int]:
        others = self.facts.friendships.get(customer_id, [])
        return {one.owner_id for one in others if one.lost_how == LostHow.TRANSFER}

    def present(self, store: Store) -> list[Guide]:
        return self.facts.present.get(store.id or 0, [])

    def anybody_in_branch(self, store: Store) -> bool:
        return bool(self.facts.of_branch.get(store.branch_id))

    def shifts(self, guides: Sequence[Guide]) -> dict[int, NextShift]:
        return {
            guide.id or 0: next_of(
                self.facts.hours(guide.store_id), self.facts.own.get(guide.id or 0, {}), self.now, self.zone
            )
            for guide in guides
        }

    def counts(self, guides: Sequence[Guide]) -> dict[int, int]:
        today = self.given[self.midnight.date()]
        return {guide.id or 0: today[guide.id or 0] for guide in guides if guide.id in today}

    def last(self, guides: Sequence[Guide]) -> dict[int, datetime]:
        return {guide.id or 0: self.newest[guide.id or 0] for guide in guides if guide.id in self.newest}

    def least_loaded(
        self, store: Store, people: Sequence[Guide] | None = None, *, whole_branch: bool = False
    ) -> tuple[Guide, int] | None:
        some = self.facts.of_branch.get(store.branch_id, []) if whole_branch else people
        some = self.present(store) if some is None else some
        today, last = self.given[self.midnight.date()], self.newest

        def waited(guide: Guide) -> tuple[int, float, int]:
            since = last[guide.id or 0].timestamp() if guide.id in last else 0.0
            return today[guide.id or 0], since, guide.id or 0

        guide = min(some, key=waited, default=None)
        return (guide, today[guide.id or 0]) if guide else None


class Facts:
    """What does not change while a dry run lasts, read once: who works where today, hours, days off."""

    def __init__(self, session: Session, zone: ZoneInfo, first: date) -> None:
        stores = list(session.exec(select(Store)))
        guides = list(
            session.exec(select(Guide).where(Guide.status == GuideStatus.ACTIVE).order_by(col(Guide.id)))
        )
        self.stores = {one.id or 0: one for one in stores}
        self.guides = {one.id or 0: one for one in guides}
        self.present: dict[int, list[Guide]] = defaultdict(list)
        self.of_branch: dict[int, list[Guide]] = defaultdict(list)
        for guide in guides:
            if (store := self.stores.get(guide.store_id or 0)) is not None:
                self.present[store.id or 0].append(guide)
                self.of_branch[store.branch_id].append(guide)
        self.brand = hours_of(session, None)
        self.own_hours = {one.id: hours_of(session, one) for one in stores if one.opens}
        self.own: dict[int, dict[date, Shift]] = {}
        for some in pieces([guide.id or 0 for guide in guides]):
            self.own.update(exceptions(session, some, first))

    def meet(self, session: Session, customer_ids: Sequence[int]) -> None:
        """Read who serves these customers."""
        wanted = select(Friend).where(col(Friend.customer_id).in_(customer_ids))
        self.friendships: dict[int, list[Friend]] = defaultdict(list)
        for one in session.exec(wanted.order_by(col(Friend.added_at), col(Friend.id))):
            self.friendships[one.customer_id].append(one)

    def hours(self, store_id: int | None) -> Hours:
        return self.own_hours.get(store_id, self.brand)
