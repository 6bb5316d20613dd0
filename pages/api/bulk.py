"""Many rows at once, as a JSON array or as CSV: each row is judged by itself, the good ones are kept."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import Refused
from models.org.imports import HEADINGS, MEANINGS, bring_in
from models.org.spreadsheet import MAX_ROWS, read_rows
from pages.api import endpoint
from pages.api.idempotency import Once
from pages.api.problems import place_of, refuse, refuse_fields, words_of
from pages.api.schemas import Output
from pages.web.input_limits import MOST_BYTES
from pages.web.site import site

CSV = ("text/csv", "application/csv")


class RowFault(Output):
    """一行里不对的地方。"""

    row: int = Field(description="第几行，从 1 开始，不算表头")
    field: str
    words: str


class Brought(Output):
    """每一行的下落：新增、更新、没变，或者在 errors 里。好的行已经存下。"""

    rows: int
    added: int
    updated: int
    unchanged: int
    errors: list[RowFault]
    words: str


def accepts(noun: str, row: type[BaseModel], tag: str, words: str) -> None:
    """Mount POST /<noun> for rows like `row`."""

    def upsert() -> Response:
        token = endpoint.admit(writes=True)
        rows, raw = _rows(noun)
        once = Once.asked(token)
        if once:
            with site().db.read() as session:
                kept = once.kept(session)
            if kept:
                return endpoint.answer(*kept)
        brought = _bring(noun, row, rows, raw, endpoint.actor(token))
        return endpoint.answer(*endpoint.transaction(lambda session: _keep(session, brought, once)))

    upsert.__name__, upsert.__doc__ = f"upsert_{noun}", words
    _mount(upsert, noun, row, tag)


def _keep(session: Session, brought: Brought, once: Once | None) -> tuple[int, str]:
    """The answer to remember. Twice the same upsert changes nothing, so it may have run before another call with the
    same key was done; the first answer stays."""
    now, text = site().clock(), brought.model_dump_json()
    if once:
        if kept := once.begin(session, now):
            return kept
        once.keep(session, 200, text)
    return 200, text


def _rows(noun: str) -> tuple[list[Any], bool]:
    """What came, and whether it is JSON, which is checked by the row's model first."""
    if request.args:
        refuse_fields({next(iter(request.args))[:100]: "不认识这个参数，没有照收"})
    body = endpoint.raw_body(MOST_BYTES)
    if request.mimetype in CSV:
        return _csv(noun, body), False
    if not request.is_json:
        refuse(415, "正文要是 JSON 数组（application/json）或 CSV（text/csv）")
    try:
        rows = from_json(body, allow_inf_nan=False)
    except ValueError:
        refuse(400, "正文不是完整的 JSON，什么都没有存")
    if not isinstance(rows, list):
        refuse(422, "正文要是一个 JSON 数组，每一项是一行")
    if len(rows) > MAX_ROWS:
        refuse(413, f"一次最多 {MAX_ROWS:,} 行，这里有 {len(rows):,} 行。请分几次发")
    return rows, True


def _csv(noun: str, body: bytes) -> list[dict[str, Any]]:
    try:
        rows = read_rows(body)
    except Refused as refused:
        refuse(413 if "最多" in refused.words else 422, refused.words)
    known = {spelling for spellings in HEADINGS.values() for spelling in spellings} | set(
        MEANINGS.get(noun, {})
    )
    headings = {str(name).strip() for name in rows[0]} if rows else set()
    if strange := sorted(
        name for name in headings if name and name not in known and name.lower() not in known
    ):
        refuse_fields({name[:100]: "不认识这一列，一行都没有存" for name in strange[:20]})
    return rows


def _bring(noun: str, model: type[BaseModel], rows: Sequence[Any], raw: bool, who: str) -> Brought:
    """Judge every row by its model, then by the noun; a row that failed the first is not shown to the second."""
    faults: list[RowFault] = []
    good: list[tuple[int, dict[str, Any]]] = []
    for number, row in enumerate(rows, 1):
        found = _judge(model, number, row) if raw else []
        faults += found
        if not found:
            good.append((number, row))
    fit, spoilt = [row for _, row in good], len(rows) - len(good)
    try:
        done = bring_in(site().db, noun, fit, who, site().clock(), spoilt=spoilt)
    except IntegrityError:
        refuse(409, "同一时刻有人在写同样的编号。前面的行可能已经存下，请再发一次，存过的不会变")
    faults += [
        RowFault(row=good[error.row - 1][0], field=error.field, words=error.words) for error in done.errors
    ]
    faults.sort(key=lambda one: one.row)
    return Brought(
        rows=len(rows),
        added=done.added,
        updated=done.updated,
        unchanged=done.unchanged,
        errors=faults,
        words=done.words,
    )


def _judge(model: type[BaseModel], number: int, row: Any) -> list[RowFault]:
    try:
        model.model_validate(row)
    except ValidationError as error:
        return [
            RowFault(row=number, field=place_of(one), words=words_of(one))
            for one in error.errors(include_url=False)[:10]
        ]
    return []


def _mount(view: Any, noun: str, row: type[BaseModel], tag: str) -> None:
    items = {"$ref": f"#/components/schemas/{row.__name__}"}
    body = {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "maxItems": MAX_ROWS, "items": items}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
    endpoint.note_model(row)
    responses: Any = {
        "200": Brought,
        **endpoint.problems("400", "401", "403", "409", "413", "415", "422", "429"),
    }
    view.__delay_validate_request__ = True
    endpoint.blueprint.post(
        f"/{noun}", tags=[Tag(name=tag)], responses=responses, openapi_extensions={"requestBody": body}
    )(view)
