"""What every call of the JSON API passes: token, scope, rate limit, input, idempotency and the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, get_type_hints

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.schema import Schema
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from werkzeug.exceptions import RequestEntityTooLarge

from models.accounts import api_tokens
from models.accounts.api_tokens import ApiToken
from models.errors import Refused
from models.sentences import Sentence
from pages.api import rate_limit
from pages.api.idempotency import Once
from pages.api.problems import MIME, TITLES, refuse, refuse_fields, refuse_input
from pages.web.site import site

View = Callable[..., BaseModel]
MOST_BYTES = 1_000_000
"""A JSON body of one row; lists have a limit of their own."""
PROBLEMS: dict[str, Any] = {
    str(status): {
        "description": title,
        "content": {MIME: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, title in TITLES.items()
}
ALWAYS = ("401", "429")

blueprint = APIBlueprint(
    "api",
    __name__,
    url_prefix="/api/v1",
    abp_security=[{"token": []}],
    operation_id_callback=lambda *, name, path, method: name,
)


@dataclass(frozen=True)
class ApiCall:
    """One admitted call inside its transaction."""

    session: Session
    now: datetime
    actor: str
    """api:<name of the token>, as the audit names it"""

    def found(self, row: Any) -> Any:
        """The row, or 404."""
        return row if row is not None else refuse(404, "没有这个编号")


def reads(rule: str, gives: type[BaseModel], tag: str) -> Callable[[View], View]:
    """A view that only looks."""

    def mount(view: View) -> View:
        parts = Inputs.of(view)

        @wraps(view)
        def guarded(**path: Any) -> Response:
            token = admit(writes=False)
            inputs = parts.read(path)
            with site().db.read() as session:
                made = view(ApiCall(session, site().clock(), api_tokens.actor_of(token)), **inputs)
            return answer(200, made.model_dump_json())

        return _mount("get", rule, view, guarded, gives, 200, tag, ("404", "422") if parts.path else ("422",))

    return mount


def changes(
    rule: str,
    gives: type[BaseModel],
    tag: str,
    *,
    status: int = 200,
    method: str = "post",
    writes: bool = True,
) -> Callable[[View], View]:
    """A view that changes something, in one transaction, once per Idempotency-Key."""

    def mount(view: View) -> View:
        parts = Inputs.of(view)

        @wraps(view)
        def guarded(**path: Any) -> Response:
            token = admit(writes=writes)
            inputs = parts.read(path)
            once = Once.asked(token) if method == "post" else None

            def work(session: Session) -> tuple[int, str]:
                now = site().clock()
                if once and (kept := once.begin(session, now)):
                    return kept
                text = view(ApiCall(session, now, api_tokens.actor_of(token)), **inputs).model_dump_json()
                if once:
                    once.keep(session, status, text)
                return status, text

            return answer(*transaction(work))

        kinds = (
            ("400", "403", "404", "409", "413", "415", "422")
            if writes
            else ("400", "404", "413", "415", "422")
        )
        return _mount(method, rule, view, guarded, gives, status, tag, kinds)

    return mount


def changes_many(rule: str, gives: type[BaseModel], tag: str) -> Callable[[View], View]:
    """A view that changes many rows in short transactions of its own; with an Idempotency-Key it answers again what it
    answered first."""

    def mount(view: View) -> View:
        @wraps(view)
        def guarded() -> Response:
            token = admit(writes=True)
            Inputs().read({})
            return through(token, lambda: view(api_tokens.actor_of(token)))

        return _mount("post", rule, view, guarded, gives, 200, tag, ("400", "403", "409", "413", "422"))

    return mount


def tries(rule: str, gives: type[BaseModel], tag: str) -> Callable[[View], View]:
    """A call with a body that writes nothing; it takes long, so it reads in short transactions of its own."""

    def mount(view: View) -> View:
        parts = Inputs.of(view)

        @wraps(view)
        def guarded() -> Response:
            admit(writes=False)
            inputs = parts.read({})
            try:
                return answer(200, view(**inputs).model_dump_json())
            except Refused as refused:
                refuse_fields(refused.faults or {"": refused.words})

        return _mount("post", rule, view, guarded, gives, 200, tag, ("400", "404", "413", "415", "422"))

    return mount


def through(token: ApiToken, work: Callable[[], BaseModel]) -> Response:
    """Do what has transactions of its own, and remember the answer.

    Twice it changes nothing more, so it may have run before another call with the same key was done: the first answer
    stays.
    """
    once = Once.asked(token)
    if once:
        with site().db.read() as session:
            kept = once.kept(session)
        if kept:
            return answer(*kept)
    text = work().model_dump_json()

    def remember(session: Session) -> tuple[int, str]:
        if once:
            if before := once.begin(session, site().clock()):
                return before
            once.keep(session, 200, text)
        return 200, text

    return answer(*transaction(remember))


def transaction(work: Callable[[Session], tuple[int, str]]) -> tuple[int, str]:
    """Run it; a rule that says no, or somebody who was quicker, is a 409 and changes nothing."""
    try:
        return site().db.run(work)
    except Refused as refused:
        if refused.faults:
            refuse_fields(refused.faults)
        refuse(409, refused.words)
    except IntegrityError:
        refuse(409, "同一时刻有人写了同一样东西。什么都没有改，请看一眼再试")


def admit(*, writes: bool) -> ApiToken:
    """The token of this call, if it may do this and does not come too fast."""
    now = site().clock()
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    with site().db.read() as session:
        token = api_tokens.find(session, text.strip()) if scheme.lower() == "bearer" else None
    rate_limit.check(
        f"token:{token.id}" if token else f"stranger:{request.remote_addr}", known=token is not None, now=now
    )
    if token is None:
        refuse(
            401,
            "请在 Authorization 里带上「Bearer 令牌」。令牌由管理员用 python server.py token create 生成，只显示一次",
            headers={"WWW-Authenticate": 'Bearer realm="onetap"'},
        )
    if writes and not token.writes:
        refuse(403, "这个令牌只能读。要写，请管理员生成一个能写的令牌")
    if api_tokens.used(token, now):
        with site().db.write() as session:
            session.get_one(ApiToken, token.id).used_at = now
    return token


@dataclass(frozen=True)
class Inputs:
    """The models that a view names for what comes in."""

    path: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None

    @classmethod
    def of(cls, view: View) -> "Inputs":
        hints = get_type_hints(view)
        return cls(hints.get("path"), hints.get("query"), hints.get("body"))

    def read(self, path: dict[str, Any]) -> dict[str, BaseModel]:
        """Everything checked, or 400, 404, 413, 415 or 422."""
        found: dict[str, BaseModel] = {}
        if self.path:
            try:
                found["path"] = self.path.model_validate(path)
            except ValidationError:
                refuse(404, "没有这个编号")
        found |= {"query": _query(self.query)} if self.query else _query_is_empty()
        if self.body:
            found["body"] = _body(self.body)
        elif request.method != "GET" and raw_body(MOST_BYTES).strip() not in (b"", b"{}"):
            refuse_fields({"": "这个调用不收正文，请留空"})
        return found


def _query(model: type[BaseModel]) -> BaseModel:
    if twice := [name for name, values in request.args.lists() if len(values) > 1]:
        refuse_fields({twice[0][:100]: "只能写一次"})
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        refuse_input(error)


def _query_is_empty() -> dict[str, BaseModel]:
    if request.args:
        refuse_fields({next(iter(request.args))[:100]: "不认识这个参数，没有照收"})
    return {}


def _body(model: type[BaseModel]) -> BaseModel:
    raw = raw_body(MOST_BYTES).strip()
    if raw and not request.is_json:
        refuse(415, "正文要是 JSON，并写明 Content-Type: application/json")
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        refuse_input(error)


def raw_body(most: int) -> bytes:
    """The bytes that came, at most so many."""
    request.max_content_length = min(most, request.max_content_length or most)
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        refuse(413, Sentence("正文最大 {most:,} 字节。请分几次发", most=most))


def answer(status: int, text: str) -> Response:
    return Response(text, status, mimetype="application/json")


def problems(*statuses: str) -> dict[str, Any]:
    """The bad ends of a call, for the document."""
    return {one: dict(PROBLEMS[one]) for one in statuses}


def note_model(model: type[BaseModel]) -> None:
    """Make a model known to the document that no view names as its body."""
    whole = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, schema in {model.__name__: whole, **whole.pop("$defs", {})}.items():
        blueprint.components_schemas[name] = Schema(**schema)


def _mount(
    method: str,
    rule: str,
    view: View,
    guarded: Callable[..., Response],
    gives: type[BaseModel],
    status: int,
    tag: str,
    kinds: tuple[str, ...],
) -> View:
    """Hang it in; flask-openapi3 notes its models, and leaves reading the request to us."""
    responses = {str(status): gives, **problems(*sorted({*ALWAYS, *kinds}))}
    guarded.__delay_validate_request__ = True  # type: ignore[attr-defined]
    getattr(blueprint, method)(rule, tags=[Tag(name=tag)], responses=responses)(guarded)
    return view
