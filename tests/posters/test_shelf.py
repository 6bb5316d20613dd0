"""Posters on their shelf: drawn once, whole or not there, and no disk is filled with what nobody wants."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from posters.fields import GlyphMissing, PosterFields
from posters.pool import PosterPool
from posters.shelf import Shelf
from tests.posters.samples import BOOTS_ART, CODE, WANG, WANGS_POSTER, opened
from tests.second_reader import second_reader

KEY = "5f3a90c2"
NOW = datetime.now(UTC)
DIES_WHILE_WRITING = """
import resource, signal, sys
from pathlib import Path
from posters.shelf import keep
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
keep(Path(sys.argv[1]), bytes(50_000))
"""
"""Ends by a signal in the middle of writing, as with a full disk or a kill: half of the file is there."""


class Counting(Shelf):
    """A shelf that counts its drawings."""

    drawn = 0

    def full(self, fields: PosterFields) -> bytes:
        self.drawn += 1
        return super().full(fields)


@pytest.fixture
def shelf(tmp_path: Path, pool: PosterPool) -> Counting:
    return Counting(tmp_path / "posters", pool)


def asked_for(shelf: Shelf, key: str, at: datetime) -> None:
    """As if this poster had been asked for last at that time."""
    os.utime(shelf.path(key), (at.timestamp(), at.timestamp()))


def test_a_poster_is_drawn_once_and_everybody_who_wants_it_gets_the_same(shelf: Counting) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(shelf.poster(KEY, WANGS_POSTER))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found)), shelf.drawn) == (6, 1, 1)
    assert opened(found[0]).width == 750 and second_reader(found[0]) == CODE
    assert Counting(shelf.folder, shelf.pool).poster(KEY, WANGS_POSTER) == found[0], "also after a restart"


def test_another_content_is_another_poster(shelf: Counting) -> None:
    mine = shelf.poster(KEY, WANGS_POSTER)
    assert shelf.poster("ab12cd34", PosterFields(replace(WANG, code=CODE + "x"), BOOTS_ART)) != mine
    assert shelf.poster(KEY, WANGS_POSTER) == mine


def test_a_refusal_keeps_nothing_and_says_why(shelf: Counting) -> None:
    with pytest.raises(GlyphMissing, match="「ក」"):
        shelf.poster(KEY, PosterFields(replace(WANG, name="ក"), BOOTS_ART))
    assert not shelf.path(KEY).exists()


def test_a_process_that_dies_while_it_writes_leaves_no_half_poster_C07(shelf: Counting) -> None:
    """Under its name there is nothing; the half is swept later, and the next who asks gets a whole one."""
    child = subprocess.run([sys.executable, "-c", DIES_WHILE_WRITING, str(shelf.path(KEY))], check=False)
    assert child.returncode == -signal.SIGXFSZ
    (half,) = shelf.path(KEY).parent.iterdir()
    assert not shelf.path(KEY).exists() and half.stat().st_size == 1000
    assert second_reader(shelf.poster(KEY, WANGS_POSTER)) == CODE
    assert shelf.sweep(NOW - timedelta(days=1)) == 0, "somebody may be writing just now"
    os.utime(half, (0, 0))
    assert shelf.sweep(NOW - timedelta(days=1)) == 1
    assert [path.name for path in half.parent.iterdir()] == [f"{KEY}.jpg"]


def test_a_disk_that_takes_nothing_more_does_not_stop_a_poster_D04_D05(
    shelf: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    """It is sent all the same, and drawn again the next time."""
    shelf.folder.write_text("a file where the folder should be")
    for drawn in (1, 2):
        assert second_reader(shelf.poster(KEY, WANGS_POSTER)) == CODE
        assert shelf.drawn == drawn
    assert "a poster could not be kept" in caplog.text


def test_what_nobody_asked_for_is_swept_and_what_is_wanted_stays(shelf: Counting) -> None:
    long_ago = NOW - timedelta(days=40)
    for key in (KEY, "ab12cd34"):
        shelf.poster(key, WANGS_POSTER)
        asked_for(shelf, key, long_ago)
    shelf.poster(KEY, WANGS_POSTER)
    assert shelf.sweep(NOW - timedelta(days=30)) == 1
    assert (shelf.path(KEY).exists(), shelf.path("ab12cd34").exists()) == (True, False)
    assert shelf.sweep(NOW - timedelta(days=30)) == 0


def test_a_shelf_that_was_never_used_has_nothing_to_sweep(shelf: Counting) -> None:
    assert shelf.sweep(NOW) == 0
