"""Announcements: one text at one time, into internal groups by robot and into customer groups by their owners."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class Announcement(SQLModel, table=True):
    """A 公告 of HQ."""

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=40)
    text: str = Field(max_length=4000)
    groups: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: str = Field(default="scheduled", max_length=16, index=True)
    """scheduled, launched or cancelled"""
    launch_at: datetime = Field(index=True)
    launched_at: datetime | None = None
    created_by: int | None = Field(default=None, foreign_key="account.id")
    created_at: datetime


class AnnouncementGroup(SQLModel, table=True):
    """One group's share of an announcement: a robot call, or a task for the owner of a customer group."""

    __tablename__ = "announcement_group"

    id: int | None = Field(default=None, primary_key=True)
    announcement_id: int = Field(foreign_key="announcement.id", index=True)
    group_id: int = Field(foreign_key="group_chat.id", index=True)
    outbox_id: int | None = Field(default=None, index=True)
    msgid: str = Field(default="", max_length=128)
    skipped: str = Field(default="", max_length=200)
    confirmed_at: datetime | None = None
