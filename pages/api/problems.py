"""What a call answers when it cannot do what was asked: RFC 9457, every field with words that say what to change."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from flask import Response, abort
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from models.sentences import Sentence, together
from pages.web.i18n import _

MIME = "application/problem+json"
TITLES = {
    400: "正文读不懂",
    401: "没有认出令牌",
    403: "这个令牌只能读",
    404: "没有这一行",
    409: "现在不能这样做",
    413: "内容太大",
    415: "正文的格式不对",
    422: "有的地方要改",
    429: "来得太快",
}
MOST_ERRORS = 100


class FieldError(BaseModel):
    """One field that cannot stay so."""

    field: str = Field(description="哪个字段；列表里的用点和下标，例如 scope.stores.0")
    words: str = Field(description="哪里不对、最多多少、怎么改")


class Problem(BaseModel):
    """RFC 9457；什么都没有改。"""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


def refuse(
    status: int, detail: str, errors: Iterable[FieldError] = (), headers: Mapping[str, str] | None = None
) -> NoReturn:
    """End this call, in the caller's language; whatever its transaction had changed is undone."""
    body = Problem(
        title=_(TITLES[status]), status=status, detail=_(detail), errors=list(errors)[:MOST_ERRORS]
    )
    abort(Response(body.model_dump_json(), status, headers, mimetype=MIME))


def refuse_fields(faults: Mapping[str, str]) -> NoReturn:
    """422 with the words of each field."""
    errors = [FieldError(field=name, words=_(words)) for name, words in faults.items()]
    refuse(422, together(dict.fromkeys(faults.values())), errors)


def refuse_input(error: ValidationError) -> NoReturn:
    """What pydantic found, in our words."""
    found = error.errors(include_url=False, include_context=True)
    if found and found[0]["type"] == "json_invalid":
        refuse(400, "正文不是完整的 JSON，什么都没有改")
    errors = [FieldError(field=place_of(one), words=_(words_of(one))) for one in found[:MOST_ERRORS]]
    refuse(422, Sentence("有 {n} 处要改，什么都没有改", n=len(found)), errors)


def place_of(one: ErrorDetails) -> str:
    """Where: the names and positions on the way to it."""
    return ".".join(str(step) for step in one["loc"])[:200]


def words_of(one: ErrorDetails) -> str:
    """One complaint of pydantic, with the limit and what came."""
    kind, given = one["type"], one.get("input")
    context: dict[str, Any] = dict(one.get("ctx") or {})
    if kind == "value_error":
        words: str = context["error"].args[0]
        return words
    if isinstance(given, str) and kind.endswith(("too_long", "too_short")):
        return _length(kind, context, given)
    if kind in ("too_long", "too_short"):
        count = context.get("actual_length")
        if kind == "too_long":
            return Sentence("最多 {most} 个，现在 {count} 个", most=context.get("max_length"), count=count)
        return Sentence("至少 {least} 个，现在 {count} 个", least=context.get("min_length"), count=count)
    if kind == "greater_than_equal":
        return Sentence("不能小于 {edge}", edge=context.get("ge"))
    if kind == "less_than_equal":
        return Sentence("不能大于 {edge}", edge=context.get("le"))
    if kind == "literal_error":
        return Sentence("只能是 {choices}", choices="、".join(re.findall(r"'([^']*)'", context["expected"])))
    return WORDS.get(kind) or next(
        (words for start, words in STARTS.items() if kind.startswith(start)), "这个值不能用"
    )


def _length(kind: str, context: Mapping[str, Any], given: str) -> str:
    count = len(given)
    if kind.endswith("too_long"):
        return Sentence("最多 {most:,} 个字，现在 {count:,} 个", most=context.get("max_length"), count=count)
    if context.get("min_length") == 1:
        return "不能空着"
    return Sentence("至少 {least} 个字，现在 {count} 个", least=context.get("min_length"), count=count)


WORDS = {
    "missing": "必须填写",
    "extra_forbidden": "不认识这个字段，没有照收",
    "string_type": "要是文字",
    "string_unicode": "里面有不成字的字节",
    "bool_type": "只能是 true 或 false",
    "list_type": "要是一个数组",
    "model_type": "要是一个对象",
    "dict_type": "要是一个对象",
    "model_attributes_type": "要是一个对象",
}
STARTS = {
    "int_": "要是整数",
    "float_": "要是数字",
    "bool_": "只能是 true 或 false",
    "date_": "要是日期，例如 2026-12-31",
    "datetime_": "要是带时区的时间，例如 2026-11-19T10:00:00+08:00（在网址里 + 写成 %2B）",
    "timezone_": "时间要写明时区，例如 2026-11-19T10:00:00+08:00（在网址里 + 写成 %2B）",
}
