"""A run is kept."""

from models.db import Database
from pages.demo import runs
from tests.pages.demo.test_demo import NOW


def test_a_run_is_kept_over_a_restart(sqlite_database: Database):
    with sqlite_database.write() as session:
        first = runs.begin(session, 41, NOW)
        first.switches = {"copies": True}
        runs.keep(session, first)
    with sqlite_database.write() as session:
        again = runs.read(session)
        assert again == first
        assert runs.begin(session, 99, NOW).number == 2
