"""What goes in and out: bodies and queries that refuse unknown fields, lines, moments, numbers, and short references."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from sqlmodel import Session, col, select

from models import names
from models.org import Branch, Guide, Store
from models.sentences import Sentence
from pages.web.i18n import _
from pages.web.input_limits import FIRST_YEAR, LARGEST, LAST_YEAR, near

Item = TypeVar("Item", bound=BaseModel)
Place = TypeVar("Place", Store, Branch)
Words = TypeVar("Words", bound=StrEnum)
if TYPE_CHECKING:
    OneOf = Annotated[Words, "spelled out"]
else:  # the document spells the words out where they may be said, instead of naming the enum

    class OneOf:
        def __class_getitem__(cls, words: type[StrEnum]) -> object:
            return Literal[tuple(words)]


YEARS = Sentence("年份要在 {first} 到 {last} 之间", first=FIRST_YEAR, last=LAST_YEAR - 1)
_DAY = re.compile(r"\d{4}-\d\d-\d\d[T ]", re.ASCII)


def _line(value: str) -> str:
    """One line without anything that cannot be seen, and that no database column holds."""
    if fault := names.line_fault(value):
        raise ValueError(fault)
    return value


def _text(value: str) -> str:
    if fault := names.text_fault(value):
        raise ValueError(fault)
    return value


def _written(value: object) -> object:
    if value is None:
        raise ValueError(Sentence("不能空着"))
    if not isinstance(value, datetime) and not (isinstance(value, str) and _DAY.match(value)):
        raise ValueError(
            Sentence("要写成带时区的时间，例如 2026-11-19T10:00:00+08:00（在网址里 + 写成 %2B）")
        )
    return value


def _sensible(value: datetime) -> datetime:
    if not near(value):
        raise ValueError(YEARS)
    return value.astimezone(UTC)


def _near(value: date) -> date:
    if not near(value):
        raise ValueError(YEARS)
    return value


Line = Annotated[str, AfterValidator(_line)]
Text = Annotated[
    str,
    BeforeValidator(lambda value: value.replace("\r\n", "\n") if isinstance(value, str) else value),
    AfterValidator(_text),
]
Day = Annotated[date, AfterValidator(_near)]
Id = Annotated[int, Field(ge=1, le=LARGEST)]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written), AfterValidator(_sensible)]


class Body(BaseModel):
    """A JSON body: nothing that is not named here, nothing turned into something else."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class Query(BaseModel):
    """The part of an address after the question mark."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    """A part of an answer. What we say of a row (why it waits, what became of it) is said in the caller's language."""

    @model_validator(mode="before")
    @classmethod
    def _said(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: _(one) if isinstance(one, Sentence) else one for name, one in values.items()}


class One(BaseModel):
    """The row that an address names."""

    number: Id = Field(description="编号")


class Listing(Query):
    """Which piece of a list."""

    cursor: Line | None = Field(None, max_length=400, description="上一页的 next_cursor")
    limit: int = Field(50, ge=1, le=200, description="一页多少行")


class PageOut(Output, Generic[Item]):
    """A piece of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="下一页的 cursor；没有下一页时是 null")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        return f"{params[0].__name__}PageOut"


class PlaceRef(Output):
    """门店或分公司。"""

    id: int
    code: str
    name: str


class GuideRef(Output):
    """导购。"""

    id: int
    userid: str
    name: str


class Names:
    """The guides, stores and branches that some rows name, read at once."""

    def __init__(
        self,
        session: Session,
        *,
        guides: Iterable[int | None] = (),
        stores: Iterable[int | None] = (),
        branches: Iterable[int | None] = (),
    ) -> None:
        wanted = {one for one in guides if one}
        self._guides = (
            {
                row.id: GuideRef(id=row.id or 0, userid=row.userid, name=row.name)
                for row in session.exec(select(Guide).where(col(Guide.id).in_(wanted)))
            }
            if wanted
            else {}
        )
        self._stores = self._places(session, Store, stores)
        self._branches = self._places(session, Branch, branches)

    def guide(self, row_id: int | None) -> GuideRef | None:
        return self._guides.get(row_id)

    def store(self, row_id: int | None) -> PlaceRef | None:
        return self._stores.get(row_id)

    def branch(self, row_id: int | None) -> PlaceRef | None:
        return self._branches.get(row_id)

    def _places(
        self, session: Session, model: type[Place], ids: Iterable[int | None]
    ) -> dict[int | None, PlaceRef]:
        wanted = {one for one in ids if one}
        rows = session.exec(select(model).where(col(model.id).in_(wanted))) if wanted else ()
        return {row.id: PlaceRef(id=row.id or 0, code=row.code, name=row.name) for row in rows}
