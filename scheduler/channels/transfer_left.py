"""Customers of a guide who left: asks up to 100 at a time whether a colleague may serve them from now on."""

from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.friends import Customer, handover_results
from models.friends.handover import Handover, HandoverShare, TransferredFriend, TransferState
from models.ledger.channels import TRANSFER_LEFT
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from scheduler.channels.base import (
    NOT_SENT,
    Draft,
    Json,
    NotDeliverable,
    Plain,
    Sender,
    Verification,
    check,
    sent,
)
from scheduler.runtime import Runtime
from wecom import pagination
from wecom.errcodes import verdict
from wecom.errors import broken
from wecom.pagination import Incomplete

CLOCKS_SECONDS = 120
"""So far the platform's clock and ours may be apart."""
BUSY_CODE = -1
"""What the platform says where it has not asked somebody: she is in the next call"""


class TransferLeft(Plain):
    """subject_id: the successor's share; payload: {"friends": [ids of TransferredFriend]}.

    That the platform took the call means only that customers were told (contract 14.19).
    """

    name: ClassVar[str] = TRANSFER_LEFT
    results: ClassVar[str] = "externalcontact/resigned/transfer_result"

    def build(self, runtime: Runtime, session: Session, row: Outbox, now: datetime) -> Draft:
        share = session.get(HandoverShare, row.subject_id)
        handover = session.get(Handover, share.handover_id) if share else None
        if share is None or handover is None:
            raise NotDeliverable("这份交接已经不在了", OutboxStatus.NEEDLESS)
        leaver, successor = session.get_one(Guide, handover.guide_id), session.get_one(Guide, share.guide_id)
        if not successor.present:
            raise NotDeliverable("接手的人已经不在岗，换一位")
        customers = list(
            session.exec(
                select(Customer.external_userid)
                .join(TransferredFriend, col(TransferredFriend.customer_id) == col(Customer.id))
                .where(TransferredFriend.outbox_id == row.id, TransferredFriend.state == TransferState.GIVEN)
                .order_by(col(TransferredFriend.place))
            )
        )
        if not customers:
            raise NotDeliverable("这些客户都已经不用换人了", OutboxStatus.NEEDLESS)
        named: Json = {"external_userid": customers, **self.words(handover)}
        check("transfer", named)
        pair = {"handover_userid": leaver.userid, "takeover_userid": successor.userid}
        return Draft({**pair, **named})

    def words(self, handover: Handover) -> Json:
        """Whether the customer reads a line from the successor: only while the other one goes on working."""
        return {}

    def send(self, runtime: Runtime, row: Outbox, request: Json) -> Json:
        answer = super().send(runtime, row, request)
        if not isinstance(answer.get("customer"), list):
            raise broken(
                self.channel.api, effect=True, executed=True, words="平台的回答不完整", detail="customer"
            )
        return answer

    def landed(self, session: Session, row: Outbox, answer: Json, now: datetime, zone: ZoneInfo) -> None:
        codes = {
            str(one.get("external_userid")): one["errcode"]
            for one in answer.get("customer") or []
            if isinstance(one, dict) and isinstance(one.get("errcode"), int)
        }
        words = {code: verdict(self.channel.api, code).words for code in set(codes.values())}
        handover_results.taken_up(session, row, codes, words, now)

    def failed(self, session: Session, row: Outbox, words: str, now: datetime) -> None:
        handover_results.refused(session, row, words, now)

    def ask(self, runtime: Runtime, row: Outbox, now: datetime) -> Verification:
        """Whoever of the call is asked since then was asked by it; where nobody is, it never arrived."""
        request = row.request or {}
        since = (row.written_at or row.created_at).timestamp() - CLOCKS_SECONDS
        told = results(runtime, self.results, request["handover_userid"], request["takeover_userid"])
        if told is None:
            return Verification(OutboxStatus.UNKNOWN, words="平台的名单没有读全")
        asked = {
            one
            for one, (status, at) in told.items()
            if status == handover_results.WAITING or _after(at, since)
        }
        if asked.isdisjoint(request["external_userid"]):
            return NOT_SENT
        codes = {one: 0 if one in asked else BUSY_CODE for one in request["external_userid"]}
        return sent({"customer": [{"external_userid": one, "errcode": code} for one, code in codes.items()]})


def _after(at: datetime | None, since: float) -> bool:
    return at is not None and at.timestamp() >= since


def results(
    runtime: Runtime, api: str, handover: str, takeover: str
) -> dict[str, tuple[int, datetime | None]] | None:
    """What the platform says of every transfer between two accounts; None when the list did not end (B12)."""
    found: dict[str, tuple[int, datetime | None]] = {}
    pair = {"handover_userid": handover, "takeover_userid": takeover}
    try:
        for one in pagination.rows(runtime.client, api, pair, "customer"):
            if isinstance(one, dict) and isinstance(one.get("status"), int):
                at = one.get("takeover_time")
                moment = datetime.fromtimestamp(at, UTC) if isinstance(at, int) and 0 < at < 2**33 else None
                found[str(one.get("external_userid"))] = one["status"], moment
    except Incomplete:
        return None
    return found


SENDER: Sender = TransferLeft()
