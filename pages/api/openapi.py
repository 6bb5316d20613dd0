"""/api/openapi.json and /api/docs: what the API takes and gives, from the very models that check it."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel.support import Translations
from flask import Blueprint, Response, jsonify, render_template
from flask_openapi3.models import APISpec
from flask_openapi3.models.components import Components
from flask_openapi3.models.info import Info

from pages.api import endpoint
from pages.api.idempotency import HEADER, LONGEST
from pages.api.problems import Problem
from pages.web import i18n
from pages.web.i18n import _

blueprint = Blueprint("api_document", __name__, url_prefix="/api")
METHODS = ("get", "post", "patch", "delete")
ABOUT = (
    "零售商自己的系统（会员、商城、报表）用的接口。令牌放在 Authorization: Bearer 里，由 python server.py token create 生成，"
    "只显示一次。列表用 cursor 翻页；POST 可以带 Idempotency-Key，同一个请求再来一次得到同一个回答；出错时按 RFC 9457 回答，"
    "errors 里写明哪个字段、最多多少。说给人看的话是中文；请求带 Accept-Language: en 就是英文，openapi.json 也一样。"
    "时间都是带时区的 ISO 8601。"
)
REPEATABLE = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
    "description": "同一个键、同一个正文再来一次，得到同一个回答，不会做第二次",
}
ORDER = ("门店与导购", "入口码", "好友与归属", "活动", "群与机器人", "公告", "投递", "回调", "数字与记录")
"""The nouns as one meets them; a new one that is not named here comes last."""
TYPES = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "true / false",
    "null": "null",
    "object": "对象",
}
FORMATS = {"date-time": "时间"}


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return jsonify(document(i18n.current()))


@blueprint.get("/docs")
def docs() -> str:
    return render_template(
        "api/docs.html", about=ABOUT, sections=sections(i18n.current()), problems=endpoint.PROBLEMS
    )


@lru_cache
def document(language: str = i18n.CHINESE) -> dict[str, Any]:
    """The OpenAPI 3.1 document, in one of the languages of the pages."""
    whole = _whole()
    return whole if language == i18n.CHINESE else _said(whole, i18n.catalogue(language))


def _said(part: Any, catalogue: Translations) -> Any:
    """The same, with every text that has a translation: names of fields and types have none."""
    if isinstance(part, dict):
        return {name: _said(one, catalogue) for name, one in part.items()}
    if isinstance(part, list):
        return [_said(one, catalogue) for one in part]
    return catalogue.gettext(part) if isinstance(part, str) and part else part


def _whole() -> dict[str, Any]:
    endpoint.note_model(Problem)
    token = {"type": "http", "scheme": "bearer", "description": "分能读和能写两种"}
    spec = APISpec.model_validate(
        {
            "openapi": "3.1.0",
            "info": Info(title="Onetap API", version="1", description=ABOUT),
            "paths": endpoint.blueprint.paths,
            "components": Components.model_validate(
                {
                    "schemas": dict(sorted(endpoint.blueprint.components_schemas.items())),
                    "securitySchemes": {"token": token},
                }
            ),
            "tags": sorted(
                endpoint.blueprint.tags,
                key=lambda tag: ORDER.index(tag.name) if tag.name in ORDER else len(ORDER),
            ),
        }
    )
    made: dict[str, Any] = spec.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False)
    for path in made["paths"].values():
        if "post" in path:
            path["post"]["parameters"] = [*path["post"].get("parameters", []), deepcopy(REPEATABLE)]
        for one in path.get("get", {}).get("parameters", []):
            one["schema"] = _without_null(one["schema"])
    return made


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What an address can say: it leaves a filter out, there is no null in it."""
    kept = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    rest = {name: one for name, one in schema.items() if name != "anyOf" and (name, one) != ("default", None)}
    if len(kept) == 1:
        return {**kept[0], **rest}
    return {"anyOf": kept, **rest} if kept else rest


@dataclass(frozen=True)
class FieldLine:
    """One field as a line of the page."""

    name: str
    type: str
    needed: bool
    words: str


@dataclass(frozen=True)
class Operation:
    """One call as a box of the page."""

    id: str
    method: str
    path: str
    summary: str
    parameters: list[FieldLine]
    body: list[FieldLine]
    body_kind: str
    gives: list[FieldLine]
    problems: list[str]


@lru_cache
def sections(language: str) -> list[tuple[str, list[Operation]]]:
    """Every call, by noun, as the page tells it to a reader of this language."""
    made = document(language)
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in made["tags"]}
    for path, methods in made["paths"].items():
        for method in METHODS:
            if method in methods:
                found[methods[method]["tags"][0]].append(_operation(made, path, method, methods[method]))
    return list(found.items())


def _operation(made: dict[str, Any], path: str, method: str, it: dict[str, Any]) -> Operation:
    schema: dict[str, Any] = (
        it.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    )
    many = schema.get("type") == "array"
    good = next(status for status in it["responses"] if status.startswith("2"))
    gives = it["responses"][good]["content"]["application/json"]["schema"]
    return Operation(
        id=it["operationId"],
        method=method.upper(),
        path=path,
        summary=it["summary"],
        parameters=[
            _line(made, one["name"], one["schema"], one["required"], one.get("description", ""))
            for one in it.get("parameters", [])
            if one["name"] != HEADER
        ],
        body=list(_lines(made, schema.get("items", {}) if many else schema)),
        body_kind=_("数组，每一项：") if many else "",
        gives=list(_lines(made, gives)),
        problems=[status for status in sorted(it["responses"]) if status != good],
    )


def _lines(made: dict[str, Any], schema: dict[str, Any], before: str = "") -> Iterator[FieldLine]:
    """The fields of an object; those of an object inside follow under its name."""
    whole = _resolved(made, schema)
    needed = whole.get("required", [])
    for name, one in whole.get("properties", {}).items():
        yield _line(made, before + name, one, name in needed, one.get("description", ""))
        inner, many = _inside(made, one)
        if inner.get("properties") and before.count(".") < 2:
            yield from _lines(made, inner, f"{before}{name}{'[]' if many else ''}.")


def _inside(made: dict[str, Any], schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The object behind null, reference or array, and whether it is an array."""
    for one in [schema, *schema.get("anyOf", []), *schema.get("allOf", [])]:
        if one.get("type") == "array":
            return _resolved(made, one["items"]), True
        if "$ref" in one:
            return _resolved(made, one), False
    return {}, False


def _resolved(made: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = made["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _line(made: dict[str, Any], name: str, schema: dict[str, Any], needed: bool, words: str) -> FieldLine:
    return FieldLine(name, _type(made, schema), needed, words)


def _type(made: dict[str, Any], schema: dict[str, Any]) -> str:
    """A type with its limits, in words."""
    if "anyOf" in schema:
        return _(" 或 ").join(dict.fromkeys(_type(made, one) for one in schema["anyOf"]))
    if "$ref" in schema:
        return _(TYPES["object"])
    if "enum" in schema:
        return " · ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        kind = _type(made, schema.get("items", {}))
        if "maxItems" in schema:
            return _("{kind} 的数组，最多 {most} 个", kind=kind, most=f"{schema['maxItems']:,}")
        return _("{kind} 的数组", kind=kind)
    named = FORMATS.get(schema.get("format", "")) or TYPES.get(schema.get("type", ""), "")
    word = _(named) if named else ""
    if "maxLength" in schema:
        word = _("{kind}，最多 {most} 个字", kind=word, most=f"{schema['maxLength']:,}")
    if "minimum" in schema and "maximum" in schema and schema["maximum"] < 100_000:
        least, most = f"{schema['minimum']:g}", f"{schema['maximum']:g}"
        word = _("{kind}，{least} 到 {most}", kind=word, least=least, most=most)
    return word
