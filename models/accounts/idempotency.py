"""Answers that are remembered under an API caller's Idempotency-Key."""

from datetime import datetime, timedelta

from sqlmodel import Field, SQLModel

KEY_LIFE = timedelta(days=30)


class IdempotencyKey(SQLModel, table=True):
    """The answer once given to an Idempotency-Key, so that the same request again gives the same answer."""

    __tablename__ = "idempotency_key"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    body_hash: str = Field(max_length=64)
    status: int
    answer: str
    created_at: datetime
