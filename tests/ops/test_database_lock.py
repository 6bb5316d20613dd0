"""One program per embedded database."""

import pytest

from ops.database_lock import locked, sqlite_path
from settings import BadConfiguration


def test_a_second_program_is_refused_in_one_line_until_the_first_has_ended(tmp_path):
    url = f"sqlite:///{tmp_path}/new/onetap.sqlite3"
    with locked(url), pytest.raises(BadConfiguration, match="正被另一个 Onetap 使用"), locked(url):
        raise AssertionError("two at once")
    with locked(url):
        pass


def test_the_lock_lies_beside_the_database_and_only_its_owner_opens_it(tmp_path):
    with locked(f"sqlite:///{tmp_path}/onetap.sqlite3"):
        [file] = tmp_path.iterdir()
        assert (file.name, file.stat().st_mode & 0o777) == ("onetap.lock", 0o600)


@pytest.mark.parametrize("url", ["postgresql+psycopg://shop@db/onetap", "sqlite://", "sqlite:///"])
def test_a_database_without_a_file_needs_none(url):
    assert sqlite_path(url) is None
    with locked(url), locked(url):
        pass
