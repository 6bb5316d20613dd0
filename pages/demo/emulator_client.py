"""The demo's client of the built-in WeCom: presses the buttons of its phones over HTTP, as a person would."""

from typing import Any

import requests

from models.sentences import Sentence
from pages.web import i18n

SECONDS = 15


class NotPressed(Exception):
    """The phone said no, or did not answer; `words` say why."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class EmulatorClient:
    """`address` is where the built-in WeCom listens; it says why it refuses in the language of the reader."""

    def __init__(self, address: str, language: str = i18n.CHINESE) -> None:
        self.address = address.rstrip("/")
        self.cookies = {i18n.COOKIE: language}

    def press(self, path: str, **body: Any) -> dict[str, Any]:
        """A button or a switch."""
        return self._json("POST", path, json=body)

    def look(self, path: str, **query: Any) -> dict[str, Any]:
        """What a phone or the ledger shows."""
        return self._json("GET", path, params=query)

    def picture(self, media_id: str) -> bytes:
        """A picture that a customer received, as her phone shows it."""
        return self._ask("GET", f"/pic/{media_id}").content

    def open_page(self, userid: str, url: str) -> None:
        """A tap on a link in a guide's chat: her phone's browser opens the page, through the platform's sign-in."""
        with requests.Session() as browser:
            browser.headers["User-Agent"] = "Mozilla/5.0 wxwork/5.0.0 MicroMessenger"
            self._ask("GET", f"/phones/guide/{userid}/open", browser, params={"url": url})

    def ledger(self, since: int, kinds: str) -> list[dict[str, Any]]:
        """Rows of the ledger after `since`: what really arrived."""
        rows: list[dict[str, Any]] = []
        while True:
            page = self.look("/control/ledger", since=since, kind=kinds, limit=5000)["rows"]
            rows += page
            if len(page) < 5000:
                return rows
            since = page[-1]["id"]

    def last(self) -> int:
        """The newest row's number."""
        return int(self.look("/control/ledger", since=2**62, limit=1)["last"])

    def _json(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask(method, path, **more).json()
        return answer

    def _ask(self, method: str, path: str, browser: Any = requests, **more: Any) -> requests.Response:
        try:
            answer: requests.Response = browser.request(
                method, self.address + path, timeout=SECONDS, cookies=self.cookies, **more
            )
        except requests.RequestException as error:
            raise NotPressed(
                Sentence(
                    "内置的企业微信没有回答（{error}），它正在重启的话稍等再按", error=type(error).__name__
                )
            ) from None
        if answer.status_code >= 400:
            raise NotPressed(_words(answer))
        return answer


def _words(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return Sentence("按了没有成，对方答 {status}", status=answer.status_code)
