"""The parts of posters on their shelf: drawn once, whole or not there, and no disk is filled with what nobody wants."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from posters.drawing import Size, Upper
from posters.fields import Art, GlyphMissing, Person, PosterFields
from posters.pool import PosterPool
from posters.shelf import Shelf
from tests.posters.arts import NAMES
from tests.posters.samples import BOOTS_ART, CODE, SNOW, WANG, WANGS_POSTER, opened
from tests.second_reader import second_reader

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


class Counting(PosterPool):
    """A pool that counts its drawings."""

    uppers = strips = 0

    def submit_upper(self, art: Art, size: Size) -> Future[Upper]:
        self.uppers += 1
        return super().submit_upper(art, size)

    def submit_strip(self, person: Person, size: Size, quality: int) -> Future[bytes]:
        self.strips += 1
        return super().submit_strip(person, size, quality)

    @property
    def drawn(self) -> tuple[int, int]:
        return self.uppers, self.strips


@pytest.fixture(scope="module")
def children() -> Iterator[Counting]:
    pool = Counting(2)
    yield pool
    pool.close()


@pytest.fixture
def pool(children: Counting) -> Counting:
    children.uppers = children.strips = 0
    return children


@pytest.fixture
def shelf(tmp_path: Path, pool: Counting) -> Shelf:
    return Shelf(tmp_path / "posters", pool)


def kept(shelf: Shelf) -> list[Path]:
    return sorted(shelf.folder.glob("*/*"))


def test_a_part_is_drawn_once_and_everybody_who_wants_it_gets_the_same(shelf: Shelf, pool: Counting) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(shelf.poster(WANGS_POSTER, Size.FULL))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found)), pool.drawn) == (6, 1, (1, 1))
    assert opened(found[0]).width == 1080 and second_reader(found[0]) == CODE
    assert Shelf(shelf.folder, pool).poster(WANGS_POSTER, Size.FULL) == found[0], "also after a restart"
    assert pool.drawn == (1, 1)


def test_a_campaigns_art_is_drawn_once_and_her_strip_serves_the_next_campaign(
    shelf: Shelf, pool: Counting
) -> None:
    for name in NAMES:
        shelf.poster(PosterFields(replace(WANG, name=name), BOOTS_ART), Size.FULL)
    assert pool.drawn == (1, len(NAMES))
    shelf.poster(PosterFields(replace(WANG, name=NAMES[0]), SNOW), Size.FULL)
    assert pool.drawn == (2, len(NAMES))


def test_a_thousand_strips_take_a_fifth_of_what_a_thousand_posters_would(shelf: Shelf) -> None:
    """Goal A3: of these few, only what each adds is counted."""
    posters = [shelf.poster(PosterFields(replace(WANG, name=name), BOOTS_ART), Size.FULL) for name in NAMES]
    strips = sorted(path.stat().st_size for path in kept(shelf))[: len(NAMES)]
    assert sum(strips) <= 0.2 * sum(len(poster) for poster in posters)


def test_another_content_is_another_poster(shelf: Shelf) -> None:
    mine = shelf.poster(WANGS_POSTER, Size.PHONE)
    other = shelf.poster(PosterFields(replace(WANG, code=CODE + "x"), BOOTS_ART), Size.PHONE)
    assert second_reader(mine) == CODE and second_reader(other) == CODE + "x"
    assert shelf.poster(WANGS_POSTER, Size.FULL) != shelf.poster(WANGS_POSTER, Size.PHONE) == mine


def test_a_refusal_keeps_nothing_of_hers_and_says_why(shelf: Shelf) -> None:
    with pytest.raises(GlyphMissing, match="「ក」"):
        shelf.poster(PosterFields(replace(WANG, name="ក"), BOOTS_ART), Size.FULL)
    assert len(kept(shelf)) == 1, "only the art, which is nobody's"


def test_a_lost_folder_costs_only_drawing_again(shelf: Shelf, pool: Counting) -> None:
    first = shelf.poster(WANGS_POSTER, Size.FULL)
    for path in kept(shelf):
        path.unlink()
    assert shelf.poster(WANGS_POSTER, Size.FULL) == first and pool.drawn == (2, 2)


def test_a_process_that_dies_while_it_writes_leaves_no_half_poster_C07(shelf: Shelf) -> None:
    """Under its name there is nothing; the half is swept later, and the next who asks gets a whole one."""
    shelf.poster(WANGS_POSTER, Size.FULL)
    names = kept(shelf)
    for path in names:
        path.unlink()
        child = subprocess.run([sys.executable, "-c", DIES_WHILE_WRITING, str(path)], check=False)
        assert child.returncode == -signal.SIGXFSZ
    halves = kept(shelf)
    assert not set(halves) & set(names) and {half.stat().st_size for half in halves} == {1000}
    assert second_reader(shelf.poster(WANGS_POSTER, Size.FULL)) == CODE
    assert shelf.sweep(NOW - timedelta(days=1)) == 0, "somebody may be writing just now"
    for half in halves:
        os.utime(half, (0, 0))
    assert shelf.sweep(NOW - timedelta(days=1)) == 2
    assert kept(shelf) == names


def test_a_disk_that_takes_nothing_more_does_not_stop_a_poster_D04_D05(
    shelf: Shelf, pool: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    """It is sent all the same, and drawn again the next time."""
    shelf.folder.write_text("a file where the folder should be")
    for drawn in (1, 2):
        assert second_reader(shelf.poster(WANGS_POSTER, Size.FULL)) == CODE
        assert pool.drawn == (drawn, drawn)
    assert "a poster could not be kept" in caplog.text


def test_what_nobody_asked_for_is_swept_and_what_is_wanted_stays(shelf: Shelf) -> None:
    shelf.poster(WANGS_POSTER, Size.FULL)
    wanted = kept(shelf)
    shelf.poster(PosterFields(replace(WANG, name="欧阳娜娜"), BOOTS_ART), Size.FULL)
    for path in kept(shelf):
        os.utime(path, ((NOW - timedelta(days=40)).timestamp(),) * 2)
    shelf.poster(WANGS_POSTER, Size.FULL)
    assert shelf.sweep(NOW - timedelta(days=30)) == 1
    assert kept(shelf) == wanted
    assert shelf.sweep(NOW - timedelta(days=30)) == 0


def test_a_shelf_that_was_never_used_has_nothing_to_sweep(shelf: Shelf) -> None:
    assert shelf.sweep(NOW) == 0
