"""The audit: who did what; only ever added to."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from models.db.sentence_column import sentence_column

COMMAND_LINE = "命令行"
"""Whoever has the machine"""
SYSTEM = "系统"
"""The program, when the time for it has come"""


class Audit(SQLModel, table=True):
    """Who did what; only ever added to."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str = Field(max_length=64)
    verb: str = Field(max_length=64)
    noun: str = Field(max_length=64)
    detail: str = Field(default="", sa_column=sentence_column())


def record(session: Session, actor: str, verb: str, noun: str, now: datetime, detail: str = "") -> None:
    """One line of the audit."""
    session.add(Audit(at=now, actor=actor[:64], verb=verb[:64], noun=noun[:64], detail=detail))


def note(session: Session, who: str, verb: str, number: int | None, words: str, now: datetime) -> str:
    """One line about one row: campaign.pause is about campaign:7. Answers with the words, which `who` reads as well."""
    record(session, who, verb, f"{verb.partition('.')[0]}:{number}", now, words)
    return words
