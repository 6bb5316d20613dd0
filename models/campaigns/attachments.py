"""What goes with the text of a campaign: up to nine attachments, each a plain value that the campaign keeps as its own."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel


class AttachmentForm(StrEnum):
    """What it is; the platform knows each by a name of its own."""

    POSTER = "poster"
    """A picture with each guide's own name and code"""
    PICTURE = "picture"
    """The same from every guide"""
    LINK = "link"
    PROGRAM = "program"
    """The card of a mini-program"""
    VIDEO = "video"
    FILE = "file"


FORM_WORDS = {
    AttachmentForm.POSTER: "海报",
    AttachmentForm.PICTURE: "图片",
    AttachmentForm.LINK: "链接",
    AttachmentForm.PROGRAM: "小程序",
    AttachmentForm.VIDEO: "视频",
    AttachmentForm.FILE: "文件",
}
POSTER_WORDS = {
    "headline": "标题",
    "subline": "副标题",
    "price": "价格",
    "note": "说明",
    "points": "要点",
    "occasion": "右上角一句",
    "sentence": "导购那一栏的一句话",
}
"""What may be written on a poster; which of them a design has, it says itself."""
ART_WORDS = tuple(name for name in POSTER_WORDS if name != "sentence")
"""Those of the artwork, equal for all"""


class Attachment(SQLModel):
    """One of them; `USES` says which fields its form has, the others stay empty."""

    form: AttachmentForm
    picture_id: int | None = None
    """The picture itself, HQ's artwork of a poster, the cover of a link or a mini-program."""
    file_id: int | None = None
    """The video or file, among `StoredFile`s."""
    design: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    """Words for the design: those of POSTER_WORDS that are not empty."""
    title: str = ""
    note: str = ""
    url: str = ""
    appid: str = ""
    page: str = ""
    material_id: int | None = None
    """The material of which it is a copy"""
    version: int | None = None
    """Which version of it"""


ORIGIN = ("material_id", "version")
"""Fields that every form has"""
USES: Mapping[AttachmentForm, tuple[str, ...]] = {
    AttachmentForm.POSTER: ("design", "words", "picture_id"),
    AttachmentForm.PICTURE: ("picture_id",),
    AttachmentForm.LINK: ("url", "title", "note", "picture_id"),
    AttachmentForm.PROGRAM: ("appid", "page", "title", "picture_id"),
    AttachmentForm.VIDEO: ("file_id",),
    AttachmentForm.FILE: ("file_id",),
}
"""The fields of each form"""


def poster_among(attachments: Sequence[Attachment]) -> Attachment | None:
    """The one that is drawn for each guide, if there is one."""
    return next((one for one in attachments if one.form == AttachmentForm.POSTER), None)


def plain(attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    """As the column keeps them: the fields of each form, and no others."""
    return [
        {"form": str(one.form)}
        | {name: getattr(one, name) for name in USES[one.form]}
        | {name: value for name in ORIGIN if (value := getattr(one, name))}
        for one in attachments
    ]
