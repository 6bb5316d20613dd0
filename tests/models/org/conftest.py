"""Lists brought in, and what is there afterwards."""

import pytest
from sqlmodel import select

from models.org import imports
from tests.cast import NOW


@pytest.fixture
def bring(sqlite_database):
    def bring_in(noun, content):
        content = content.encode() if isinstance(content, str) else content
        return imports.import_bytes(sqlite_database, noun, content, "周岚", NOW)

    return bring_in


@pytest.fixture
def read(sqlite_database):
    def find(model, **values):
        with sqlite_database.read() as session:
            return session.exec(select(model).filter_by(**values)).one()

    return find
