"""How far an account reaches: HQ sees all, a branch its own, a manager one store; as conditions for queries."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, true
from sqlmodel import Session, col, select

from models.accounts import Account, Role
from models.campaigns import PLANNED, Campaign, Card, Task
from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.campaigns.files import StoredFile
from models.campaigns.pictures import Picture
from models.campaigns.series import Series
from models.friends import Friend
from models.friends.entry_codes import EntryCode
from models.friends.handover import Handover
from models.groups import Group
from models.ledger.channels import CARD
from models.ledger.outbox import Outbox
from models.materials import Material
from models.org import Branch, Guide, Store


@dataclass(frozen=True)
class Scope:
    """Which rows an account may see, as conditions for queries. HQ: all; a branch: its own; a manager: one store."""

    role: Role
    branch_id: int | None
    store_id: int | None

    @property
    def all(self) -> bool:
        return self.role == Role.HQ

    def branches(self) -> ColumnElement[bool]:
        return (
            true() if self.all else col(Branch.id) == self.branch_id if self.role == Role.BRANCH else false()
        )

    def stores(self) -> ColumnElement[bool]:
        return self._where(col(Store.branch_id), col(Store.id))

    def guides(self) -> ColumnElement[bool]:
        return true() if self.all else col(Guide.store_id).in_(self._store_ids())

    def friends(self) -> ColumnElement[bool]:
        """Friends that count for us, and friends in the accounts of our guides."""
        return (
            true()
            if self.all
            else or_(
                self._where(col(Friend.branch_id), col(Friend.store_id)),
                col(Friend.owner_id).in_(self._guide_ids()),
            )
        )

    def handovers(self) -> ColumnElement[bool]:
        """By the store where the leaver worked; whose store nobody knows is HQ's."""
        return self._where(col(Handover.branch_id), col(Handover.store_id))

    def tasks(self) -> ColumnElement[bool]:
        return self._where(col(Task.branch_id), col(Task.store_id))

    def groups(self) -> ColumnElement[bool]:
        return (
            true()
            if self.all
            else or_(
                self._where(col(Group.branch_id), col(Group.store_id)),
                col(Group.owner_id).in_(self._guide_ids()),
            )
        )

    def codes(self) -> ColumnElement[bool]:
        """Those of our stores and guides, and a branch's own; HQ's are HQ's alone."""
        return (
            true()
            if self.all
            else or_(
                self._where(col(EntryCode.branch_id), col(EntryCode.store_id)),
                col(EntryCode.store_id).in_(self._store_ids()),
                col(EntryCode.guide_id).in_(self._guide_ids()),
            )
        )

    def deliveries(self) -> ColumnElement[bool]:
        """Calls about our guides and groups; those about nobody in particular are HQ's.

        One message brings the cards of many guides of one branch: a store's manager cannot decide about it.
        """
        if self.all:
            return true()
        of_cards = select(Card.message_id).where(col(Card.guide_id).in_(self._guide_ids()))
        together = and_(col(Outbox.channel) == CARD, col(Outbox.subject_id).in_(of_cards))
        return or_(
            col(Outbox.guide_id).in_(self._guide_ids()),
            col(Outbox.group_id).in_(select(Group.id).where(self.groups())),
            together if self.role == Role.BRANCH else false(),
        )

    def campaigns(self, session: Session) -> ColumnElement[bool]:
        """Campaigns with tasks for us, those that our own people made, and planned ones that will concern us."""
        if self.all:
            return true()
        makers = (
            select(Account.id).where(Account.branch_id == self.branch_id)
            if self.role == Role.BRANCH
            else select(Account.id).where(false())
        )
        return or_(
            col(Campaign.id).in_(select(Task.campaign_id).where(self.tasks())),
            col(Campaign.created_by).in_(makers),
            col(Campaign.id).in_(self._planned(session)),
        )

    def series(self) -> ColumnElement[bool]:
        """Repeated campaigns that our own people made."""
        if self.all:
            return true()
        makers = select(Account.id).where(Account.branch_id == self.branch_id)
        return col(Series.created_by).in_(makers) if self.role == Role.BRANCH else false()

    def pictures(self, session: Session) -> ColumnElement[bool]:
        """Pictures of the campaigns that we may look at."""
        return true() if self.all else col(Picture.id).in_(self._attached(session, "picture_id"))

    def files(self, session: Session) -> ColumnElement[bool]:
        """Videos and files of the campaigns that we may look at."""
        return true() if self.all else col(StoredFile.id).in_(self._attached(session, "file_id"))

    def _attached(self, session: Session, name: str) -> set[int]:
        kept = session.exec(select(Campaign.attachments).where(self.campaigns(session)))
        return {one[name] for attachments in kept for one in attachments if one.get(name)}

    def materials(self) -> ColumnElement[bool]:
        """HQ all; a branch its own, and what HQ's people approved for it."""
        if self.all:
            return true()
        if self.role != Role.BRANCH:
            return false()
        approved = col(Material.approved_version).is_not(None) & col(Material.branch_id).is_(None)
        return or_(col(Material.branch_id) == self.branch_id, approved)

    def announcements(self) -> ColumnElement[bool]:
        """Those that reached one of our groups."""
        ours = select(Group.id).where(self.groups())
        return (
            true()
            if self.all
            else col(Announcement.id).in_(
                select(AnnouncementGroup.announcement_id).where(col(AnnouncementGroup.group_id).in_(ours))
            )
        )

    def _planned(self, session: Session) -> list[int]:
        stores = set(session.exec(select(Store.id).where(self.stores())))
        guides = set(session.exec(select(Guide.id).where(self.guides())))
        waiting = session.exec(select(Campaign).where(col(Campaign.status).in_(PLANNED)))
        return [one.id or 0 for one in waiting if self._concerns(one.scope, stores, guides)]

    def _concerns(
        self, scope: dict[str, list[int]], stores: set[int | None], guides: set[int | None]
    ) -> bool:
        named = [scope.get(kind, []) for kind in ("branches", "stores", "guides")]
        return (
            not any(named)
            or self.branch_id in named[0]
            or bool(stores & set(named[1]))
            or bool(guides & set(named[2]))
        )

    def _where(self, branch: Any, store: Any) -> ColumnElement[bool]:
        if self.all:
            return true()
        wanted: ColumnElement[bool] = (
            branch == self.branch_id if self.role == Role.BRANCH else store == self.store_id
        )
        return wanted if (self.branch_id if self.role == Role.BRANCH else self.store_id) else false()

    def _store_ids(self) -> Select[Any]:
        return select(Store.id).where(self.stores())

    def _guide_ids(self) -> Select[Any]:
        return select(Guide.id).where(self.guides())
