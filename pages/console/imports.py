"""Bringing in branches, stores, guides and shifts from the retailer's own lists: every row checked, good ones kept."""

import csv
import io
from datetime import datetime

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from models.accounts import Account
from models.errors import Refused
from models.org import imports, uploads, workbooks
from models.org.cells import shown
from models.org.columns import KEYS, SPELLINGS, Sheet
from models.org.imports import ROWS_SHOWN, Imported
from pages.web import access, input_limits
from pages.web.i18n import _
from pages.web.site import site

blueprint = Blueprint("imports", __name__, url_prefix="/console/import")
NOUNS = {"branches": "分公司", "stores": "门店", "guides": "导购", "shifts": "排班"}
EXAMPLES = {
    "branches": ("dongbei", "东北分公司"),
    "stores": (
        *("sy-zj", "沈阳中街店", "dongbei", "沈阳", "沈阳市沈河区中街路 128 号", "41.8016", "123.4667"),
        *("10:00", "22:00", "11", "否"),
    ),
    "guides": ("wangfang", "王芳", "sy-zj", "否"),
    "shifts": ("wangfang", "2026-11-19", "否", "14:00", "22:00", "晚班"),
}
"""One row of the template of each noun"""
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
    """First a look at what a file would do, with nothing stored; then the yes to just that file."""
    noun, account, now = request.form.get("noun", ""), access.viewer(), site().clock()
    if noun not in NOUNS:
        abort(400)
    if "upload" in request.form:
        return _confirm(request.form["upload"][:32], account, now)
    file = request.files.get("file")
    content = file.read() if file else b""
    if not content:
        return _page(noun, fault=_("请先选一个文件，XLSX、CSV 或 JSON 都可以")), 422
    try:
        sheet = imports.read(noun, content)
    except Refused as refused:
        return _page(noun, fault=refused.words), 422
    done = imports.look(site().db, sheet, now)
    name, of = (file.filename if file else "") or "", account.id or 0
    upload = site().db.run(
        lambda session: uploads.keep(session, noun=noun, name=name, content=content, account_id=of, now=now)
    )
    return _page(noun, done=done, sheet=sheet, upload=upload, file_name=name)


def _confirm(code: str, account: Account, now: datetime) -> ResponseReturnValue:
    """Rows are upserted by the retailer's own codes, so the same yes again changes nothing."""
    of = account.id or 0
    with site().db.read() as session:
        kept = uploads.find(session, code, of, now)
    if kept is None:
        noun = request.form["noun"]
        return _page(noun, fault=_("这一份已经导入过，或者预览超过了两小时。请再选一次文件")), 410
    try:
        done = imports.import_bytes(site().db, kept.noun, kept.content, account.name, now)
    except Refused as refused:
        return _page(kept.noun, fault=refused.words), 422
    site().db.run(lambda session: uploads.drop(session, of))
    return _page(kept.noun, done=done, file_name=kept.name)


@blueprint.get("/<noun>.<any(csv, xlsx):kind>")
@access.hq_only
def template(noun: str, kind: str) -> ResponseReturnValue:
    """A sheet to fill in, with one row as an example; a CSV needs the mark at its beginning."""
    if noun not in NOUNS:
        abort(404)
    rows = [_headings(noun), list(EXAMPLES[noun])]
    headers = {"Content-Disposition": f'attachment; filename="{noun}.{kind}"'}
    if kind == "xlsx":
        return Response(workbooks.write_workbook(NOUNS[noun], rows), mimetype=workbooks.MIME, headers=headers)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


def _headings(noun: str) -> list[str]:
    return [spelled[0] for spelled in SPELLINGS[noun].values()]


def _lines(sheet: Sheet) -> list[tuple[int, list[tuple[str, str, bool]]]]:
    """The first rows as they were read: the number of each, its cells under their headings; the key says whose it is."""
    return [
        (
            line.number,
            [
                (heading, shown(line.cells, name), name == KEYS[sheet.noun])
                for name, heading in sheet.headings.items()
            ],
        )
        for line in sheet.lines[:ROWS_SHOWN]
    ]


def _page(
    noun: str,
    *,
    fault: str = "",
    done: Imported | None = None,
    sheet: Sheet | None = None,
    upload: str = "",
    file_name: str = "",
) -> str:
    return render_template(
        "console/import.html",
        noun=noun,
        nouns=NOUNS,
        example=dict(zip(_headings(noun), EXAMPLES[noun], strict=True)),
        fault_=fault,
        done=done,
        errors=done.errors[:ERRORS_SHOWN] if done else [],
        notes=done.notes[:ERRORS_SHOWN] if done else [],
        sheet=sheet,
        lines=_lines(sheet) if sheet else [],
        upload=upload,
        file_name=file_name,
        here="stores",
    )
