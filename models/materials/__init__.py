"""Materials: what HQ prepares once and campaigns take copies of; the rows, and what one of them may do."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.campaigns.attachments import Attachment
from models.db.sentence_column import sentence_column
from models.db.word_column import word_column
from models.kinds import MaterialKind
from models.sentences import Sentence

LONGEST_NAME = 40


class MaterialStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETIRED = "retired"


STATUS_WORDS = {
    MaterialStatus.DRAFT: "草稿",
    MaterialStatus.SUBMITTED: "待审批",
    MaterialStatus.APPROVED: "已批准",
    MaterialStatus.RETIRED: "已停用",
}


class Stock(StrEnum):
    """Whether the goods that it shows can be had."""

    NONE = "none"
    """It shows no goods."""
    IN = "in"
    OUT = "out"


STOCK_WORDS = {Stock.NONE: "不用货", Stock.IN: "有货", Stock.OUT: "没货了"}


class Material(SQLModel, table=True):
    """One piece, whatever its version."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=LONGEST_NAME)
    kind: MaterialKind = Field(
        default=MaterialKind.CONTENT, sa_column=word_column(MaterialKind, 8, index=True)
    )
    status: MaterialStatus = Field(
        default=MaterialStatus.DRAFT, sa_column=word_column(MaterialStatus, 16, index=True)
    )
    """Of its newest version; campaigns take the approved one."""
    branch_id: int | None = Field(default=None, foreign_key="branch.id", index=True)
    """The branch that made it; empty for HQ's."""
    regions: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """The branches where it may be used; empty for everywhere."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """When it is over; both empty for always."""
    stock: Stock = Field(default=Stock.NONE, sa_column=word_column(Stock, 8))
    stock_left: int | None = None
    """Pieces left, where somebody counts them."""
    stock_floor: int = 0
    """With so many left it counts as sold out, and campaigns that show it pause."""
    version: int = 1
    approved_version: int | None = None
    created_by: int | None = Field(default=None, foreign_key="account.id")
    created_at: datetime
    changed_at: datetime

    @property
    def sold_out(self) -> bool:
        few = self.stock_left is not None and self.stock_left <= self.stock_floor
        return self.stock == Stock.OUT or (self.stock == Stock.IN and few)

    def unfit(self, starts: datetime, ends: datetime, branches: Iterable[int]) -> str:
        """Why it cannot go out between these moments in these branches (empty for all), in words."""
        if self.approved_version is None or self.status == MaterialStatus.RETIRED:
            word = Sentence(STATUS_WORDS[self.status])
            return Sentence("素材「{name}」{status}，只能用批准过的", name=self.name, status=word)
        if (self.valid_from and starts < self.valid_from) or (self.valid_until and ends > self.valid_until):
            return Sentence("活动的时间不在素材「{name}」的有效期里", name=self.name)
        wanted = set(branches)
        if self.regions and (not wanted or wanted - set(self.regions)):
            return Sentence("素材「{name}」只能用在它的地区，请缩小发给谁", name=self.name)
        if self.sold_out:
            return Sentence("素材「{name}」没货了", name=self.name)
        return ""


class MaterialDecision(StrEnum):
    """What became of one version."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"


class MaterialVersion(SQLModel, table=True):
    """What a piece says in one version; a version that was approved does not change any more."""

    __tablename__ = "material_version"
    __table_args__ = (UniqueConstraint("material_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    material_id: int = Field(foreign_key="material.id", index=True)
    number: int
    text: str = Field(default="", max_length=4000)
    attachments: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """As `Campaign.attachments`"""
    made_by: str = Field(max_length=64)
    made_key: str = Field(default="", max_length=80)
    """Whoever wrote it last, as `approval.key_of` names her"""
    made_at: datetime
    decision: MaterialDecision = Field(
        default=MaterialDecision.WAITING, sa_column=word_column(MaterialDecision, 16)
    )
    decided_by: str = Field(default="", max_length=64)
    decided_at: datetime | None = None
    reason: str = Field(default="", sa_column=sentence_column())

    @property
    def attached(self) -> list[Attachment]:
        return [Attachment.model_validate(one) for one in self.attachments]
