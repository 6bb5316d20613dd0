"""A version of a plan against the one approved before, in words: old left, new right, texts in one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlmodel import Session, col, select

import posters
from models.campaigns import PURPOSE_WORDS, Purpose, conditions, run_rules
from models.campaigns.attachments import POSTER_WORDS, AttachmentForm
from models.campaigns.differences import Piece, changed, pieces, untouched
from models.campaigns.fields import FIELDS
from models.campaigns.files import StoredFile
from models.campaigns.pictures import Picture
from models.campaigns.run_rules import RunRules
from models.kinds import MaterialKind
from pages.console.campaigns import wording
from pages.web.formatting import NONE, listed, moment
from pages.web.i18n import _
from pages.web.labels import word_of

TEXTS = ("name", "text", "second_text", "card_title", "card_note")
"""Shown in one line, with what went and what came"""
ATTACHED = {
    "design": "版式",
    "picture_id": "图片",
    "file_id": "文件",
    "title": "标题",
    "note": "说明",
    "url": "网址",
    "appid": "小程序的 AppID",
    "page": "页面路径",
}
"""Each field of an attachment in words"""


@dataclass(frozen=True)
class Difference:
    """One field that changed."""

    label: str
    old: str
    new: str
    pieces: tuple[Piece, ...] = ()


def differences(session: Session, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    found = []
    for name in changed(old, new):
        before, after = old.get(name), new.get(name)
        if name == "attachments":
            found += _attachments(session, before or [], after or [])
            continue
        inline = tuple(pieces(str(before or ""), str(after or ""))) if name in TEXTS else ()
        found.append(
            Difference(
                _({**FIELDS, "rules": "怎么开始和停下"}.get(name, name)),
                _said(session, name, before),
                _said(session, name, after),
                inline,
            )
        )
    return found


def same(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What was not touched, by name."""
    return listed(_(FIELDS[name]) for name in untouched(old, new))


def _attachments(session: Session, old: list[Any], new: list[Any]) -> list[Difference]:
    """Place by place: another one, or what is different in the one that stayed."""
    found = []
    for n, (before, after) in enumerate(zip_longest(old, new), 1):
        if before and after and before["form"] == after["form"]:
            label = word_of(AttachmentForm(after["form"]))
            found += [
                Difference(f"{label} {n} · {name}", one, other)
                for name, one, other in _inside(session, before, after)
            ]
        elif before != after:
            found.append(
                Difference(_("附件 {n}", n=n), _attached(session, before), _attached(session, after))
            )
    return found


def _inside(
    session: Session, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    for name, label in ATTACHED.items():
        if (old.get(name) or "") != (new.get(name) or ""):
            yield _(label), _said(session, name, old.get(name)), _said(session, name, new.get(name))
    before, after = old.get("words") or {}, new.get("words") or {}
    for name, label in POSTER_WORDS.items():
        if (before.get(name) or "") != (after.get(name) or ""):
            yield _(label), before.get(name) or NONE, after.get(name) or NONE


def _attached(session: Session, one: Mapping[str, Any] | None) -> str:
    """An attachment in a few words."""
    if not one:
        return NONE
    name = (one.get("words") or {}).get("headline") or one.get("title")
    for field in ("picture_id", "file_id"):
        name = name or (_said(session, field, one[field]) if one.get(field) else "")
    word = word_of(AttachmentForm(one["form"]))
    return f"{word}「{name}」" if name else word


def _said(session: Session, name: str, value: Any) -> str:
    if not value and name not in ("scope", "rules"):
        return NONE
    if name == "channel":
        return wording.channel_word(value)
    if name == "design":
        return _(posters.DESIGNS[value].TITLE) if value in posters.DESIGNS else str(value)
    if name == "picture_id":
        return session.exec(select(Picture.name).where(col(Picture.id) == value)).first() or str(value)
    if name == "file_id":
        return session.exec(select(StoredFile.name).where(col(StoredFile.id) == value)).first() or str(value)
    if name == "scope":
        return wording.scope_words(value or {}, wording.branch_names(session))
    if name == "urgent":
        return _("是")
    if name == "purpose":
        return _(PURPOSE_WORDS[Purpose(value)])
    if name == "kind":
        return word_of(MaterialKind(value))
    if name == "conditions":
        return listed(_(words) for words in conditions.said(session, conditions.read(value)))
    if name in ("launch_at", "ends_at"):
        return moment(datetime.fromisoformat(value))
    if name == "rules":
        return _(run_rules.words(session, RunRules.model_validate(value or {})))
    if isinstance(value, list):
        return listed(value)
    if isinstance(value, dict):
        return listed(value.values())
    return str(value)
