"""All tests. What fails runs once more, alone, and what passes then is named as unsteady.

Such a test leans on a clock, on another test or on an idle machine: mend it, the next run may not be so kind.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
PROCESSES = "3"
"""One more than CI has processors: a test that waits for a browser, a program or a deadline leaves its own idle."""
MOST = 8
"""More failures than this have a cause of their own. After more crashes than this, tests remain unrun."""


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""The many programs that tests start read what the first one compiled."""


def run(*args: str) -> int:
    return subprocess.call([sys.executable, "-m", "pytest", *args], env=ENVIRONMENT)


def failed() -> list[str]:
    return list(json.loads(FAILED.read_text(encoding="utf-8"))) if FAILED.exists() else []


def main(*args: str) -> int:
    spread = ("-n", PROCESSES, "--dist", "worksteal", f"--max-worker-restart={MOST}")
    status = run("--cache-clear", "--durations=10", *spread, *args)
    first = failed()
    # 1: run to the end, with failures. Any other status is a run that broke off: there is nothing to repeat.
    if status != 1 or not 0 < len(first) <= MOST:
        return status
    print("\nFailed tests once more, alone:", flush=True)
    status = run(*first)
    unsteady = set(first) - set(failed())
    if unsteady:
        print("\nUnsteady (failed at first, passed alone):", *sorted(unsteady), sep="\n  ")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
