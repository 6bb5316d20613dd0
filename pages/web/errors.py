"""Pages for what went wrong: what happened, what it means, who does what next; never a traceback."""

import logging
import secrets

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from models.org import spreadsheet
from models.sentences import Sentence
from pages.web.formatting import size
from pages.web.i18n import _
from posters import pictures

log = logging.getLogger(__name__)

WORDS = {
    400: ("这个请求不完整", "什么都没有改。请回到上一页刷新后再试"),
    401: ("请先登录", "登录后会回到这里"),
    403: ("这里不归你看", "你的账号没有这一页的权限。需要的话，请总部的管理员调整"),
    404: ("没有这一页", "地址可能写错了，或者这一行不在你的范围里"),
    405: ("这个地址不能这样用", "请从页面上的按钮进来"),
    409: ("同一时刻有人写了同一样东西", "什么都没有改。请回到上一页看一眼再试"),
    413: (
        "内容太大",
        Sentence(
            "图片最大 {picture}，表格最大 {table}。请变小后再传",
            picture=size(pictures.MAX_BYTES),
            table=size(spreadsheet.MAX_BYTES),
        ),
    ),
    429: ("试得太快", "请稍等再试"),
    503: ("现在太忙", "同时上传的人太多。什么都没有改，请过一分钟再传"),
    500: ("我们这边出错了", "什么都没有丢：已经记下的都在。请把下面的编号告诉管理员"),
}


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, explain)
    app.register_error_handler(IntegrityError, too_late)
    app.register_error_handler(Exception, confess)


def explain(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or 500
    own = error.description if "description" in vars(error) else None
    response = make_response(answer(code, own))
    for name, value in error.get_headers():  # Allow, Retry-After, WWW-Authenticate
        if not name.startswith("Content-"):
            response.headers[name] = value
    return response


def too_late(error: IntegrityError) -> ResponseReturnValue:
    """Two wrote the same thing at the same moment; the database let the first one."""
    log.warning("somebody was quicker: %s %s: %s", request.method, request.path, error.orig)
    return answer(409, None)


def confess(error: Exception) -> ResponseReturnValue:
    number = secrets.token_hex(4)
    log.exception("request %s failed: %s %s", number, request.method, request.path)
    return answer(500, None, number)


def come_again(words: str, seconds: int) -> Response:
    """429: the page comes again by itself, and a program reads when it may."""
    response = make_response(answer(429, words))
    response.headers["Retry-After"] = response.headers["Refresh"] = str(seconds)
    return response


def answer(code: int, own: str | None, number: str = "") -> ResponseReturnValue:
    title, next_step = WORDS.get(code, WORDS[500 if code >= 500 else 400])
    if request.path.startswith("/api/"):
        made = jsonify(type="about:blank", title=_(title), status=code, detail=_(own or next_step))
        made.mimetype = "application/problem+json"
        return made, code
    if request.path.startswith("/callback/"):
        return make_response(title, code, {"Content-Type": "text/plain; charset=utf-8"})
    page = "web/error_fragment.html" if request.headers.get("HX-Request") else "web/error.html"
    return render_template(page, code=code, title=title, next_step=own or next_step, number=number), code
