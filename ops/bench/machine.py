"""What Linux says about processes: processor time, memory that is really theirs, children, and how busy the machine is."""

import contextlib
import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PARENT_AT, USER_AT, SYSTEM_AT = 1, 11, 12
"""Places in /proc/PID/stat after the name, which may hold blanks."""


def load_words() -> str:
    """How busy the machine is beside us: every figure is to be read with it."""
    return f"负载 {os.getloadavg()[0]:.1f}，{os.cpu_count()} 核"


def cpu_seconds(pid: int) -> float:
    """Processor time of one process with all its threads, without its children."""
    fields = _stat(pid)
    return (int(fields[USER_AT]) + int(fields[SYSTEM_AT])) / TICKS


def family_cpu_seconds(pid: int) -> float:
    """Processor time of the process and of everything that it started and that still lives."""
    total = 0.0
    for one in family(pid):
        with contextlib.suppress(OSError):  # ended while we looked
            total += cpu_seconds(one)
    return total


def family(pid: int) -> list[int]:
    """The process and everything that it started, directly or not."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int(_stat(int(folder.name))[PARENT_AT])
            except OSError:  # ended while we looked
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def proportional_bytes(pids: list[int]) -> int:
    """Memory of all of them together (PSS): what several share is counted once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # ended while we looked
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return total


def resident_bytes() -> int:
    """Memory of this very process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
