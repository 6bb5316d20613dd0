"""Videos and files that HQ uploaded for campaigns; the row is the truth."""

import hashlib
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.errors import Refused
from models.sentences import Sentence, of_platform
from wecom import limits

VIDEO, FILE = "video", "file"
MIMES = {VIDEO: "video/mp4", FILE: "application/octet-stream"}


class StoredFile(SQLModel, table=True):
    """Bytes that somebody uploaded, as they came; the same bytes again are the same row of hers."""

    __tablename__ = "stored_file"
    __table_args__ = (UniqueConstraint("sha256", "account_id", "form"),)

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, index=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    """Who uploaded it: hers to use, in a campaign or not."""
    form: str = Field(max_length=8)
    """video or file"""
    name: str = Field(max_length=120)
    size: int
    content: bytes
    created_at: datetime


def keep_file(
    session: Session, *, form: str, name: str, content: bytes, account_id: int, now: datetime
) -> StoredFile:
    """Store what was uploaded; Refused in words when the platform would not take it (contract 9)."""
    if wrong := limits.violations(form, {form: len(content)}):
        raise Refused(of_platform(wrong[0]))
    if form == VIDEO and content[4:8] != b"ftyp":
        raise Refused(Sentence("平台只收 MP4 视频。请另存为 MP4 再传"))
    sha256 = hashlib.sha256(content).hexdigest()
    known = select(StoredFile).where(
        StoredFile.sha256 == sha256, col(StoredFile.account_id) == account_id, StoredFile.form == form
    )
    kept = session.exec(known).one_or_none()
    if kept is None:
        kept = StoredFile(
            sha256=sha256,
            account_id=account_id,
            form=form,
            name=name or form,
            size=len(content),
            content=content,
            created_at=now,
        )
        session.add(kept)
        session.flush()
    return kept
