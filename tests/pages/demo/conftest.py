"""A built-in WeCom, and a whole demo in processes of its own."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.emulator.conftest import Receiver
from tests.waiting import PATIENCE, until
from tests.wecom_world import World

ROOT = Path(__file__).parents[3]
DAY, WHOLE = 11, 15
"""Steps of the campaign's day, and of the whole story, which ends with a guide who leaves"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def world(receiver: Receiver) -> Iterator[World]:
    with World(receiver.content) as running:
        yield running


@dataclass
class Demo:
    """`python server.py demo`, and a browser without a screen that presses what the page's script presses."""

    url: str
    visit: requests.Session
    token: str = ""

    def sign_in(self) -> str:
        page = self.visit.get(f"{self.url}/demo", timeout=20)
        found = re.search(r'name="csrf" content="([0-9a-f]+)"', page.text)
        assert page.status_code == 200 and found, page.text[:300]
        self.token = found[1]
        return page.text

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.visit.post(
            f"{self.url}/demo{path}", json=body, headers={"X-CSRF": self.token}, timeout=40
        )

    def get(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.visit.get(f"{self.url}/demo{path}", timeout=20).json()
        return answer

    def state(self) -> dict[str, Any]:
        return self.get("/state.json")

    def until(self, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The state as soon as it is so. The process may be dead in between."""

        def look() -> dict[str, Any] | None:
            with suppress(requests.RequestException):
                return state if what(state := self.state()) else None

        return until(look)

    def play(self, upto: int = DAY) -> dict[str, Any]:
        """As the page's script: post the first step that is not done, until `upto`; at once when that is done already."""
        state = self.until(lambda _: True)
        while state["step"] <= upto:
            state = self.until(partial(self._pressed, state["step"]))
        return state

    def _pressed(self, step: int, state: dict[str, Any]) -> bool:
        """Presses while it is this step's turn."""
        if state["step"] == step:
            told = self.post(f"/step/{step}")
            assert told.status_code in (200, 409), told.text
        return bool(state["step"] > step)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for a whole file of tests, in an empty folder."""
    place = tmp_path_factory.mktemp("demo")
    command = [sys.executable, str(ROOT / "server.py"), "demo", "--port", "0", "--no-input"]
    with open(place / "log", "w") as log:
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=subprocess.STDOUT)
    try:
        with requests.Session() as visit:
            running = Demo(_address(place / "log", process), visit)
            running.sign_in()
            yield running
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _address(log: Path, process: "subprocess.Popen[bytes]") -> str:
    found = until(
        lambda: re.search(r"^listening on (http://\S+)", log.read_text(), re.M) or process.poll() is not None
    )
    assert found is not True, log.read_text()
    return found[1]
