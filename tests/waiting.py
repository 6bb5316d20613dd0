"""Waiting for what other threads and processes do: for an event, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 150.0
"""Only a net for what never comes: a busy machine is no reason to fail. pyproject.toml ends a test later than this."""

Found = TypeVar("Found")


def until(look: Callable[[], Found]) -> Found:
    """What `look` finds, as soon as it finds something."""
    give_up, pause = time.monotonic() + PATIENCE, 0.01
    while not (found := look()):
        assert time.monotonic() < give_up, f"still waiting for {look}"
        time.sleep(pause)
        pause = min(1.5 * pause, 0.3)  # looking must not keep those busy who are waited for
    return found
