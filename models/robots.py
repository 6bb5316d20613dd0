"""Robots: webhook robots that announce into internal groups, and what members did with the smart robot."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Robot(SQLModel, table=True):
    """A webhook robot. Whoever has its key can post, so the key is stored sealed and shown shortened."""

    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="group_chat.id", index=True)
    name: str = Field(default="", max_length=64)
    sealed_key: str = Field(max_length=400)
    key_hash: str = Field(max_length=64, unique=True)
    key_tail: str = Field(default="", max_length=4)
    status: str = Field(default="active", max_length=16)
    """active or disabled"""
    reason: str = Field(default="", max_length=300)
    created_at: datetime


class SignIn(SQLModel, table=True):
    """A 签到: once per member and local day."""

    __tablename__ = "sign_in"
    __table_args__ = (UniqueConstraint("userid", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    userid: str = Field(max_length=64)
    day: date
    chat_id: str = Field(default="", max_length=64)
    at: datetime
