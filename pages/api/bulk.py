"""Many rows at once, as a JSON array, CSV or XLSX: each row is judged by itself, the good ones are kept."""

from typing import Any

from flask import Response, request
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import from_json
from sqlalchemy.exc import IntegrityError

from models.accounts import api_tokens
from models.errors import Refused
from models.org import imports, workbooks
from models.org.columns import Sheet
from models.org.spreadsheet import MAX_ROWS
from models.sentences import Sentence
from pages.api import endpoint
from pages.api.problems import place_of, refuse, refuse_fields, words_of
from pages.api.schemas import Output
from pages.web.i18n import _
from pages.web.input_limits import MOST_BYTES
from pages.web.site import site

TABLES = ("text/csv", "application/csv", workbooks.MIME)


class RowWords(Output):
    """关于一行的话。"""

    row: int = Field(description="第几行：表格按表格软件的行号，JSON 从 1 数起")
    field: str = Field(description="哪一列：表格里的表头，或 JSON 的字段；整行不对时为空")
    words: str


class RowFault(RowWords):
    """一行里不对的地方。"""


class Brought(Output):
    """每一行的下落：新增、更新、没变、跳过，或者在 errors 里。好的行已经存下。"""

    rows: int
    added: int
    updated: int
    unchanged: int
    skipped: int = Field(description="合计和重复的表头，没有存")
    errors: list[RowFault]
    notes: list[RowWords] = Field(description="收下了、但要知道的行，例如写的是导购原来的账号")
    words: str


def accepts(noun: str, row: type[BaseModel], tag: str, words: str) -> None:
    """Mount POST /<noun> for rows like `row`."""

    def upsert() -> Response:
        token = endpoint.admit(writes=True)
        sheet, faults = _sheet(noun, row)
        return endpoint.through(token, lambda: _bring(sheet, faults, api_tokens.actor_of(token)))

    upsert.__name__, upsert.__doc__ = f"upsert_{noun}", words
    _mount(upsert, noun, row, tag)


def _sheet(noun: str, model: type[BaseModel]) -> tuple[Sheet, list[RowFault]]:
    """What came, as a list, and what was wrong with rows that are none of this noun."""
    if request.args:
        refuse_fields({next(iter(request.args))[:100]: "不认识这个参数，没有照收"})
    body = endpoint.raw_body(MOST_BYTES)
    if request.mimetype in TABLES:
        return _table(noun, body), []
    if not request.is_json:
        refuse(415, "正文要是 JSON 数组（application/json）、CSV（text/csv）或 XLSX")
    try:
        rows = from_json(body, allow_inf_nan=False)
    except ValueError:
        refuse(400, "正文不是完整的 JSON，什么都没有存")
    if not isinstance(rows, list):
        refuse(422, "正文要是一个 JSON 数组，每一项是一行")
    if len(rows) > MAX_ROWS:
        refuse(413, Sentence("一次最多 {most:,} 行，这里有 {n:,} 行。请分几次发", most=MAX_ROWS, n=len(rows)))
    judged = [(number, row, _judge(model, number, row)) for number, row in enumerate(rows, 1)]
    fit = [(number, row) for number, row, faults in judged if not faults]
    return imports.sheet_of(noun, fit), [fault for _, _, faults in judged for fault in faults]


def _table(noun: str, body: bytes) -> Sheet:
    try:
        sheet = imports.read(noun, body)
    except Refused as refused:
        refuse(413 if "最多" in refused.words else 422, refused.words)
    if sheet.unused:
        refuse_fields({name[:100]: "不认识这一列，一行都没有存" for name in sheet.unused[:20]})
    return sheet


def _bring(sheet: Sheet, faults: list[RowFault], who: str) -> Brought:
    """Judge every row by its noun, after its model has: a row that failed the first is not shown to the second."""
    spoilt = len({fault.row for fault in faults})
    try:
        done = imports.bring_in(site().db, sheet, who, site().clock(), spoilt=spoilt)
    except IntegrityError:
        refuse(409, "同一时刻有人在写同样的编号。前面的行可能已经存下，请再发一次，存过的不会变")
    faults += [RowFault(row=error.row, field=error.field, words=error.words) for error in done.errors]
    faults.sort(key=lambda one: one.row)
    return Brought(
        rows=done.added + done.updated + done.unchanged + done.bad + len(done.skipped),
        added=done.added,
        updated=done.updated,
        unchanged=done.unchanged,
        skipped=len(done.skipped),
        errors=faults,
        notes=[RowWords(row=note.row, field=note.field, words=note.words) for note in done.notes],
        words=done.words,
    )


def _judge(model: type[BaseModel], number: int, row: Any) -> list[RowFault]:
    try:
        model.model_validate(row)
    except ValidationError as error:
        return [
            RowFault(row=number, field=place_of(one), words=_(words_of(one)))
            for one in error.errors(include_url=False)[:10]
        ]
    return []


def _mount(view: Any, noun: str, row: type[BaseModel], tag: str) -> None:
    items = {"$ref": f"#/components/schemas/{row.__name__}"}
    body = {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "maxItems": MAX_ROWS, "items": items}},
            TABLES[0]: {"schema": {"type": "string"}},
            TABLES[-1]: {"schema": {"type": "string", "format": "binary"}},
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
