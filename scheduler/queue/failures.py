"""A call that will not arrive, or of which nobody knows: its nouns learn so."""

from datetime import datetime

from sqlmodel import Session

from models.friends import entry_code_users
from models.ledger import outbox
from models.ledger.channels import CHANNELS, CLOSE
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, directory
from scheduler.channels import SENDERS

NOT_WITH_US = {60111, 40003}
"""The member is not in the directory any more."""


def tell(session: Session, row: Outbox, status: OutboxStatus, words: str, now: datetime) -> None:
    """The nouns of a row learn that it will not arrive, or that nobody knows."""
    for_good = status == OutboxStatus.UNKNOWN and CHANNELS[row.channel].on_unknown == CLOSE
    if status in outbox.NEVER_LEFT or for_good:
        SENDERS[row.channel].failed(session, row, words, now)
    if row.errcode in NOT_WITH_US and row.guide_id:
        guide = session.get(Guide, row.guide_id)
        if guide and directory.gone(session, guide.userid, f"platform_{row.errcode}", now):
            # customers scan the store's code meanwhile
            entry_code_users.refresh_users(session, guide.store_id, now)
