"""The start: how long `make demo` takes until it serves, the second time."""

import time
from pathlib import Path

from ops.bench.memory import Demo
from ops.bench.programs import BenchProgram
from ops.bench.report import Report, progress, times

LONGEST = 10.0


def measure(report: Report, folder: Path) -> None:
    progress("演示，第一次启动")
    with Demo(folder / "start") as running:
        first = running.until_it_serves()
    again(report, folder / "start", first)


def again(report: Report, folder: Path, first: float) -> None:
    """The second start, in the folder of the first one, which took so many seconds."""
    progress("演示，第二次启动")
    with Demo(folder) as running:
        second = running.until_it_serves()
    bare = importing(folder)
    report.claim(
        second < LONGEST,
        f"演示第二次启动 {times(second, bare):.1f} × 只读入程序，是期限的 {second / LONGEST:.2f}（{LONGEST:.0f} s）",
        f"{second:.1f} 秒后给出演示页，第一次 {first:.1f} 秒，只读入程序 {bare:.1f} 秒",
    )


def importing(folder: Path) -> float:
    """The floor: nothing but loading the program's code."""
    began = time.monotonic()
    program = BenchProgram("importing", ["-c", "import server"], folder)
    try:
        program.running.wait(60)
    finally:
        program.stop()
    return time.monotonic() - began
