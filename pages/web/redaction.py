"""Bodies for people: what came in and what went out, in readable lines, with secrets shortened."""

import json
import re
from collections.abc import Collection
from functools import partial
from typing import Any

from pages.web.i18n import _

SECRET_NAMES = frozenset(
    {
        "welcomecode",
        "responsecode",
        "welcome_code",
        "response_code",
        "response_url",
        "key",
        "code",
        "access_token",
        "ticket",
        "secret",
        "token",
        "webhook",
        "encrypt",
        "encrypted_key",
    }
)
"""Whoever has one of these can speak in our name."""
CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
SECRET_TAG = re.compile(rf"<({'|'.join(sorted(SECRET_NAMES))})>([^<]*)</\1>", re.IGNORECASE)
IN_ADDRESS = re.compile(r"([?&](?:key|access_token|response_code|code|ticket)=)([^&\s\"']+)", re.IGNORECASE)
SPOKEN_NAMES = ("content", "recognition", "title", "description", "label")
"""Where the platform puts what a person wrote or said"""
SPOKEN_TAG = re.compile(
    rf"(<({'|'.join(SPOKEN_NAMES)})(?:\s[^>]*)?>\s*)(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))(?=\s*</\2\s*>)",
    re.IGNORECASE | re.DOTALL,
)
SPOKEN_OPENS = re.compile(rf"<(?:{'|'.join(SPOKEN_NAMES)})\b(?![^>]*/>)", re.IGNORECASE)
MASK, MASK_LETTERS = "•", 12
LONGEST = 6000
LONG_LIST = 20
ONE_LINE = 64
"""A dict or list shorter than this stays on its line."""
ENVELOPE = re.compile(r"</?xml>|<(ToUserName|FromUserName|CreateTime|MsgType|AgentID)>[^<]*</\1>")
"""What is the same in every callback"""


def short(secret: str) -> str:
    """CODE…7f2a: enough to compare two, not enough to use one."""
    return f"{secret[:4]}…{secret[-4:]}" if len(secret) > 16 else "…" if secret else ""


def masked(body: str, commands: Collection[str] = ()) -> str:
    """A callback without what somebody wrote to us, but for a robot's own words; what cannot be read is masked whole."""
    text = body.strip()
    if text[:1] not in ("{", "["):
        read = len(SPOKEN_TAG.findall(text)) == len(SPOKEN_OPENS.findall(text))
        whole = read and text[:1] in ("<", "")
        return SPOKEN_TAG.sub(partial(_masked_tag, commands), body) if whole else _mask(body, commands)
    try:
        said = json.loads(text)
        shown = _without_speech(said, commands)
    except (ValueError, RecursionError):
        return _mask(body, commands)
    return body if shown == said else json.dumps(shown, ensure_ascii=False)


def _masked_tag(commands: Collection[str], found: re.Match[str]) -> str:
    said = found[4] if found[3] is None else found[3]
    return found[0] if said.strip() in commands else found[1] + _mask(said, commands)


def _without_speech(value: Any, commands: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: _mask(one, commands)
            if isinstance(one, str) and str(name).lower() in (*SPOKEN_NAMES, "text")
            else _without_speech(one, commands)
            for name, one in value.items()
        }
    return [_without_speech(one, commands) for one in value] if isinstance(value, list) else value


def _mask(text: str, commands: Collection[str]) -> str:
    return text if text.strip() in commands else MASK * min(len(text), MASK_LETTERS)


def gist(body: str) -> str:
    """A decrypted callback without what is the same in all of them."""
    return (
        readable(ENVELOPE.sub("", CDATA.sub(r"\1", body))) if body.strip().startswith("<") else readable(body)
    )


def readable(body: str) -> str:
    """A decrypted callback: XML with one element a line, or JSON indented."""
    text = body.strip()
    if text.startswith("{"):
        try:
            return pretty(json.loads(text))
        except (ValueError, RecursionError):
            return _cut(without_secrets(text))
    return _cut(re.sub(r">\s*<", ">\n<", without_secrets(CDATA.sub(r"\1", text))))


def pretty(value: Any) -> str:
    """A request or an answer: secrets hidden, long lists shortened to their beginning."""
    return _cut(_laid_out(_plain(value)))


def _laid_out(value: Any, deep: int = 0) -> str:
    """JSON with small parts on one line, as people write it."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(line) <= ONE_LINE or deep > 8:
        return line
    space = "  " * (deep + 1)
    if isinstance(value, list):
        return "[\n" + ",\n".join(space + _laid_out(one, deep + 1) for one in value) + "\n" + space[2:] + "]"
    rows = [
        f"{space}{json.dumps(name, ensure_ascii=False)}: {_laid_out(one, deep + 1)}"
        for name, one in value.items()
    ]
    return "{\n" + ",\n".join(rows) + "\n" + space[2:] + "}"


def without_secrets(text: str) -> str:
    text = SECRET_TAG.sub(lambda found: f"<{found[1]}>{short(found[2])}</{found[1]}>", text)
    return IN_ADDRESS.sub(lambda found: found[1] + short(found[2]), text)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _hidden(one) if str(name).lower() in SECRET_NAMES else _plain(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        shown = [_plain(one) for one in value[:LONG_LIST]]
        return shown + ([_("… 共 {n} 个", n=f"{len(value):,}")] if len(value) > LONG_LIST else [])
    return without_secrets(value) if isinstance(value, str) else value


def _hidden(value: Any) -> Any:
    return short(value) if isinstance(value, str) else _plain(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "\n…"
