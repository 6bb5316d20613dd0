"""tests/run.py: a second look for what failed, never for a run that broke off."""

import os
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).with_name("run.py")
LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}
"""Of the plugins only the one that run.py asks for: the others take longer to load than these tests to run."""
UNSTEADY = """
import pathlib
def test_unsteady():
    mark = pathlib.Path(__file__ + ".seen")
    seen = mark.exists()
    mark.touch()
    assert seen
"""
BROKEN = "def test_broken(): assert False\n"
UNREADABLE = "import a_module_that_nobody_has\n"


def outcome(folder: Path, **files: str) -> tuple[int, str]:
    (folder / "pytest.ini").touch()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    environment = {**os.environ, **LEAN}
    ran = subprocess.run(
        [sys.executable, RUN], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout.partition("Unsteady")[2]


def test_what_passes_the_second_time_is_named_and_the_run_passes(tmp_path: Path):
    status, unsteady = outcome(tmp_path, test_one=UNSTEADY)
    assert status == 0
    assert unsteady.split() == ["(failed", "at", "first,", "passed", "alone):", "test_one.py::test_unsteady"]


def test_what_fails_twice_fails_the_run_and_is_not_called_unsteady(tmp_path: Path):
    status, unsteady = outcome(tmp_path, test_one=UNSTEADY, test_two=BROKEN)
    assert status == 1
    assert "test_unsteady" in unsteady
    assert "test_broken" not in unsteady


def test_a_run_that_broke_off_does_not_pass(tmp_path: Path):
    assert outcome(tmp_path, test_one=UNSTEADY, test_two=UNREADABLE) == (2, "")


def test_many_failures_are_no_unsteadiness(tmp_path: Path):
    assert outcome(tmp_path, **{f"test_{one}": UNSTEADY for one in range(9)}) == (1, "")
