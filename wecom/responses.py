"""JSON as the platform writes it and wants it: an answer is a dict with errcode 0, or what is wrong."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wecom.errcodes import refusal
from wecom.errors import Action, PlatformError, broken, redact
from wecom.events import clean_all
from wecom.transport import HttpAnswer


def judge(
    api: str, answer: HttpAnswer, now: datetime, *, effect: bool, secrets: tuple[str, ...] = ()
) -> dict[str, Any] | PlatformError:
    """A JSON object with errcode 0, or what is wrong with the answer. The HTTP status decides only last."""
    found = _object(answer.body)
    errcode = found.get("errcode") if found is not None else None
    if found is not None and isinstance(errcode, int) and not isinstance(errcode, bool):
        if errcode:
            return refusal(api, errcode, str(found.get("errmsg", "")), now, secrets)
        if answer.status == 200:
            return found
    detail = redact(f"HTTP {answer.status} {answer.content_type}", secrets)[:120]
    if answer.status == 429:
        after, words = answer.retry_after or 60.0, "平台前面的网关说太多，已自动等待"
        return PlatformError(api, None, Action.WINDOW, words, after, detail, "api")
    if 300 <= answer.status < 500:
        # the exchange ended before the API: a redirect, a gateway's login page, a wrong address
        words = "平台地址被转到别处，没有跟去" if answer.status < 400 else "平台地址不对，或被网关拦下"
        return broken(api, effect=effect, executed=False, words=words, detail=detail)
    return broken(api, effect=effect, executed=True, words="平台的回答看不懂", detail=detail)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        # the declared charset is not asked: the platform's JSON is UTF-8, now and then with a name cut inside a character
        text = body.decode("utf-8", "replace")
        found = json.loads(text, strict=False)
        if "\\u" in text or "\0" in text:  # only these can bring in what no column holds
            found = clean_all(found)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def json_bytes(api: str, data: Mapping[str, Any]) -> bytes:
    """UTF-8 without \\u escapes, which the platform refuses (40033)."""
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, TypeError, RecursionError):
        pass
    raise PlatformError(api, None, Action.REFUSED, "内容里有无法发送的字符，请重新输入")
