"""One house per file of stories: people, groups and campaigns of their own keep its stories apart."""

from collections.abc import Iterator

import pytest

from tests.conftest import fresh_database
from tests.stories.house import House


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On SQLite and on PostgreSQL."""
    yield from opened(request, request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def sqlite_house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On SQLite alone, for stories whose subject is not the database."""
    yield from opened(request, "sqlite", tmp_path_factory)


def opened(
    request: pytest.FixtureRequest, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with fresh_database(request, kind, folder) as url, House(url, folder / "data") as running:
        running.open_shop()
        yield running


@pytest.fixture(autouse=True)
def every_bad_day_ends(request: pytest.FixtureRequest) -> Iterator[None]:
    """A story that pulled the platform's switches leaves none of them on for the next one."""
    yield
    for name in {"house", "sqlite_house"} & set(request.fixturenames):
        request.getfixturevalue(name).world.chaos()
