"""Whatever comes, the answer is an answer: no body, address or header leads to a 500."""

import json
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pages.api.openapi import document
from pages.web import quotas
from tests.pages.api.conftest import CSV, open_api

EVIL = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e",
    "𝕏" * 70,
    "x" * 5000,
    "' OR 1=1 --",
    "%",
    "_",
    "{{7*7}}",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-20T10:00:00+08:00",
    "wangfang",
    "northeast",
    "http://169.254.169.254/?key=aaaaaaaa",
    "draft",
    "poster",
    "headline",
    "true",
    "NaN",
    "1e999",
    "=1+1",
]
HUGE = st.sampled_from([2**31 - 1, 2**31, 2**63, -(2**63) - 1, 10**300])
WORDS = st.one_of(st.sampled_from(EVIL), st.text(max_size=12))
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.integers(), HUGE, st.floats(), WORDS)
ANY = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=8
)
RAW = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"[" * 50_000,
            b'{"a":' * 20_000,
            b"\xef\xbb\xbf[]",
            b"[1e999999]",
            b'["\\ud800"]',
            b"[]",
            b"{}",
            b"9" * 5000,
            b'{"name": "a", "name": "b"}',
        ]
    ),
)
KINDS = ["application/json"] * 6 + [CSV, "text/plain", "application/json; charset=gbk", "x/y+json"]
KEYS = [None, None, "k1", "k2", "x" * 200]
SOFT = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
CALLS = [
    (path, method, it) for path, methods in document()["paths"].items() for method, it in methods.items()
]
BODIES = {(path, method): it for path, method, it in CALLS if method != "get"}
LISTS = {path: it for path, method, it in CALLS if method == "get"}


def shaped(schema, schemas, depth=0):
    """Bodies that have the right fields often enough to get past the first check, with good and with evil values."""
    if "$ref" in schema:
        return shaped(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth)
    if "anyOf" in schema:
        return st.one_of(*(shaped(one, schemas, depth) for one in schema["anyOf"]), ANY)
    if "enum" in schema:
        return st.one_of(st.sampled_from(schema["enum"]), st.sampled_from(schema["enum"]), PLAIN)
    kind = schema.get("type")
    if kind == "array":
        return st.one_of(st.lists(shaped(schema["items"], schemas, depth + 1), max_size=4), PLAIN)
    if kind == "object" and depth < 4:
        fields = {name: shaped(one, schemas, depth + 1) for name, one in schema.get("properties", {}).items()}
        needed = {name: fields.pop(name) for name in schema.get("required", [])}
        return st.one_of(*[st.fixed_dictionaries(needed, optional=fields)] * 4, ANY)
    good = {"integer": st.integers(1, 4), "boolean": st.booleans(), "number": st.floats(-200, 200)}.get(kind)
    if schema.get("format") == "date-time":
        good = st.sampled_from(
            ["2026-11-20T10:00:00+08:00", "2026-11-20T18:00:00+08:00", "2026-11-21T10:00:00Z"]
        )
    if kind == "string" and good is None:
        good = st.sampled_from(["wangfang", "northeast", "zhongjie", "活动", "雪" * 30])
    return st.one_of(good, good, good, PLAIN) if good is not None else ANY


def body_of(it):
    schema = it.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return shaped(schema, document()["components"]["schemas"]) if schema else ANY


def test_no_body_of_any_call_leads_to_a_500(api_app, database):
    shop = open_api(api_app, database)

    @SOFT
    @given(st.data())
    def hostile(data):
        quotas.install(api_app, "")
        path, method = data.draw(st.sampled_from(sorted(BODIES)))
        address = path.replace("{number}", str(data.draw(st.sampled_from([1, 2, 999])))).removeprefix(
            "/api/v1"
        )
        good = body_of(BODIES[path, method]).map(lambda content: json.dumps(content).encode())
        body = data.draw(st.one_of(good, good, good, RAW))
        kind, key = data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(KEYS))
        headers = {"Idempotency-Key": key} if key else {}
        answer = shop.call(method.upper(), address, data=body, content_type=kind, headers=headers)
        judge(answer, f"{method} {address} {body[:200]!r}")

    hostile()


def test_no_question_leads_to_a_500(api_app, database):
    shop = open_api(api_app, database)

    @SOFT
    @given(st.data())
    def hostile(data):
        quotas.install(api_app, "")
        path = data.draw(st.sampled_from(sorted(LISTS)))
        names = [one["name"] for one in LISTS[path].get("parameters", []) if one["in"] == "query"] or ["x"]
        values = st.one_of(st.sampled_from(EVIL), st.text(max_size=8), st.integers().map(str))
        query = data.draw(st.dictionaries(st.sampled_from([*names, "x"]), values, max_size=3))
        query = {
            name: str(value).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            for name, value in query.items()
        }
        number = data.draw(st.sampled_from(["1", "2", "0", "-1", "99999999999999999999", "x", "%00"]))
        answer = shop.call(
            "GET", path.replace("{number}", number).removeprefix("/api/v1"), query_string=query
        )
        judge(answer, f"{path} {number} {query}")

    hostile()


def judge(answer, what):
    """A good answer, or a problem with words and without anything of the machine room (I12)."""
    assert answer.status_code < 500, f"{what}: {answer.get_data(as_text=True)[:500]}"
    if answer.status_code >= 400:
        told = answer.get_json()
        assert answer.mimetype == "application/problem+json", what
        assert told["status"] == answer.status_code
        assert re.search(r"[一-鿿]", told["title"] + told["detail"]), what
        assert all(one["words"] for one in told.get("errors", []))
        assert not re.search(
            r"Traceback|sqlalchemy|psycopg|pydantic|site-packages", answer.get_data(as_text=True)
        )
