"""One program per embedded database: a lock on a file beside it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from settings import BadConfiguration


def lock_database(path: Path) -> int:
    """Take the lock and return its file descriptor (inherited by the supervisor), or refuse in one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        raise BadConfiguration(
            f"{path} 正被另一个 Onetap 使用。先停掉它，或换一个 ONETAP_DATABASE_URL"
        ) from None
    return number


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Nobody else works on the embedded database meanwhile; another kind looks after itself."""
    path = sqlite_path(url)
    number = lock_database(path) if path else None
    try:
        yield
    finally:
        if number is not None:
            os.close(number)


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database or one in memory."""
    prefix = "sqlite:///"
    return Path(url.removeprefix(prefix)) if url.startswith(prefix) and len(url) > len(prefix) else None
