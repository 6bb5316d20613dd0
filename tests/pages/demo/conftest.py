"""A built-in WeCom whose phones are looked at in a browser, and a whole demo in processes of its own."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.emulator.conftest import Receiver
from tests.wecom_world import World

ROOT = Path(__file__).parents[3]
START_SECONDS = 60


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
class Watched:
    """A phone in a browser that writes down what the browser complains about."""

    page: Page
    world: World
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.world.url + path)
        return self.page


@pytest.fixture
def phone(browser: Browser, world: World) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    watched = Watched(context.new_page(), world)
    watched.page.on(
        "console",
        lambda said: watched.complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    yield watched
    context.close()


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

    def until(self, what: Callable[[dict[str, Any]], bool], seconds: float = 90) -> dict[str, Any]:
        """The state as soon as it is so. The process may be dead in between."""
        give_up = time.monotonic() + seconds
        while True:
            try:
                state = self.state()
                if what(state):
                    return state
            except requests.RequestException:
                state = {}
            assert time.monotonic() < give_up, state
            time.sleep(0.3)

    def play(self, upto: int = 9, seconds: float = 240) -> dict[str, Any]:
        """As the page's script: post the first step that is not done, until all are; at once when all are already."""
        give_up = time.monotonic() + seconds
        while True:
            state = self.until(lambda _: True)
            if state["step"] > upto:
                return state
            try:
                told = self.post(f"/step/{state['step']}")
                assert told.status_code in (200, 409), told.text
            except requests.RequestException:
                pass
            assert time.monotonic() < give_up, state
            time.sleep(0.5)


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
        process.wait(30)


def _address(log: Path, process: "subprocess.Popen[bytes]") -> str:
    give_up = time.monotonic() + START_SECONDS
    while not (found := re.search(r"^listening on (http://\S+)", log.read_text(), re.M)):
        assert process.poll() is None and time.monotonic() < give_up, log.read_text()
        time.sleep(0.1)
    return found[1]
