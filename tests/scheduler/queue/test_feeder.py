"""The feeder finds what nobody offered, round after round."""

from models.ledger.outbox import OutboxStatus
from scheduler.queue.feeder import Feeder
from scheduler.queue.lane_slots import OwnPlaces
from tests.scheduler.conftest import working
from tests.waiting import until


def test_what_nobody_offered_is_swept(stage):
    """The process that wrote the row died before its offer: the feeder finds it."""
    row_id = stage.notice()
    with working(stage):
        until(lambda: stage.row(row_id).status == OutboxStatus.SENT)


def test_it_is_alive_while_its_feeder_makes_rounds(sqlite_stage):
    with working(sqlite_stage) as queue:
        until(queue.alive)
        sqlite_stage.clock.move(minutes=5)
        assert not queue.alive()
        queue.feeder.expect("quick")
        queue.feeder.place_freed("quick")
        until(queue.alive)


def test_a_feeder_goes_on_after_any_mistake_and_says_it(sqlite_stage, caplog):
    """Whoever tidies stumbles each time: rows are named all the same, and the next round comes."""
    stage, named = sqlite_stage, []
    rows = [stage.notice()]

    def stumble(now) -> None:
        raise ValueError("nobody expected that")

    feeder = Feeder(stage.db, stage.clock, OwnPlaces(), lambda lane, key: named.append((lane, key)), stumble)
    feeder.start()
    until(lambda: len(named) == 1)
    rows.append(stage.notice("后来的"))
    feeder.expect("quick")
    feeder.place_freed("quick")
    until(lambda: len(named) == 2)
    feeder.stop(5)
    assert named == [("quick", ("outbox", row)) for row in rows]
    assert feeder.failures == 1
    assert "ValueError: nobody expected that" in caplog.text
