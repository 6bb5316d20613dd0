"""The pool draws beside the program, stays small, and outlives its children."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

import pytest
from PIL import Image

from posters.drawing import QUALITY, Size, draw, draw_strip
from posters.fields import CodeUnreadable, GlyphMissing, PictureRefused
from posters.pool import PoolBroken, PosterPool
from tests.posters.samples import BOOTS, BOOTS_ART, CODE, WANG, WANGS_POSTER, saved


@pytest.fixture(scope="module")
def pool() -> Iterator[PosterPool]:
    shared = PosterPool(2)
    yield shared
    shared.close()


def strip(pool: PosterPool, **changes: object) -> "Future[bytes]":
    """王芳's part of a poster."""
    return pool.submit_strip(replace(WANG, **changes), Size.FULL, QUALITY)


def test_nothing_starts_before_the_first_poster() -> None:
    threads = threading.active_count()
    idle = PosterPool(2)
    assert threading.active_count() == threads
    idle.close()
    idle.close()


def test_the_pool_answers_what_the_functions_answer(pool: PosterPool) -> None:
    upper = pool.submit_upper(BOOTS_ART, Size.FULL).result(30)
    poster = upper.poster(pool.submit_strip(WANG, Size.FULL, upper.quality).result(30))
    assert poster == draw(WANGS_POSTER)
    assert pool.submit_read(poster).result(30) == CODE
    assert pool.submit_clean(BOOTS).result(30).width == 1080


def test_refusals_cross_the_border_with_their_words(pool: PosterPool) -> None:
    with pytest.raises(GlyphMissing, match="「ក」") as missing:
        strip(pool, name="ក").result(30)
    assert missing.value.chars == ("ក",)
    with pytest.raises(PictureRefused, match="不是 PNG"):
        pool.submit_clean(b"<svg/>").result(30)
    with pytest.raises(CodeUnreadable):
        pool.submit_read(BOOTS).result(30)


def test_an_unforeseen_error_answers_its_own_job_only(pool: PosterPool) -> None:
    with pytest.raises(RuntimeError, match="TypeError"):
        pool._queue(len, 5).result(30)
    assert strip(pool).result(30)


def test_children_import_this_package_and_nothing_of_the_program(pool: PosterPool) -> None:
    """Nor the main module of their parent, which here is pytest."""
    loaded = pool._queue(eval, "[name.split('.')[0] for name in __import__('sys').modules]").result(30)
    assert {"posters", "PIL", "zxingcpp"} <= set(loaded)
    assert not set(loaded) & {"pytest", "flask", "sqlalchemy", "models", "pages", "server", "numpy", "cv2"}


def test_a_killed_child_is_replaced_and_no_poster_is_lost_C07() -> None:
    fragile = PosterPool(2)
    waiting = [strip(fragile, name=f"王芳{number}") for number in range(40)]
    waiting[0].result(30)
    for child in multiprocessing.active_children():
        if child.name == "posters":
            child.kill()
    assert all(len(future.result(60)) > 20_000 for future in waiting)
    fragile.close()


def test_a_job_that_kills_its_child_twice_is_given_up_and_hurts_no_other() -> None:
    fragile = PosterPool(1)
    poison = fragile._queue(os._exit, 9)
    healthy = strip(fragile)
    with pytest.raises(PoolBroken, match="两次中断"):
        poison.result(60)
    assert healthy.result(60) == draw_strip(WANG, Size.FULL, QUALITY)
    fragile.close()


def test_a_child_has_a_memory_limit_and_says_so_in_words_K01() -> None:
    """RSS stays bounded whatever is sent in."""
    small = PosterPool(1, memory_bytes=160_000_000)
    large = saved(Image.new("RGB", (6000, 6000), "teal"), "PNG")
    with pytest.raises(PictureRefused, match="展开后太大"):
        small.submit_clean(large).result(60)
    assert strip(small).result(60)
    small.close()


def test_closing_finishes_what_was_promised_and_takes_no_more() -> None:
    closing = PosterPool(1)
    waiting = [strip(closing) for _ in range(10)]
    closing.close()
    assert all(future.done() and future.result() for future in waiting)
    with pytest.raises(PoolBroken, match="正在停止"):
        strip(closing)


def test_a_poster_nobody_waits_for_any_more_is_not_drawn() -> None:
    busy = PosterPool(1)
    waiting = [strip(busy) for _ in range(20)]
    assert waiting[-1].cancel()
    busy.close()
    assert waiting[-1].cancelled() and waiting[0].result()
