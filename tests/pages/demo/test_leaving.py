"""How far the end of the story is, read from the handover of the guide who left."""

import pytest
from sqlmodel import Session

from models.db import Database
from pages.demo.leaving import of_leaver
from tests import cast
from tests.cast import WANG
from tests.models.friends import handed


@pytest.fixture
def session(sqlite_database: Database, sqlite_people: cast.Cast):
    with sqlite_database.write() as session:
        yield session


def test_nobody_has_left_before_somebody_did(session: Session):
    assert of_leaver(session, "", "") is None
    assert of_leaver(session, WANG, "") is None


def test_first_the_manager_is_asked_then_customers_and_who_follows_is_looked_at(
    session: Session, sqlite_people: cast.Cast
):
    handover = handed.confirmed(session, sqlite_people, 3)
    first, second, _ = handed.customers(3)
    found = of_leaver(session, WANG, "")
    assert found and found.planned and not found.asked
    assert (found.manager.name, found.follower, found.beside) == ("高敏", first, WANG)
    handed.asked(session, handover)
    found = of_leaver(session, WANG, first)
    assert found and found.asked and not found.over and (found.follower, found.beside) == (first, WANG)
    for row, state in zip(handed.rows(session, handover), ("refused", "done", "done"), strict=True):
        row.state = state
    session.flush()
    found = of_leaver(session, WANG, first)
    assert found and found.over and (found.numbers.refused, found.numbers.done) == (1, 2)
    assert (found.follower, found.beside) == (second, cast.ZHAO)
