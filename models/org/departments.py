"""The platform's departments: which lies in which, and so which of a member's departments mean a store."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Field, Session, SQLModel, col, select

from models.db import insert_once, pieces
from models.heard import is_news
from models.org import Store

LARGEST = 2**31 - 1
"""The largest number that a column of ours holds"""


class Department(SQLModel, table=True):
    """A department of the directory, by the platform's number; one that was deleted lies nowhere."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    parent_id: int | None = None
    heard_at: datetime | None = None
    """Of the newest word on where it lies"""


def moved(session: Session, number: int, parent: int | None, at: datetime) -> bool:
    """Word that a department lies in another one now, or in none; False when newer word is known."""
    insert_once(session, Department, {"id": number}, key="id")
    department = session.get_one(Department, number, with_for_update=True)
    if not is_news(at, department.heard_at):
        return False
    department.parent_id, department.heard_at = parent, at
    session.flush()
    return True


def listed(session: Session, parents: Mapping[int, int], at: datetime) -> None:
    """What the whole list, read from `at` on, says of each department; one that is not in it is out of our sight."""
    known = {one.id: one for one in session.exec(select(Department).order_by(col(Department.id)))}
    same = []
    for number, parent in parents.items():
        if number not in known or known[number].parent_id != parent:
            moved(session, number, parent, at)
        elif is_news(at, known[number].heard_at):
            same.append(number)
    for piece in pieces(same):
        session.execute(update(Department).where(col(Department.id).in_(piece)).values(heard_at=at))


class DepartmentPlaces:
    """Which store a member's departments mean."""

    def __init__(self, session: Session, parents: Mapping[int, int] | None = None) -> None:
        query = select(Store.id, Store.department_id).where(col(Store.department_id).is_not(None))
        rows = session.exec(query.order_by(col(Store.id).desc()))
        self._stores = {department: store_id for store_id, department in rows if department is not None}
        self._owned = set(self._stores.values())
        lies_in = select(Department.id, Department.parent_id).where(col(Department.parent_id).is_not(None))
        known = {number: parent for number, parent in session.exec(lies_in) if parent is not None}
        self._parents = {**known, **(parents or {})}

    def of(self, department: int) -> int | None:
        """The store whose department this is, or in whose department it lies; the nearest one above."""
        seen: set[int] = set()
        while department not in seen:
            if department in self._stores:
                return self._stores[department]
            seen.add(department)
            department = self._parents.get(department, department)
        return None

    def store(
        self, departments: Sequence[int], main: int | None = None, now_in: int | None = None
    ) -> int | None:
        """The store of her main department; without one, the store where she is if it is among hers, else her first."""
        if main is not None and main in departments and (chief := self.of(main)) is not None:
            return chief
        stores = [store for department in departments if (store := self.of(department)) is not None]
        return now_in if now_in in stores else next(iter(stores), None)

    def by_department(self, store_id: int | None) -> bool:
        """Whether the directory decides who works in this store (and not an imported list)."""
        return store_id in self._owned

    def inside(self, department: int) -> set[int]:
        """This department and all that lie in it."""
        children: dict[int, list[int]] = {}
        for number, parent in self._parents.items():
            children.setdefault(parent, []).append(number)
        found, waiting = {department}, [department]
        while waiting:
            for child in children.get(waiting.pop(), []):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found
