"""The switches for bad days: what an API answers instead, and how callbacks get mixed up on their way."""

import threading
from dataclasses import dataclass
from typing import Any

from .errors import Unwilling


@dataclass
class Rule:
    """One bad habit of one API (or of all, `*`), for so many calls or until it is taken away."""

    api: str = "*"
    times: int | None = None
    errcode: int | None = None
    errmsg: str = ""
    delay: float = 0.0
    when: str = "after"
    """Whether the delay comes before the call is carried out or after it (so: executed, answered late)."""
    reset: str = ""
    html: int = 0
    status: int = 0
    truncated: bool = False
    empty: bool = False

    @property
    def instead(self) -> bool:
        """The call is not carried out at all."""
        return self.errcode is not None or self.reset == "before" or bool(self.html) or bool(self.status)


@dataclass
class CallbackChaos:
    """How callbacks travel: copies, seconds of delay, out of order, share that is lost."""

    copies: int = 1
    delay: float = 0.0
    shuffle: bool = False
    drop: float = 0.0
    retry_pause: float = 1.0
    skew: float = 0.0
    """Seconds added to the signed timestamp."""


class Chaos:
    """The rules in force; replaced as a whole."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._over = threading.Event()
        self.callbacks = CallbackChaos()

    def replace(self, wanted: dict[str, Any]) -> None:
        _known(wanted, {"rules", "callbacks"}, "chaos")
        rules = [_rule(rule) for rule in wanted.get("rules", [])]
        part = wanted.get("callbacks", {})
        _known(part, set(CallbackChaos.__dataclass_fields__), "callbacks")
        with self._lock:
            self._rules = rules
            self.callbacks = CallbackChaos(**part)
            over, self._over = self._over, threading.Event()
        over.set()

    def linger(self, rule: Rule | None, when: str) -> None:
        """Keep a caller waiting as its rule says, at most until the rules are replaced."""
        if rule and rule.when == when:
            self._over.wait(rule.delay)

    def take(self, api: str) -> Rule | None:
        """The first rule for this API that has not been used up."""
        with self._lock:
            for rule in self._rules:
                if rule.api in ("*", api) and rule.times != 0:
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
        return None

    def shown(self) -> dict[str, Any]:
        with self._lock:
            return {
                "rules": [dict(vars(rule)) for rule in self._rules],
                "callbacks": dict(vars(self.callbacks)),
            }


def _rule(wanted: dict[str, Any]) -> Rule:
    _known(wanted, set(Rule.__dataclass_fields__), "rule")
    rule = Rule(**wanted)
    if rule.reset not in ("", "before", "after") or rule.when not in ("before", "after"):
        raise Unwilling("reset and when must be before or after", 400)
    return rule


def _known(wanted: Any, names: set[str], what: str) -> None:
    if not isinstance(wanted, dict):
        raise Unwilling(f"{what} must be an object", 400)
    if strange := set(wanted) - names:
        raise Unwilling(
            f"{what}: unknown {', '.join(sorted(strange))}; known: {', '.join(sorted(names))}", 400
        )
