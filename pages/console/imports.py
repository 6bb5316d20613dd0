"""Bringing in branches, stores and guides from the retailer's own lists: every row checked, good ones kept."""

import csv
import io

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from models.errors import Refused
from models.org import imports
from models.org.imports import Imported
from pages.web import access, input_limits
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("imports", __name__, url_prefix="/console/import")
NOUNS = {"branches": "分公司", "stores": "门店", "guides": "导购"}
HEADINGS = {
    "branches": (("编号", "名称"), ("dongbei", "东北分公司")),
    "stores": (
        ("门店编号", "门店名称", "分公司编号", "地址", "纬度", "经度", "部门编号"),
        ("sy-zj", "沈阳中街店", "dongbei", "沈阳市沈河区中街路 128 号", "41.8016", "123.4667", "11"),
    ),
    "guides": (("企业微信账号", "姓名", "门店编号", "店长"), ("wangfang", "王芳", "sy-zj", "否")),
}
"""(headings, one row as an example) of the sheet for each noun"""
ERRORS_SHOWN = 200


@blueprint.get("")
@access.hq_only
def form() -> ResponseReturnValue:
    noun = request.args.get("noun", "stores")
    return _page(noun if noun in NOUNS else "stores")


@blueprint.post("")
@access.hq_only
@input_limits.takes_files
def bring_in() -> ResponseReturnValue:
    """Rows are upserted by the retailer's own codes, so the same file again changes nothing."""
    noun, file, now = request.form.get("noun", ""), request.files.get("file"), site().clock()
    if noun not in NOUNS:
        abort(400)
    content = file.read() if file else b""
    if not content:
        return _page(noun, fault=_("请先选一个文件，XLSX、CSV 或 JSON 都可以")), 422
    try:
        done = imports.import_bytes(site().db, noun, content, access.viewer().name, now)
    except Refused as refused:
        return _page(noun, fault=refused.words), 422
    return _page(noun, done=done)


@blueprint.get("/<noun>.csv")
@access.hq_only
def template(noun: str) -> ResponseReturnValue:
    """A sheet to fill in, with one row as an example; spreadsheet programs need the mark at its beginning."""
    if noun not in NOUNS:
        abort(404)
    text = io.StringIO()
    csv.writer(text).writerows(HEADINGS[noun])
    headers = {"Content-Disposition": f'attachment; filename="{noun}.csv"'}
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


def _page(noun: str, *, fault: str = "", done: Imported | None = None) -> str:
    return render_template(
        "console/import.html",
        noun=noun,
        nouns=NOUNS,
        headings=HEADINGS[noun],
        fault_=fault,
        done=done,
        errors=done.errors[:ERRORS_SHOWN] if done else [],
        here="stores",
    )
