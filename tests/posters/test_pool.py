"""The pool draws beside the program, stays small, and outlives its children."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import Image

from posters.drawing import draw
from posters.fields import CodeUnreadable, GlyphMissing, PictureRefused, PosterFields
from posters.pool import PoolBroken, PosterPool
from tests.posters.samples import BOOTS, BOOTS_ART, CODE, WANG, WANGS_POSTER, opened, saved


@pytest.fixture(scope="module")
def pool() -> Iterator[PosterPool]:
    shared = PosterPool(2)
    yield shared
    shared.close()


def test_nothing_starts_before_the_first_poster() -> None:
    threads = threading.active_count()
    idle = PosterPool(2)
    assert threading.active_count() == threads
    idle.close()
    idle.close()


def test_the_pool_answers_what_the_functions_answer(pool: PosterPool) -> None:
    poster = pool.submit(WANGS_POSTER).result(30)
    assert poster == draw(WANGS_POSTER)
    assert pool.submit_read(poster).result(30) == CODE
    assert pool.submit_clean(BOOTS).result(30).width == 1080
    assert opened(pool.submit_shrink(poster).result(30)).width == 750


def test_refusals_cross_the_border_with_their_words(pool: PosterPool) -> None:
    with pytest.raises(GlyphMissing, match="「ក」") as missing:
        pool.submit(PosterFields(replace(WANG, name="ក"), BOOTS_ART)).result(30)
    assert missing.value.chars == ("ក",)
    with pytest.raises(PictureRefused, match="不是 PNG"):
        pool.submit_clean(b"<svg/>").result(30)
    with pytest.raises(CodeUnreadable):
        pool.submit_read(BOOTS).result(30)


def test_an_unforeseen_error_answers_its_own_job_only(pool: PosterPool) -> None:
    with pytest.raises(RuntimeError, match="TypeError"):
        pool._queue(len, 5).result(30)
    assert pool.submit(WANGS_POSTER).result(30)


def test_children_import_this_package_and_nothing_of_the_program(pool: PosterPool) -> None:
    """Nor the main module of their parent, which here is pytest."""
    loaded = pool._queue(eval, "[name.split('.')[0] for name in __import__('sys').modules]").result(30)
    assert {"posters", "PIL", "segno"} <= set(loaded)
    assert not set(loaded) & {"pytest", "flask", "sqlalchemy", "models", "pages", "server", "numpy", "cv2"}


def test_a_killed_child_is_replaced_and_no_poster_is_lost_C07() -> None:
    fragile = PosterPool(2)
    people = [replace(WANG, name=f"王芳{number}") for number in range(40)]
    waiting = [fragile.submit(PosterFields(person, BOOTS_ART)) for person in people]
    waiting[0].result(30)
    for child in multiprocessing.active_children():
        if child.name == "posters":
            child.kill()
    assert all(len(future.result(60)) > 50_000 for future in waiting)
    fragile.close()


def test_a_job_that_kills_its_child_twice_is_given_up_and_hurts_no_other() -> None:
    fragile = PosterPool(1)
    poison = fragile._queue(os._exit, 9)
    healthy = fragile.submit(WANGS_POSTER)
    with pytest.raises(PoolBroken, match="两次中断"):
        poison.result(60)
    assert healthy.result(60) == draw(WANGS_POSTER)
    fragile.close()


def test_a_child_has_a_memory_limit_and_says_so_in_words_K01() -> None:
    """RSS stays bounded whatever is sent in."""
    small = PosterPool(1, memory_bytes=160_000_000)
    large = saved(Image.new("RGB", (6000, 6000), "teal"), "PNG")
    with pytest.raises(PictureRefused, match="展开后太大"):
        small.submit_clean(large).result(60)
    assert small.submit(WANGS_POSTER).result(60)
    small.close()


def test_closing_finishes_what_was_promised_and_takes_no_more() -> None:
    closing = PosterPool(1)
    waiting = [closing.submit(WANGS_POSTER) for _ in range(10)]
    closing.close()
    assert all(future.done() and future.result() for future in waiting)
    with pytest.raises(PoolBroken, match="正在停止"):
        closing.submit(WANGS_POSTER)


def test_a_poster_nobody_waits_for_any_more_is_not_drawn() -> None:
    busy = PosterPool(1)
    waiting = [busy.submit(WANGS_POSTER) for _ in range(20)]
    assert waiting[-1].cancel()
    busy.close()
    assert waiting[-1].cancelled() and waiting[0].result()
