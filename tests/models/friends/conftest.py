"""What tests of friends and codes share: one transaction on a database with everybody in it."""

import pytest


@pytest.fixture
def session(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        yield session
