"""The OpenAPI document agrees with the addresses, refers to nothing that is not there, and reads well in a browser."""

import json
import re

import pytest

from pages.api.openapi import document

METHODS = {"get", "post", "patch", "put", "delete"}
TOKEN_FREE = re.compile(r"secret|encrypted|token_hash|welcome_code|config_id|key_hash|unread")


def every(part):
    """Every object inside the document."""
    if isinstance(part, dict):
        yield part
        for one in part.values():
            yield from every(one)
    elif isinstance(part, list):
        for one in part:
            yield from every(one)


def operations():
    return [
        (path, method, it) for path, methods in document()["paths"].items() for method, it in methods.items()
    ]


def test_it_is_served_to_everybody_as_openapi_3_1(api):
    answer = api.app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["openapi"].startswith("3.1.")
    assert set(told) >= {"openapi", "info", "paths", "components", "tags"}
    assert told["info"]["title"]
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_it_names_every_address_and_no_other(api_app):
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in api_app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations()} == served


def test_every_reference_leads_somewhere():
    schemas = document()["components"]["schemas"]
    for one in every(document()):
        if isinstance(one.get("$ref"), str):
            assert one["$ref"].removeprefix("#/components/schemas/") in schemas, one


def test_every_call_has_a_name_words_answers_and_its_path_s_parameters():
    names = [it["operationId"] for _, _, it in operations()]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in document()["tags"]}
    for path, method, it in operations():
        assert method in METHODS
        assert it["summary"], path
        assert set(it["tags"]) <= tags
        assert it["security"] == [{"token": []}]
        assert {"401", "429"} <= set(it["responses"])
        assert any(status.startswith("2") for status in it["responses"])
        for status, answer in it["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d", status)
            assert answer["description"]
            assert answer["content"]
        known = [(one["name"], one["in"]) for one in it.get("parameters", [])]
        assert len(known) == len(set(known))
        assert set(re.findall(r"{(\w+)}", path)) == {name for name, place in known if place == "path"}
        assert (
            ("Idempotency-Key", "header") in known
            if method == "post"
            else ("Idempotency-Key", "header") not in known
        )
        for one in it.get("parameters", []):
            assert one["in"] in ("path", "query", "header")
            assert one["required"] or one["in"] != "path"
            assert one["schema"]


def test_every_schema_is_made_of_known_types():
    types = {"string", "integer", "number", "boolean", "array", "object", "null"}
    for one in every(document()["components"]["schemas"]):
        if isinstance(one.get("type"), str) and "title" not in one.get("properties", {}):
            assert one["type"] in types
        if one.get("type") == "array":
            assert one["items"]
        if isinstance(one.get("required"), list):
            assert set(one["required"]) <= set(one.get("properties", {}))


def test_every_body_refuses_what_it_does_not_name_I02():
    schemas = document()["components"]["schemas"]
    for path, _, it in operations():
        schema = it.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        schema = schema.get("items", schema)
        if schema:
            assert schemas[schema["$ref"].rpartition("/")[2]]["additionalProperties"] is False, path


def test_no_answer_has_a_field_for_a_secret():
    for name, schema in document()["components"]["schemas"].items():
        for field in schema.get("properties", {}):
            assert not TOKEN_FREE.search(field), f"{name}.{field}"


def test_the_page_shows_every_call_without_a_script_of_its_own(api):
    answer = api.app.test_client().get("/api/docs")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<style" not in page
    assert " style=" not in page
    assert not re.findall(r"<script(?! src=\"/assets/)", page)
    assert not re.findall(r"(?:src|href)=\"(?!/|#)", page)
    for path, method, it in operations():
        assert f'id="{it["operationId"]}"' in page
        assert path in page, method
    assert "最多 40 个字" in page
    assert "1 到 200" in page


@pytest.mark.browser
def test_the_page_opens_in_a_browser_at_desk_and_phone_size(browser, api, serve, tmp_path):
    base = serve(api)
    chinese, english = ("zh-CN", "最多 4,000 字节"), ("en-GB", "At most 4,000 bytes")
    for width, height, (locale, words) in ((1440, 900, chinese), (390, 844, chinese), (360, 740, english)):
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        page, said = context.new_page(), []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.goto(f"{base}/api/docs")
        page.locator("#create_campaign summary").click()
        page.locator("#create_campaign").get_by_text(words).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.screenshot(path=str(tmp_path / f"docs-{width}.png"))
        assert said == []
        context.close()


def says_null(schema):
    parts = [schema, *schema.get("anyOf", [])]
    return any(one.get("type") == "null" or "null" in (one.get("type") or ()) for one in parts)


def fields_of_bodies():
    """Every field of every JSON body: (method, path, field, whether the document lets it be null)."""
    schemas = document()["components"]["schemas"]
    for path, method, it in operations():
        body = it.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        many = body.get("type") == "array"
        body = body.get("items", body)
        whole = schemas[body["$ref"].rpartition("/")[2]] if "$ref" in body else body
        for name, schema in whole.get("properties", {}).items():
            yield method, path, name, says_null(schema), many


def test_what_the_document_lets_be_null_may_be_null_and_nothing_else_may(api):
    """A null beside nothing else: the field is complained of exactly where the document has no null."""
    tried = 0
    for method, path, name, may, many in fields_of_bodies():
        address = path.removeprefix("/api/v1").replace("{number}", "1")
        body = [{name: None}] if many else {name: None}
        told = api.call(method.upper(), address, json=body).get_json()
        errors = [one for one in told.get("errors", []) if "要填一个" not in one["words"]]
        complained = {one["field"].partition(".")[0] for one in errors}
        if may and many:  # a row says of a cell only that a new row needs it
            complained = {one["field"] for one in told.get("errors", []) if "不能空着" not in one["words"]}
        assert (name in complained) == (not may), f"{method} {path} {name}: {told}"
        tried += 1
    assert tried > 30


def test_an_address_never_says_null():
    for path, _method, it in operations():
        for one in it.get("parameters", []):
            assert (
                not says_null(one["schema"])
                and "default" not in one["schema"]
                or one["schema"].get("default") is not None
            ), f"{path} {one['name']}"


PEOPLES = re.compile(r"\{(门店名|导购名|门店地址)\}|中文")
"""What stands so in every language: the places of a text, and the switch"""


def test_document_and_page_are_english_for_whom_asks(api):
    visit = api.app.test_client()
    told = visit.get("/api/openapi.json?lang=en").get_data(as_text=True)
    page = visit.get("/api/docs").get_data(as_text=True)
    for text in (json.dumps(json.loads(told), ensure_ascii=False, indent=1), page):
        assert [
            line for line in text.splitlines() if re.search("[\u4e00-\u9fff]", PEOPLES.sub("", line))
        ] == []
    assert '?lang=zh"' in page and "<h1>API for the retailer&#39;s own systems</h1>" in page
    program = api.app.test_client().get("/api/openapi.json", headers={"Accept-Language": "en"}).get_json()
    assert program == json.loads(told)
    used = {tag for methods in program["paths"].values() for it in methods.values() for tag in it["tags"]}
    assert used == {tag["name"] for tag in program["tags"]}
