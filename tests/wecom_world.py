"""A built-in WeCom for tests: starts it on a free port, and offers what people, clocks and chaos do as short calls."""

import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import requests

from emulator.app import Server
from emulator.company import Corp
from tests import cast
from tests.cast import CHEN, CUSTOMER_CHAT, GAO, LIN, NAMES, SHOP_CHAT, SU, WANG, XU, ZHAO, ZHOU

AES_KEYS = {
    "app": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "contacts": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8",
    "robot": "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8",
}
WEBHOOK = "11111111-2222-4333-8444-555555555555"


def corp(callback_base: str = "http://127.0.0.1:8000", **changes: Any) -> dict[str, Any]:
    """The retailer of tests/cast.py, as the platform knows it; `changes` replace whole keys."""
    return {
        "corp_id": cast.CORP_ID,
        "seed": 7,
        "public_url": None,
        "app": {
            "agentid": 1000002,
            "secret": "app-secret-of-the-tests-0123456789abcdefgh",
            "token": "AppToken2026",
            "aes_key": AES_KEYS["app"],
            "callback_url": f"{callback_base}/callback/app",
            "home": f"{callback_base}/g/",
        },
        "contacts": {
            "secret": "contacts-secret-of-the-tests-0123456789abc",
            "token": "ContactsToken2026",
            "aes_key": AES_KEYS["contacts"],
            "callback_url": f"{callback_base}/callback/contacts",
        },
        "robot": {
            "aibotid": "aib-onetap-tests",
            "name": "小霁",
            "token": "RobotToken2026",
            "aes_key": AES_KEYS["robot"],
            "callback_url": f"{callback_base}/callback/robot",
        },
        "departments": [
            {"id": 1, "name": cast.BRAND, "parentid": 0},
            *({"id": one.department, "name": one.name, "parentid": 1} for one in cast.BRANCHES),
            *(
                {"id": one.department, "name": one.name, "parentid": one.branch.department}
                for one in cast.STORES
                if one.branch
            ),
        ],
        "members": [member(WANG), member(ZHAO), member(GAO, position="店长", is_leader=True), member(ZHOU)],
        "customers": [
            {"external_userid": XU, "name": NAMES[XU], "friends_of": [WANG, ZHAO]},
            {"external_userid": LIN, "name": NAMES[LIN], "friends_of": [WANG]},
            {"external_userid": CHEN, "name": NAMES[CHEN], "friends_of": [ZHOU]},
            {"external_userid": SU, "name": NAMES[SU], "friends_of": [ZHAO]},
        ],
        "groups": [
            {
                "chat_id": SHOP_CHAT,
                "name": cast.GROUP_NAMES[SHOP_CHAT],
                "kind": "internal",
                "owner": GAO,
                "members": [GAO, WANG, ZHAO],
                "robot": True,
                "webhooks": [{"key": WEBHOOK, "name": "总部播报"}],
            },
            {
                "chat_id": CUSTOMER_CHAT,
                "name": cast.GROUP_NAMES[CUSTOMER_CHAT],
                "kind": "customer",
                "owner": ZHOU,
                "members": [ZHOU],
                "customers": [CHEN],
            },
        ],
    } | changes


def member(userid: str, **more: Any) -> dict[str, Any]:
    """A guide as the directory lists her, at her store."""
    department = cast.WORKS_IN[userid].department
    return {"userid": userid, "name": NAMES[userid], "department": [department], "position": "导购"} | more


class World:
    """A running built-in WeCom. Use it as a context manager, or call `stop`."""

    def __init__(
        self, content: dict[str, Any] | None = None, state_path: str = ":memory:", port: int = 0
    ) -> None:
        self.content = content or corp()
        self.server = Server(Corp.of(self.content), state_path, port=port)
        self.url = self.server.url
        self.api_url = f"{self.url}/cgi-bin/"
        self._session = requests.Session()
        self._tokens: dict[str, str] = {}
        self._thread = threading.Thread(target=self.server.run, name="emulator", daemon=True)
        self._thread.start()

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._session.close()
        self.server.close()
        self._thread.join(10)

    # the platform's API, as a plain caller -------------------------------------------------------------------

    def token(self, part: str = "app") -> str:
        """An access token of the app's secret, or of the directory-sync secret."""
        query = {"corpid": self.content["corp_id"], "corpsecret": self.content[part]["secret"]}
        return self._session.get(self.api_url + "gettoken", params=query, timeout=20).json()["access_token"]

    def call(
        self, api: str, body: dict[str, Any] | None = None, part: str = "app", **query: Any
    ) -> dict[str, Any]:
        """One API call; GET without a body, POST with one. A token is fetched once and kept."""
        if part not in self._tokens:
            self._tokens[part] = self.token(part)
        query = {"access_token": self._tokens[part]} | query
        if body is None:
            return self._session.get(self.api_url + api, params=query, timeout=20).json()
        raw = requests.compat.json.dumps(body, ensure_ascii=False).encode()
        return self._session.post(self.api_url + api, params=query, data=raw, timeout=20).json()

    def webhook(self, body: dict[str, Any], key: str = WEBHOOK) -> dict[str, Any]:
        return self._session.post(
            self.api_url + "webhook/send", params={"key": key}, json=body, timeout=20
        ).json()

    # switches -------------------------------------------------------------------------------------------------

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Any button or switch; raises when it could not be pressed."""
        answer = self._session.post(self.url + path, json=body or {}, timeout=30)
        if not answer.ok:
            raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._session.get(self.url + path, params=query, timeout=20).json()

    def ledger(self, kind: str | None = None, since: int = 0, who: str | None = None) -> list[dict[str, Any]]:
        """Rows of the book, oldest first; `kind` may name several, divided by commas."""
        rows: list[dict[str, Any]] = []
        while True:
            page = self.get("/control/ledger", kind=kind, since=since, who=who, limit=10_000)["rows"]
            rows += page
            if len(page) < 10_000:
                return rows
            since = page[-1]["id"]

    def state(self) -> dict[str, Any]:
        return self.get("/control/state")

    def chaos(self, *rules: dict[str, Any], callbacks: dict[str, Any] | None = None) -> None:
        """Replaces all chaos; without arguments it ends."""
        self.post("/control/chaos", {"rules": list(rules), "callbacks": callbacks or {}})

    def advance(self, seconds: float) -> None:
        """Moves the platform's clock on from where it stands; our own tokens are fetched anew."""
        self._tokens.clear()
        self.post("/control/clock", {"offset_seconds": self.state()["offset_seconds"] + seconds})

    def set_clock(self, now: datetime) -> None:
        """Lets the platform's clock go on from this moment; our own tokens are fetched anew."""
        self._tokens.clear()
        self.post("/control/clock", {"offset_seconds": (now - datetime.now(UTC)).total_seconds()})

    def expire_tokens(self) -> None:
        self.post("/control/tokens/expire")

    def reset(self) -> None:
        self._tokens.clear()
        self.post("/control/reset")

    # people ---------------------------------------------------------------------------------------------------

    def scan(self, customer: str, payload: str, wait: bool = False, **more: Any) -> dict[str, Any]:
        """`payload` is what a code holds, or a config_id; `name=` makes a customer who is not known yet."""
        key = "payload" if "://" in payload else "config_id"
        return self.post(f"/phone/customer/{customer}/scan", {key: payload, "wait": wait} | more)

    def new_customer(self) -> str:
        return f"wm{uuid.uuid4().hex[:20]}"

    def refuse(self, customer: str, userid: str, wait: bool = False) -> dict[str, Any]:
        """The customer says no to the notice that somebody else than `userid` will serve her."""
        return self.post(f"/phone/customer/{customer}/refuse", {"userid": userid, "wait": wait})

    def confirm(self, userid: str, msgid: str, **more: Any) -> dict[str, Any]:
        """The guide's one confirmation in her native 群发助手."""
        return self.post(f"/phone/guide/{userid}/confirm", {"msgid": msgid} | more)

    def click(self, userid: str, task_id: str, key: str, wait: bool = False, **more: Any) -> dict[str, Any]:
        return self.post(f"/phone/guide/{userid}/card", {"task_id": task_id, "key": key, "wait": wait} | more)

    def say(self, chat_id: str, userid: str, text: str, wait: bool = False) -> dict[str, Any]:
        return self.post(f"/phone/group/{chat_id}/say", {"userid": userid, "text": text, "wait": wait})

    def tell_app(self, userid: str, text: str, wait: bool = False) -> dict[str, Any]:
        return self.post(f"/phone/guide/{userid}/say", {"text": text, "wait": wait})

    def leave(self, userid: str, wait: bool = False) -> dict[str, Any]:
        """The member is deleted from the directory."""
        return self.post("/control/members", {"remove": userid, "wait": wait})

    def hire(self, userid: str, name: str, department: int) -> dict[str, Any]:
        """Somebody new in the directory."""
        return self.post(
            "/control/members", {"add": {"userid": userid, "name": name, "department": [department]}}
        )

    def change_member(self, userid: str, **fields: Any) -> dict[str, Any]:
        """The administrator changes her entry: department=[31], visible=False, name="王芳芳"."""
        return self.post("/control/members", {"update": {"userid": userid} | fields})

    def rename(self, userid: str, to: str) -> dict[str, Any]:
        """She gets another userid."""
        return self.post("/control/members", {"rename": {"userid": userid, "to": to}})

    def customer_group(self, chat_id: str, name: str, owner: str) -> dict[str, Any]:
        """A guide starts a group with 陈可欣."""
        group = {
            "chat_id": chat_id,
            "name": name,
            "kind": "customer",
            "owner": owner,
            "members": [owner],
            "customers": [CHEN],
        }
        return self.post("/control/groups", {"create": group})

    def internal_group(self, chat_id: str, name: str, webhook: str) -> dict[str, Any]:
        """A manager starts a group of 沈阳中街店 and puts a webhook robot into it."""
        group = {
            "chat_id": chat_id,
            "name": name,
            "kind": "internal",
            "owner": GAO,
            "members": [GAO, WANG],
        }
        return self.post(
            "/control/groups", {"create": group | {"webhooks": [{"key": webhook, "name": "总部播报"}]}}
        )

    def change_group(self, **change: Any) -> dict[str, Any]:
        """dismiss="wr…", or owner / name / notice / join / quit with {"chat_id": …, …}."""
        return self.post("/control/groups", change)

    def tell_contact(self, change: str, userid: str, external_userid: str, **fields: str) -> None:
        """An event about a customer for which no phone here has a button (transfer_fail, edit_external_contact)."""
        self.server.platform.tell_contact(change, userid, external_userid, **fields)

    def tell(self, source: str, event: str, sender: str = "sys", **fields: Any) -> None:
        """Any other event for which nobody here has a button."""
        self.server.platform.tell(source, event, fields, sender)

    def people_behind(self, state: str) -> list[str]:
        """Who may be given the customers that scan the code with this state."""
        return next(way["user"] for way in self.state()["contact_ways"] if way["state"] == state)
