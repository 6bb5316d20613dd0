"""Idempotency-Key: the same request again gets the same answer again, and is not done twice."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from flask import request
from sqlmodel import Session, select

from models.accounts.api_tokens import ApiToken
from models.accounts.idempotency import IdempotencyKey
from models.db import insert_once
from models.encryption import fingerprint
from models.sentences import Sentence
from pages.api.problems import refuse, refuse_fields

HEADER = "Idempotency-Key"
LONGEST = 128


@dataclass(frozen=True)
class Once:
    """A key of one token, and what it was first used for."""

    key: str
    body_hash: str

    @classmethod
    def asked(cls, token: ApiToken) -> "Once | None":
        """What this request brings; None without a key."""
        key = request.headers.get(HEADER)
        if key is None:
            return None
        if not (1 <= len(key) <= LONGEST and key.isascii() and key.isprintable()):
            refuse_fields({HEADER: Sentence("要 1 到 {most} 个英文字母、数字或符号", most=LONGEST)})
        what = hashlib.sha256(
            f"{request.method} {request.full_path}\n".encode() + request.get_data()
        ).hexdigest()
        return cls(f"api:{token.id}:{fingerprint(key)}", what)

    def begin(self, session: Session, now: datetime) -> tuple[int, str] | None:
        """The answer that was given before; None when this is the first time. A second one at the same moment waits
        for the first, because both write the same row."""
        values = {"key": self.key, "body_hash": self.body_hash, "status": 0, "answer": "", "created_at": now}
        return None if insert_once(session, IdempotencyKey, values) is not None else self.kept(session)

    def kept(self, session: Session) -> tuple[int, str] | None:
        """The answer that was given before, if one was."""
        row = session.exec(select(IdempotencyKey).where(IdempotencyKey.key == self.key)).one_or_none()
        if row is None:
            return None
        if row.body_hash != self.body_hash:
            refuse(422, Sentence("这个 {header} 已经用在另一个请求上了。请换一个新的", header=HEADER))
        return row.status, row.answer

    def keep(self, session: Session, status: int, answer: str) -> None:
        """Remember the answer, in the transaction that it tells of."""
        row = session.exec(select(IdempotencyKey).where(IdempotencyKey.key == self.key)).one()
        row.status, row.answer = status, answer
        session.add(row)
