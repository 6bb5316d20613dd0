"""`ops/setup.sh`, with which every command of the README begins: a second run only compares, and still notices."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOXES = ("handlers", "models", "ops", "pages", "posters", "scheduler", "wecom")
FILES = ("settings.py", "requirements.lock", "package.json", "package-lock.json")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the program in which everything but the front-end files is set up: the very Python that runs here."""
    place = tmp_path / "onetap"
    for box in BOXES:
        shutil.copytree(ROOT / box, place / box, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, place / name)
    venv = place / ".venv"
    venv.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (venv / name).symlink_to(Path(sys.prefix) / name)
    (place / "node_modules").mkdir()
    stamp(place, ".venv/.requirements.lock.installed", "requirements.lock")
    stamp(place, "node_modules/.installed", "package.json", "package-lock.json")
    return place


def stamp(place: Path, name: str, *inputs: str) -> None:
    done = subprocess.run(
        f"cat {' '.join(inputs)} | cksum", shell=True, cwd=place, capture_output=True, text=True, check=True
    )
    (place / name).write_text(done.stdout)


def run(place: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", "ops/setup.sh", "runtime"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHON"} | more
    return subprocess.run(
        command, cwd=place, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def setup(place: Path) -> str:
    done = run(place)
    done.check_returncode()
    return done.stdout


def test_a_second_set_up_does_nothing_and_a_lost_or_changed_file_is_noticed(checkout: Path):
    assert "files written" in setup(checkout)
    written = {path.name for path in (checkout / "var/static").iterdir()}
    assert any(name.startswith("demo.") and name.endswith(".css.br") for name in written)
    assert setup(checkout) == ""
    next((checkout / "var/static").glob("demo.*.css")).unlink()
    (checkout / "pages/static/guide.js").write_text("// another one\n")
    assert "files written" in setup(checkout)
    again = {path.name for path in (checkout / "var/static").iterdir()}
    assert len(again) == len(written) and len(again - written) == 3, (
        "guide.js has a new name, its old forms are gone"
    )
    assert setup(checkout) == ""


def test_a_venv_whose_making_was_interrupted_is_made_anew(checkout: Path):
    """PYTHON names no interpreter, so that asking for a new one shows."""
    assert run(checkout, PYTHON="no-python").returncode == 0
    shutil.rmtree(checkout / ".venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    assert "PYTHON=no-python is no Python" in run(checkout, PYTHON="no-python").stderr, "no pip at all"
    (next((checkout / ".venv/lib").glob("python3*")) / "site-packages/pip").mkdir()
    assert "PYTHON=no-python is no Python" in run(checkout, PYTHON="no-python").stderr, "half of it"
