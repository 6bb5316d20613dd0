"""The whole built-in WeCom in one object: company, state, clock, ledger, chaos, and the events it sends."""

import random
import tempfile
from pathlib import Path
from typing import Any

from .callbacks import Outgoing, Sender, xml
from .chaos import Chaos
from .clock import Clock
from .company import Corp, settle
from .database import StoredState
from .ledger import Ledger
from .rate_limits import QuotaWindows


class Platform:
    """Everything that API calls, taps on phones and switches act upon."""

    def __init__(self, corp: Corp, state_path: str = ":memory:") -> None:
        self.corp = corp
        self.state = StoredState(state_path)
        self.clock = Clock(self.state.remembered("clock_offset", 0.0))
        self.ledger = Ledger(self.state, self.clock)
        self.chaos = Chaos()
        self.rate_limits = QuotaWindows()
        self.in_flight: dict[str, int] = {}
        """Talks with the smart robot that each member has running."""
        self.sender = Sender(self.ledger, self.chaos, corp.corp_id, corp.seed)
        # Pictures stay out of the database: a thousand posters would make it, and this process, far too big.
        self._scratch = tempfile.TemporaryDirectory(prefix="emulator-") if state_path == ":memory:" else None
        self.media_dir = Path(self._scratch.name) if self._scratch else Path(f"{state_path}.media")
        self.media_dir.mkdir(parents=True, exist_ok=True)
        settle(corp, self.state, self.clock.now())

    def stop(self) -> None:
        self.sender.stop()
        self.state.close()
        if self._scratch:
            self._scratch.cleanup()

    def reset(self) -> None:
        """As on the first day; what was on its way is dropped."""
        self.sender.forget()
        self.chaos.replace({})
        self.rate_limits.clear()
        self.in_flight.clear()
        self.state.forget_everything()
        self.clock.offset = 0.0
        for file in self.media_dir.iterdir():
            file.unlink()
        settle(self.corp, self.state, self.clock.now())

    def set_clock(self, offset: float) -> None:
        self.clock.offset = offset
        self.state.remember("clock_offset", offset)

    def dice(self) -> random.Random:
        """A fresh die for one decision: the same seed and the same history fall the same way."""
        with self.state.change():
            thrown = self.state.remembered("thrown", 0) + 1
            self.state.remember("thrown", thrown)
        return random.Random(f"{self.corp.seed}:{thrown}")

    # events -------------------------------------------------------------------------------------------------

    def tell(
        self, source: str, event: str, fields: dict[str, Any], sender: str = "sys", on_reply: Any = None
    ) -> Outgoing | None:
        """Send one XML event, if its source has a callback address. Only what people do is told: API calls never are."""
        if source not in self.corp.endpoints:
            return None
        common: dict[str, Any] = {
            "ToUserName": self.corp.corp_id,
            "FromUserName": sender,
            "CreateTime": int(self.clock.now()),
            "MsgType": "event",
            "Event": event,
        }
        change = fields.get("ChangeType")
        return self.sender.send(
            Outgoing(
                self.corp.endpoints[source],
                f"{event}.{change}" if change else event,
                xml(common | fields),
                str(fields.get("AgentID", "")),
                on_reply,
            )
        )

    def tell_message(self, fields: dict[str, Any], sender: str, on_reply: Any) -> Outgoing:
        """A member's message to the app."""
        common = {
            "ToUserName": self.corp.corp_id,
            "FromUserName": sender,
            "CreateTime": int(self.clock.now()),
        }
        return self.sender.send(
            Outgoing(
                self.corp.endpoints["app"],
                fields["MsgType"],
                xml(common | fields),
                str(self.corp.agent_id),
                on_reply,
            )
        )

    def tell_contact(self, change: str, userid: str, external_userid: str, **more: str) -> Outgoing | None:
        fields = {"ChangeType": change, "UserID": userid, "ExternalUserID": external_userid}
        return self.tell(
            "app", "change_external_contact", fields | {name: text for name, text in more.items() if text}
        )

    # who is who ---------------------------------------------------------------------------------------------

    def member(self, userid: Any) -> dict[str, Any] | None:
        """A member who is still here; the id's case does not matter."""
        if not isinstance(userid, str):
            return None
        return self.state.row("SELECT * FROM member WHERE userid = ? AND left_at IS NULL", userid)

    def customer(self, external_userid: Any) -> dict[str, Any] | None:
        return self.state.row("SELECT * FROM customer WHERE external_userid = ?", external_userid)

    def chat(self, chat_id: Any) -> dict[str, Any] | None:
        return self.state.row("SELECT * FROM chat WHERE chat_id = ? AND dismissed_at IS NULL", chat_id)

    def friend(self, userid: str, external_userid: str) -> dict[str, Any] | None:
        """A relation that the API can see: full, or left one-sided by the customer."""
        return self.state.row(
            "SELECT * FROM friend WHERE userid = ? AND external_userid = ? AND relation IN ('full', 'customer_left')",
            userid,
            external_userid,
        )
