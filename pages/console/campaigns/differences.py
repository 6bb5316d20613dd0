"""A version of a plan against the one approved before, in words: old left, new right, texts in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

import posters
from models.campaigns import ContentKind
from models.campaigns.differences import Piece, changed, pieces, untouched
from models.campaigns.fields import FIELDS
from models.campaigns.pictures import Picture
from pages.console.campaigns import wording
from pages.web.formatting import NONE, listed, moment
from pages.web.i18n import _
from pages.web.labels import word_of

TEXTS = ("name", "text", "card_title", "card_note")
"""Shown in one line, with what went and what came"""
POSTER_WORDS = {
    "headline": "标题",
    "subline": "副标题",
    "price": "价格",
    "note": "说明",
    "occasion": "场合",
    "sentence": "导购那一栏的一句话",
}


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
        if name == "poster":
            found += _poster(before or {}, after or {})
            continue
        inline = tuple(pieces(str(before or ""), str(after or ""))) if name in TEXTS else ()
        found.append(
            Difference(
                _(FIELDS.get(name, name)), _said(session, name, before), _said(session, name, after), inline
            )
        )
    return found


def same(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """What was not touched, by name."""
    return listed(_(FIELDS[name]) for name in untouched(old, new))


def _poster(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    names = [name for name in POSTER_WORDS if (old.get(name) or "") != (new.get(name) or "")]
    return [
        Difference(
            _("海报{word}", word=_(POSTER_WORDS[name])),
            str(old.get(name) or NONE),
            str(new.get(name) or NONE),
        )
        for name in names
    ]


def _said(session: Session, name: str, value: Any) -> str:
    if not value and name != "scope":
        return NONE
    if name == "channel":
        return wording.channel_word(value)
    if name == "content":
        return word_of(ContentKind(value))
    if name == "design":
        return _(posters.DESIGNS[value].TITLE) if value in posters.DESIGNS else str(value)
    if name == "picture_id":
        return session.exec(select(Picture.name).where(col(Picture.id) == value)).first() or str(value)
    if name == "scope":
        return wording.scope_words(value or {}, wording.branch_names(session))
    if name in ("launch_at", "ends_at"):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, list):
        return listed(value)
    if isinstance(value, dict):
        return listed(value.values())
    return str(value)
