"""How many of a lane are out at once, and which are named next."""

from models.ledger.outbox import LANES, OutboxStatus
from scheduler.queue import lane_slots
from scheduler.queue.broker import HELD_BY_ONE_WORKER
from scheduler.queue.lane_slots import PRESSING, OwnPlaces
from tests.scheduler.conftest import working
from tests.waiting import until


def test_a_lane_never_holds_more_than_its_size(sqlite_stage):
    stage, most = sqlite_stage, 0
    group = stage.robot()
    stage.world.chaos({"api": "webhook/send", "delay": 0.3})
    for number in range(10):
        stage.put("robot", group_id=group, payload={"text": f"第 {number} 条"})
    with working(stage):

        def all_sent() -> bool:
            nonlocal most
            most = max(most, len(stage.rows(status=OutboxStatus.CALLING)))
            return len(stage.rows(status=OutboxStatus.SENT)) == 10

        until(all_sent)
    assert 1 <= most <= HELD_BY_ONE_WORKER["robot"]
    assert len(stage.world.ledger("robot")) == 10


def test_a_lane_that_was_too_fast_is_halved_for_a_while_B03():
    places = OwnPlaces()
    full = places.room("quick")
    places.ease("quick")
    assert places.room("quick") == full // 2


def test_an_event_that_waits_in_one_lane_is_not_named_in_another():
    """A friend's event is offered to its own lane; the feeder finds the same row for the lane of all events."""
    places = OwnPlaces()
    assert [places.take(lane, ("inbox", 1)) for lane in ("friend", "inbox")] == [True, False]
    places.free("friend", ("inbox", 1))
    assert places.take("inbox", ("inbox", 1))


def test_everything_else_gives_way_while_many_friends_wait():
    """Measured: without it, 30 friends a second waited 18 s beside a campaign, with it 8 s on the same busy machine."""
    places = OwnPlaces()
    full = places.room("bulk")
    for number in range(PRESSING):
        places.take("inbox", ("inbox", number))
    assert (places.room("bulk"), places.room("quick"), places.room("robot")) == (1, 1, 1)
    assert places.room("welcome") > PRESSING
    places.free("inbox", ("inbox", 0))
    assert places.room("bulk") == full


def test_other_events_give_way_to_new_friends_one_by_one():
    """Those whose turn went to somebody newer are among them."""
    places = OwnPlaces()
    for number in range(PRESSING):
        places.take("friend", ("inbox", number))
    assert places.take("inbox", ("inbox", 100)) and not places.take("inbox", ("inbox", 101))
    places.free("friend", ("inbox", 0))
    assert places.take("inbox", ("inbox", 101))


def test_no_bulk_begins_while_new_friends_grow_old(monkeypatch):
    """With both cores taken by other programs a welcome has its 20 seconds, a poster all day."""
    monkeypatch.setattr(lane_slots, "AGED_SECONDS", -1.0)
    places = OwnPlaces()
    for number in range(PRESSING - 1):
        places.take("welcome", ("outbox", number))
    assert places.room("bulk") > 0, "a few slow calls of the platform stop no campaign"
    places.take("friend", ("inbox", 1))
    assert (places.room("bulk"), places.room("robot"), places.room("quick")) == (0, 0, 1)
    assert places.room("welcome") > 0
    places.free("welcome", ("outbox", 0))
    assert places.room("bulk") > 0


def test_a_row_that_is_out_is_not_named_twice_and_a_full_lane_takes_no_more():
    places = OwnPlaces(dict.fromkeys(LANES, 2))
    assert [places.take("bulk", ("outbox", n)) for n in (1, 1, 2, 3)] == [True, False, True, False]
    places.free("bulk", ("outbox", 1))
    assert (places.room("bulk"), places.take("bulk", ("outbox", 3))) == (1, True)
