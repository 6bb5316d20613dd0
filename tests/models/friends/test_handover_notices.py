"""A manager is told once a day of a draft that waits for her, by day, and not for ever."""

from datetime import timedelta

from sqlmodel import select

from models.friends import handover_notices
from models.friends.handover import HandoverStatus
from models.ledger.outbox import Outbox
from models.org import Guide
from tests import cast
from tests.cast import NOW
from tests.models.friends import handed

URL = "https://onetap.example"


def tell(session, now=NOW):
    return handover_notices.tell_managers(session, now, cast.ZONE, URL)


def test_she_is_told_once_a_day_and_not_for_ever(session, sqlite_people):
    handover = handed.left(session, sqlite_people, 2)
    assert [tell(session), tell(session)] == [1, 0]
    for day in range(1, 12):
        tell(session, NOW + timedelta(days=day))
    notices = session.exec(select(Outbox).where(Outbox.channel == "notice")).all()
    assert len(notices) == handover_notices.MOST
    assert {one.guide_id for one in notices} == {sqlite_people.gao.id}
    assert f'<a href="{URL}/g/handovers/{handover.id}">看名单</a>' in notices[0].payload["text"]


def test_nobody_is_told_in_the_night(session, sqlite_people):
    handed.left(session, sqlite_people, 1)
    assert tell(session, NOW.replace(hour=16)) == 0, "midnight in Shanghai"
    assert tell(session, NOW) == 1


def test_without_a_manager_or_a_successor_or_a_draft_there_is_nothing_to_tell(session, sqlite_people):
    handover = handed.left(session, sqlite_people, 1)
    gao = session.get_one(Guide, sqlite_people.gao.id)
    gao.is_manager = False
    session.flush()
    assert tell(session) == 0
    gao.is_manager = True
    handover.status = HandoverStatus.RUNNING
    session.flush()
    assert tell(session) == 0
