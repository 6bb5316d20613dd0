"""The built-in WeCom's memory: a change is whole or nothing, and what was remembered survives."""

import threading

import pytest

from emulator.database import StoredState


@pytest.fixture
def state(tmp_path):
    opened = StoredState(str(tmp_path / "wecom.sqlite3"))
    yield opened
    opened.close()


def test_a_change_that_fails_inside_another_leaves_nothing_of_both(state):
    with pytest.raises(RuntimeError), state.change():
        state.remember("outer", 1)
        with state.change():
            state.remember("inner", 2)
            raise RuntimeError
    assert (state.remembered("outer"), state.remembered("inner")) == (None, None)
    with state.change():
        state.remember("after", 3)
    assert state.remembered("after") == 3


def test_two_threads_that_count_up_lose_nothing(state):
    def count() -> None:
        for _ in range(200):
            with state.change():
                state.remember("thrown", state.remembered("thrown", 0) + 1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.remembered("thrown") == 800


def test_a_second_process_finds_what_the_first_remembered(state):
    state.remember("clock_offset", 7.5)
    again = StoredState(state.path)
    assert again.remembered("clock_offset") == 7.5
    again.close()


def test_forgetting_everything_leaves_every_table_and_no_row(state):
    state.run("INSERT INTO department VALUES (1, '总部', 0)")
    state.run("INSERT INTO ledger (at, kind, who, what) VALUES (0, 'call', '', '{}')")
    state.forget_everything()
    assert state.rows("SELECT * FROM department") == state.rows("SELECT * FROM ledger") == []
    state.run("INSERT INTO ledger (at, kind, who, what) VALUES (0, 'call', '', '{}')")
    assert state.value("SELECT id FROM ledger") == 1, "the book begins anew"
