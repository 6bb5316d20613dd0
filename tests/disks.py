"""A disk that takes nothing more, and a folder that may only be read; also for root, who may write everywhere."""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def full_disk(most: int = 0) -> Iterator[None]:
    """No file of this process grows beyond so many bytes."""
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write into this folder, nor to what is in it."""
    parts = [folder, *folder.rglob("*")]
    before = [part.stat().st_mode for part in parts]
    for part in parts:
        part.chmod(0o555 if part.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for part, mode in zip(parts, before, strict=True):
            part.chmod(mode)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that other accounts reach too, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="onetap-disk-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
