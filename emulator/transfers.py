"""Customers change hands: the notice on her phone, her no, and what the platform does when 24 hours are over."""

from typing import Any

from .callbacks import Outgoing
from .errors import Unwilling
from .limits import TRANSFER_DAYS, TRANSFER_SECONDS, TRANSFERS_PER_DAYS
from .platform import Platform

DONE, WAITING, REFUSED, FULL, NONE = 1, 2, 3, 4, 5
"""As `transfer_result` numbers them"""
ASSIGNED = 202
"""`add_way` of a friend whom the company gave her"""
DAY = 86_400


def start(
    platform: Platform, handover: str, takeover: str, external_userid: str, words: str, *, resigned: bool
) -> int:
    """The platform asks one customer; the errcode why it does not, or 0."""
    now = platform.clock.now()
    if not platform.customer(external_userid):
        return 40096
    friend = platform.friend(handover, external_userid)
    if not friend or friend["relation"] != "full":
        return 40131
    if platform.state.row(
        "SELECT 1 FROM transfer WHERE external_userid = ? AND handover = ? AND status = ?",
        external_userid,
        handover,
        WAITING,
    ):
        return 40129
    if _lately(platform, external_userid, now) >= TRANSFERS_PER_DAYS:
        return 40128
    if full(platform, takeover):
        return 40099
    platform.state.run(
        "INSERT INTO transfer (handover, takeover, external_userid, words, resigned, born, due, status)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        handover, takeover, external_userid, words, resigned, now, now + TRANSFER_SECONDS, WAITING,
    )  # fmt: skip
    platform.ledger.write(
        "transfer", external_userid, state="asked", handover=handover, takeover=takeover, text=words
    )
    return 0


def _lately(platform: Platform, external_userid: str, now: float) -> int:
    found: int = platform.state.value(
        "SELECT COUNT(*) FROM transfer WHERE external_userid = ? AND born > ?",
        external_userid,
        now - TRANSFER_DAYS * DAY,
    )
    return found


def refuse(platform: Platform, external_userid: str, handover: str) -> tuple[dict[str, Any], Outgoing | None]:
    """She taps 「不接受」 while she still can: she stays where she is."""
    settle(platform)
    with platform.state.change():
        row = platform.state.row(
            "SELECT * FROM transfer WHERE external_userid = ? AND handover = ? AND status = ?",
            external_userid,
            handover,
            WAITING,
        )
        if not row:
            raise Unwilling("没有等你同意的换人通知")
        _end(platform, row, REFUSED)
    platform.ledger.write(
        "transfer", external_userid, state="refused", handover=row["handover"], takeover=row["takeover"]
    )
    return {"userid": row["takeover"]}, _tell_failure(platform, row, "customer_refused")


def day_later(platform: Platform, external_userid: str) -> dict[str, Any]:
    """She lets her 24 hours pass: what she was told of takes place now."""
    asked = platform.state.value(
        "SELECT COUNT(*) FROM transfer WHERE external_userid = ? AND status = ?", external_userid, WAITING
    )
    if not asked:
        raise Unwilling("没有等你同意的换人通知")
    platform.state.run(
        "UPDATE transfer SET due = ? WHERE external_userid = ? AND status = ?",
        platform.clock.now(),
        external_userid,
        WAITING,
    )
    settle(platform)
    return {"transfers": asked}


def settle(platform: Platform) -> None:
    """Whatever has waited its 24 hours is carried out; the clock of the built-in WeCom says when."""
    now = platform.clock.now()
    due = platform.state.rows(
        "SELECT * FROM transfer WHERE status = ? AND due <= ? ORDER BY due, id", WAITING, now
    )
    for row in due:
        _complete(platform, row)


def _complete(platform: Platform, row: dict[str, Any]) -> None:
    """The friendship moves, and both accounts' events leave; who has left herself gets none."""
    old, new, customer = row["handover"], row["takeover"], row["external_userid"]
    with platform.state.change():
        if not platform.state.row("SELECT 1 FROM transfer WHERE id = ? AND status = ?", row["id"], WAITING):
            return
        moved = platform.friend(old, customer)
        failed = FULL if full(platform, new) or not platform.member(new) else 0
        if moved and not failed:
            platform.state.run("DELETE FROM friend WHERE userid = ? AND external_userid = ?", old, customer)
            platform.state.run(
                "INSERT INTO friend VALUES (?, ?, 'full', ?, ?, '', ?) ON CONFLICT (userid, external_userid)"
                " DO UPDATE SET relation = 'full'",
                new, customer, platform.clock.now(), ASSIGNED, moved["remark"],
            )  # fmt: skip
        _end(platform, row, failed or (DONE if moved else REFUSED))
    if failed:
        _tell_failure(platform, row, "customer_limit_exceed")
        return
    if not moved:  # one of the two ended it meanwhile: nothing is left to move
        return
    platform.ledger.write("transfer", customer, state="done", handover=old, takeover=new, text=row["words"])
    if not row["resigned"]:
        platform.tell_contact("del_external_contact", old, customer, Source="DELETE_BY_TRANSFER")
    platform.tell_contact("add_external_contact", new, customer)


def _end(platform: Platform, row: dict[str, Any], status: int) -> None:
    platform.state.run(
        "UPDATE transfer SET status = ?, ended = ? WHERE id = ?", status, platform.clock.now(), row["id"]
    )


def _tell_failure(platform: Platform, row: dict[str, Any], why: str) -> Outgoing | None:
    return platform.tell_contact("transfer_fail", row["takeover"], row["external_userid"], FailReason=why)


def full(platform: Platform, userid: str) -> bool:
    """Whether somebody has reached the number of customers that a switch set for her."""
    most = rules(platform).get(userid.lower())
    if most is None:
        return False
    has: int = platform.state.value("SELECT COUNT(*) FROM friend WHERE userid = ?", userid)
    return has >= most


def rules(platform: Platform) -> dict[str, int]:
    return dict(platform.state.remembered("customer_limits", {}))


def set_rules(platform: Platform, asked: dict[str, Any]) -> dict[str, int]:
    """`{"userid": so many customers at most}`; null lifts it."""
    kept = rules(platform)
    for userid, most in asked.items():
        if most is None:
            kept.pop(userid.lower(), None)
        elif isinstance(most, int) and not isinstance(most, bool):
            kept[userid.lower()] = most
        else:
            raise Unwilling("a number of customers, or null", 400)
    platform.state.remember("customer_limits", kept)
    return kept


def waiting_for(platform: Platform, external_userid: str) -> list[dict[str, Any]]:
    """The notices that she may still refuse, with both names."""
    return platform.state.rows(
        "SELECT t.*, COALESCE(a.name, t.handover) AS from_name, COALESCE(b.name, t.takeover) AS to_name FROM transfer t"
        " LEFT JOIN member a ON a.userid = t.handover LEFT JOIN member b ON b.userid = t.takeover"
        " WHERE external_userid = ? AND t.status = ? AND due > ? ORDER BY t.id",
        external_userid,
        WAITING,
        platform.clock.now(),
    )
