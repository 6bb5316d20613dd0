"""The built-in WeCom's phones, looked at in a browser."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from tests.wecom_world import World


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
