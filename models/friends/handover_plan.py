"""What people do with a handover's plan: choose who takes over, confirm it, give a draft up."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from models.accounts import audit
from models.campaigns import left_tasks
from models.db import rows_changed
from models.errors import Refused
from models.friends import entry_codes, handover_rules
from models.friends.handover import (
    RULE_WORDS,
    Handover,
    HandoverKind,
    HandoverShare,
    HandoverStatus,
    SuccessorRule,
    TransferredFriend,
    TransferState,
    shares_of,
)
from models.friends.handover_drafts import add_new_friends
from models.friends.handover_shares import MOST_SUCCESSORS, forget_lost, keep_shares, share_out
from models.org import Guide
from models.sentences import Sentence

MOST_PARTS = 100
STILL_WRITING = "名单还在列，几秒后再看"
NOBODY_CHOSEN = "还没有人接手，先选人"


def choose(
    session: Session,
    handover_id: int,
    rule: SuccessorRule,
    weights: Mapping[int, int],
    who: str,
    now: datetime,
) -> Handover:
    """A person chooses the rule and the successors (guide → parts). Who has been asked already stays as she is."""
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    if not handover.open:
        raise Refused(Sentence("这份交接已经办完，不用再选"))
    if handover.planned_at is None:
        raise Refused(Sentence(STILL_WRITING))
    guides = _successors(session, handover, rule, weights)
    handover.rule = rule
    keep_shares(session, handover, {one.id or 0: weights.get(one.id or 0, 1) for one in guides})
    share_out(session, handover)
    words = Sentence("{who}选了 {n} 位接手", who=who, n=len(guides))
    handover.tell(now, words, Sentence(RULE_WORDS[rule]))
    audit.note(session, who, "handover.choose", handover.id, words, now)
    session.flush()
    return handover


def _successors(
    session: Session, handover: Handover, rule: SuccessorRule, weights: Mapping[int, int]
) -> list[Guide]:
    """Whom the person means, refused in words where they cannot."""
    chosen = [session.get(Guide, one) for one in weights]
    if not weights and rule in (SuccessorRule.STORE, SuccessorRule.LEAST):
        chosen = list(handover_rules.in_store(session, handover.store_id, handover.guide_id))
    found = [one for one in chosen if one is not None and one.id != handover.guide_id]
    if not found:
        raise Refused(faults={"successors": Sentence(NOBODY_CHOSEN)})
    if rule == SuccessorRule.ONE and len(found) != 1:
        raise Refused(faults={"successors": Sentence("都给一位时只选一位")})
    if len(found) > MOST_SUCCESSORS:
        raise Refused(faults={"successors": Sentence("最多 {n} 位接手", n=MOST_SUCCESSORS)})
    if gone := next((one for one in found if not one.present), None):
        raise Refused(faults={"successors": Sentence("{name}已经不在岗，换一位", name=gone.name)})
    if not all(0 < parts <= MOST_PARTS for parts in weights.values()):
        raise Refused(faults={"weights": Sentence("份数是 1 到 {n} 的整数", n=MOST_PARTS)})
    return found


def confirm(session: Session, handover_id: int, who: str, now: datetime) -> bool:
    """A person says that it may begin: from here on customers are told. False when somebody already did."""
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    if handover.status == HandoverStatus.STOPPED:
        raise Refused(Sentence("这份交接已经不办了"))
    if handover.confirmed_at:
        return False
    if handover.planned_at is None:
        raise Refused(Sentence(STILL_WRITING))
    add_new_friends(session, handover)  # who came or went since it was drafted
    forget_lost(session, handover, now)
    shares = shares_of(session, handover.id or 0)
    if not shares:
        raise Refused(Sentence(NOBODY_CHOSEN))
    if left := next((guide for _, guide in shares if not guide.present), None):
        raise Refused(Sentence("{name}已经不在岗，换一位再确认", name=left.name))
    share_out(session, handover)
    handover.status, handover.confirmed_at, handover.confirmed_by = HandoverStatus.RUNNING, now, who
    handover.tell(now, Sentence("{who}确认", who=who), "", "done")
    if handover.kind == HandoverKind.LEFT:
        _pass_codes_on(session, handover, shares, now)
        _drop_tasks(session, handover, now)
    audit.note(session, who, "handover.confirm", handover.id, Sentence("{n} 位接手", n=len(shares)), now)
    session.flush()
    return True


def _pass_codes_on(
    session: Session, handover: Handover, shares: Sequence[tuple[HandoverShare, Guide]], now: datetime
) -> None:
    """Her own codes add the first successor from now on: what is printed goes on working."""
    code = entry_codes.lead_to(session, handover.guide_id, shares[0][1], now)
    if code is not None:
        words = Sentence("她的码改加{name}", name=shares[0][1].name)
        handover.tell(now, words, Sentence("印出去的照样能扫"))


def _drop_tasks(session: Session, handover: Handover, now: datetime) -> None:
    """What she has not sent nobody sends in her name."""
    if dropped := left_tasks.drop(session, session.get_one(Guide, handover.guide_id)):
        handover.tell(now, Sentence("{n} 件没发的任务不再发", n=dropped), Sentence("原因写在活动里"))


def ask_again(
    session: Session, handover_id: int, rows: Sequence[int], successor_id: int, who: str, now: datetime
) -> int:
    """「换一位再问」: customers who refused, or whom the platform did not let go, get a second notice and another 24 hours.

    How many are asked again. Whether the platform allows it (2 in 90 days) it says itself.
    """
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    successor = session.get(Guide, successor_id)
    if handover.confirmed_at is None or handover.status == HandoverStatus.STOPPED:
        raise Refused(Sentence("还没有确认，直接改接手的人就行"))
    if successor is None or not successor.present or successor.id == handover.guide_id:
        raise Refused(faults={"successors": Sentence("这位已经不在岗，换一位")})
    forget_lost(session, handover, now)
    keep_shares(session, handover, {successor.id or 0: 1})
    share_id = next(share.id for share, guide in shares_of(session, handover_id) if guide.id == successor.id)
    asked = rows_changed(
        session,
        update(TransferredFriend)
        .where(
            col(TransferredFriend.handover_id) == handover.id,
            col(TransferredFriend.id).in_(rows),
            col(TransferredFriend.state).in_([TransferState.REFUSED, TransferState.LIMITED]),
        )
        .values(share_id=share_id, state=TransferState.GIVEN, words="", due_at=None, ended_at=None),
    )
    if asked:
        handover.status, handover.finished_at = HandoverStatus.RUNNING, None
        words = Sentence("{n} 位换{name}再问", n=asked, name=successor.name)
        handover.tell(now, words, Sentence("再等 24 小时"))
        audit.note(session, who, "handover.again", handover.id, words, now)
    session.flush()
    return asked


def stop(session: Session, handover_id: int, who: str, now: datetime) -> bool:
    """A draft that nobody wants: only on the job, for a leaver's customers wait for somebody."""
    handover = session.get_one(Handover, handover_id, with_for_update=True)
    if handover.confirmed_at:
        raise Refused(Sentence("已经开始，客户收到了通知，停不了"))
    if handover.kind == HandoverKind.LEFT:
        raise Refused(Sentence("她已经离职，客户总要有人接。可以换接手的人"))
    if handover.status == HandoverStatus.STOPPED:
        return False
    handover.status, handover.finished_at = HandoverStatus.STOPPED, now
    handover.tell(now, Sentence("{who}说不换了", who=who))
    audit.note(session, who, "handover.stop", handover.id, "", now)
    return True
