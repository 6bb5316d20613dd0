"""A row is claimed once, fenced, put back or settled."""

import threading
from datetime import timedelta

from models.db import Database
from models.ledger import lease
from models.ledger.lease import LEASE_SECONDS
from models.ledger.outbox import Outbox, OutboxStatus
from tests.cast import NOW
from tests.models.ledger.rows import SECOND, claim, put, read, write


def test_of_many_that_claim_a_row_one_gets_it_F02(database: Database):
    """A repeated message, or two workers, are harmless."""
    row_id = put(database)
    got: list[Outbox | None] = []
    threads = [threading.Thread(target=lambda: got.append(claim(database, row_id))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mine = [row for row in got if row]
    assert len(mine) == 1
    assert (mine[0].status, mine[0].attempts, mine[0].fence) == (OutboxStatus.CALLING, 1, 1)
    assert mine[0].lease_until == NOW + timedelta(seconds=LEASE_SECONDS)


def test_a_row_that_is_not_due_or_not_queued_cannot_be_claimed(database: Database):
    assert claim(database, put(database, key="later", due_at=NOW + SECOND)) is None
    assert claim(database, put(database, key="held", status=OutboxStatus.HELD)) is None
    assert claim(database, 999) is None


def test_settling_ends_the_row_with_the_reason(database: Database):
    row = claim(database, put(database))
    assert write(
        database, lambda s: lease.settle(s, row, OutboxStatus.SENT, NOW, answer={"errcode": 0, "msgid": "m"})
    )
    kept = read(database, row.id)
    assert (kept.status, kept.done_at, kept.lease_until, kept.answer["msgid"]) == (
        OutboxStatus.SENT,
        NOW,
        None,
        "m",
    )


def test_a_zombies_late_word_is_refused_by_the_fence_C12(database: Database):
    row_id = put(database)
    zombie = claim(database, row_id)
    write(database, lambda s: lease.put_back(s, zombie, NOW, reason="租约过了"))
    second = claim(database, row_id)
    assert second.fence == zombie.fence + 1
    assert not write(database, lambda s: lease.settle(s, zombie, OutboxStatus.SENT, NOW))
    assert not write(database, lambda s: lease.write_request(s, zombie, {"late": 1}, NOW))
    assert not write(database, lambda s: lease.put_back(s, zombie, NOW, reason="again"))
    assert write(database, lambda s: lease.settle(s, second, OutboxStatus.NOT_SENT, NOW, reason="不在群里"))
    assert read(database, row_id).reason == "不在群里"


def test_storing_the_request_renews_the_lease_and_keeps_when_it_was_first_stored(database: Database):
    row = claim(database, put(database))
    later = NOW + 40 * SECOND
    assert write(database, lambda s: lease.write_request(s, row, {"text": "您好"}, later))
    kept = read(database, row.id)
    assert kept.request == {"text": "您好"}
    assert (kept.written_at, kept.lease_until) == (later, later + timedelta(seconds=LEASE_SECONDS))
    assert write(database, lambda s: lease.write_request(s, row, {"text": "您好"}, later + SECOND))
    assert read(database, row.id).written_at == later


def test_a_row_put_back_forgets_the_request_unless_it_may_have_left(database: Database):
    for same_bytes in (False, True):
        row = claim(database, put(database, key=f"k{same_bytes}"))
        write(database, lambda s, row=row: lease.write_request(s, row, {"a": 1}, NOW, {"card": 7}))
        write(
            database,
            lambda s, row=row, same=same_bytes: lease.put_back(
                s, row, NOW + SECOND, reason="平台忙", errcode=-1, same_bytes=same
            ),
        )
        kept = read(database, row.id)
        assert (kept.status, kept.due_at, kept.reason, kept.errcode) == (
            OutboxStatus.QUEUED,
            NOW + SECOND,
            "平台忙",
            -1,
        )
        assert (kept.request, kept.notes) == (({"a": 1}, {"card": 7}) if same_bytes else (None, {}))
        assert kept.attempts == 1


def test_a_wait_that_is_nobodys_fault_gives_the_attempt_back(database: Database):
    row = claim(database, put(database))
    write(database, lambda s: lease.put_back(s, row, NOW, reason="窗口关着", counted=False))
    assert read(database, row.id).attempts == 0
