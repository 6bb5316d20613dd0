"""Lists in pages: what the address asks for, which rows, how many, and the ways to the other ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import request, url_for
from sqlalchemy import ColumnElement
from sqlalchemy.sql.selectable import GenerativeSelect
from sqlmodel import Session, col, select

from pages.web import input_limits
from pages.web.formatting import listed
from pages.web.i18n import _
from pages.web.labels import state_of

LONGEST_SEARCH = 64
PER_PAGE = 40
OF_ONE_VIEW = ("page", "open", "done")
"""What the address says of one view of a list; another filter begins without it."""
Condition = ColumnElement[bool] | bool
Query = TypeVar("Query", bound=GenerativeSelect)
State = TypeVar("State", bound=StrEnum)
Filter = tuple[Any, ...]
"""(word, number, address, chosen[, state]) for `filters(items)` in macros.html"""


@dataclass(frozen=True)
class Page:
    """For `pager(page)` in macros.html and for LIMIT / OFFSET."""

    total: int
    size: int
    number: int
    newer: str
    older: str

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first(self) -> int:
        return self.offset + 1

    @property
    def last(self) -> int:
        return min(self.total, self.offset + self.size)

    def cut(self, query: Query) -> Query:
        """This page of what a query finds."""
        return query.limit(self.size).offset(self.offset)


@dataclass(frozen=True)
class ListPage:
    """For `list_page(…)` in macros.html: the filters, and one page of the rows behind the chosen one."""

    filters: list[Filter]
    page: Page
    rows: Sequence[Any]


def list_page(
    filters: list[Filter],
    rows: Callable[[Page], Sequence[Any]],
    size: int = PER_PAGE,
    *,
    total: int | None = None,
) -> ListPage:
    """`total` is how many rows there are; without it the number of the chosen filter, and a filter that is not
    offered has none."""
    found = next((one[1] for one in filters if one[3]), 0) if total is None else total
    whole = page(found, size)
    return ListPage(filters, whole, rows(whole))


def page(total: int, size: int) -> Page:
    """The page that `?page=` asks for, kept within what exists; all other parameters stay."""
    pages = max(1, -(-total // size))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    newer, older = (narrowed(page=str(one)) if 1 <= one <= pages else "" for one in (number - 1, number + 1))
    return Page(total, size, number, newer, older)


# ---- the address


def text(name: str = "q") -> str:
    """What somebody looks for."""
    return request.args.get(name, "").strip()[:LONGEST_SEARCH]


def number(name: str) -> int:
    """The id that the address names; 0 for none."""
    return request.args.get(name, 0, type=input_limits.number)


def with_query(**changes: str) -> str:
    """This page's address with some parameters changed; an empty one goes away."""
    asked = (
        (name, values)
        for name, values in request.args.lists()
        if name != "endpoint" and not name.startswith("_")
    )
    query: dict[str, Any] = {name: values for name, values in asked if name not in changes}
    query |= {name: value for name, value in changes.items() if value}
    return url_for(request.endpoint or "", **(request.view_args or {}), **query)


def narrowed(**changes: str) -> str:
    """The same list by another filter, from its beginning."""
    return with_query(**(dict.fromkeys(OF_ONE_VIEW, "") | changes))


def with_done(address: str, done: str) -> str:
    """Back to a page of ours, which then says what was done."""
    page, mark, place = address.partition("#")
    return f"{page}{'&' if '?' in page else '?'}done={done}{mark}{place}"


def filters(
    counts: Mapping[Any, int],
    states: Sequence[StrEnum],
    *,
    by: str = "state",
    offered: Iterable[str] | None = None,
    also: Sequence[tuple[str, str, int]] = (),
    total: int | None = None,
) -> list[Filter]:
    """「全部」 and each state with its number. Of states that are not always `offered` only those with rows.

    `also`: more filters (word, value, number) that are no states, once they have rows. An address that names several
    states, which some number elsewhere counted together, is a filter, too.
    """
    wanted, always = request.args.get(by, ""), states if offered is None else offered
    if len(several := chosen(states, by)) > 1:
        words = listed(_(state_of(one).word) for one in several)
        also = [*also, (words, wanted, sum(counts.get(one, 0) for one in several))]
    named = [*states, *(value for _word, value, _number in also)]
    items: list[Filter] = [
        (
            _("全部"),
            sum(counts.values()) if total is None else total,
            narrowed(**{by: ""}),
            wanted not in named,
        )
    ]
    items += [
        ("", counts.get(state, 0), narrowed(**{by: state}), wanted == state, state)
        for state in states
        if state in always or counts.get(state) or wanted == state
    ]
    return items + [
        (word, number, narrowed(**{by: value}), wanted == value)
        for word, value, number in also
        if number or wanted == value
    ]


def chosen(states: Sequence[State], by: str = "state") -> list[State]:
    """The states that the address names, divided by commas."""
    return [one for one in states if one in request.args.get(by, "").split(",")]


# ---- the rows


def names(session: Session, model: Any, ids: Iterable[int | None]) -> dict[int | None, str]:
    """The names of rows by their ids."""
    wanted = {one for one in ids if one}
    return (
        dict(session.exec(select(model.id, model.name).where(col(model.id).in_(wanted))).all())
        if wanted
        else {}
    )
