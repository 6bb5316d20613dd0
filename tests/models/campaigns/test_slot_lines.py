"""How a slot stands for a branch: empty, filled, used or over."""

from models.campaigns import CampaignStatus, slot_lines, slots
from models.campaigns.slot_lines import SlotStanding
from tests.cast import NOW
from tests.models.campaigns.slotted import DAY, HOUR, SATURDAY, decide, fields, offices, opened, own, put


def test_a_slot_stands_as_what_lies_in_it(sqlite_database, sqlite_people):
    northeast = sqlite_people.northeast.id

    def stands(now=NOW):
        (line,) = slot_lines.lines(session, [slot], northeast, now)
        return line.standing

    with sqlite_database.write() as session:
        branch = offices(session, sqlite_people)
        slot = slots.open_slot(session, fields(), who="周岚", now=NOW)
        assert (stands(), stands(NOW + DAY)) == (SlotStanding.EMPTY, SlotStanding.OVER)
        mine = own(session, branch["刘影"])
        slots.fill(session, slot, mine, northeast, who="刘影", now=NOW)
        assert (stands(), stands(SATURDAY)) == (SlotStanding.FILLED, SlotStanding.OVER)
        mine.status = CampaignStatus.SCHEDULED
        session.flush()
        assert stands() == stands(SATURDAY + DAY) == SlotStanding.USED
        assert slot_lines.used(session, [slot.id]) == {slot.id: 1}
        mine.launch_at = SATURDAY - HOUR
        session.flush()
        (line,) = slot_lines.lines(session, [slot], northeast, NOW)
        assert "不在这个位置里" in line.misfit
        mine.status = CampaignStatus.CANCELLED
        session.flush()
        assert (stands(), slot_lines.used(session, [slot.id])) == (SlotStanding.EMPTY, {})
        assert slot_lines.lines(session, [slot], 0, NOW)[0].filling is None


def test_only_open_slots_and_filled_closed_ones_lie_in_a_span(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        branch = offices(session, sqlite_people)
        kept = slots.open_slot(session, fields(), who="周岚", now=NOW)
        gone = slots.open_slot(session, fields(), who="周岚", now=NOW)
        slots.open_slot(
            session, fields(begins_at=SATURDAY + DAY, ends_at=SATURDAY + 2 * DAY), who="周岚", now=NOW
        )
        slots.fill(
            session, kept, own(session, branch["刘影"]), sqlite_people.northeast.id, who="刘影", now=NOW
        )
        _campaign, replaced = opened(session, branch["周岚"])
        decide(session, put(session, replaced, sqlite_people.northeast.id, text="东北写的"))
        for one in (kept, gone, replaced):
            slots.close_slot(session, one, who="周岚", now=NOW)
        found = slot_lines.lying_between(session, SATURDAY, SATURDAY + HOUR)
        assert [one.id for one in found] == [kept.id, replaced.id]
        assert slot_lines.used(session, [kept.id, replaced.id]) == {replaced.id: 1}
