"""Lists in pages: which rows, and the addresses of the pages before and after."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for


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


def page(total: int, size: int) -> Page:
    """The page that `?page=` asks for, kept within what exists; all other parameters stay."""
    pages = max(1, -(-total // size))
    wish = request.args.get("page", 1, type=int)
    number = min(max(1, wish), pages)
    return Page(total, size, number, _address(number - 1) if number > 1 else "", _address(number + 1) if number < pages else "")


def with_query(**changes: str) -> str:
    """This page's address with some parameters changed; an empty one goes away."""
    query: dict[str, Any] = {name: values for name, values in request.args.lists() if name not in changes}
    query |= {name: value for name, value in changes.items() if value}
    return url_for(request.endpoint or "", **(request.view_args or {}), **query)


def _address(number: int) -> str:
    return with_query(page=str(number))
