"""What came by entry codes, and what is to be said about each."""

from datetime import date, timedelta

import pytest
from sqlalchemy import true

from models.friends import FriendStatus, entry_codes
from models.friends.entry_code_figures import CodeFigures, CodeStanding, by_kind, figures, left_of, standing
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus, LeadsTo
from models.org import Guide
from tests import cast
from tests.cast import NOW, ZONE

DAY = timedelta(days=1)


def come(session, people, code, *friends):
    """(customer, when, status) of friends who came by this code."""
    for customer, at, status in friends:
        cast.befriend(session, people.wang, customer, at=at, status=status).code_id = code.id
    session.flush()


def test_friends_of_a_code_are_counted_with_those_of_the_codes_shown_for_it(session, sqlite_people):
    menu = entry_codes.new(
        session, EntryCodeKind.SOURCE, "包裹卡", NOW, leads_to=LeadsTo.NEAR, cost_cents=1000
    )
    shown = entry_codes.new(session, EntryCodeKind.SOURCE, menu.name, NOW, via_id=menu.id)
    old, new, gone = NOW - 8 * DAY, NOW - DAY, FriendStatus.LOST
    come(session, sqlite_people, shown, (cast.XU, new, "friend"), (cast.LIN, new, gone))
    come(session, sqlite_people, menu, (cast.CHEN, old, "friend"))
    counted = figures(session, [menu.id], NOW)
    assert counted == {menu.id: CodeFigures(total=3, here=2, week=2, week_here=1)}
    assert counted[menu.id].cents_each(menu) == 333
    kinds = by_kind(session, true(), NOW - 2 * DAY)
    assert kinds == {EntryCodeKind.SOURCE: 2}


def test_where_nothing_was_spent_or_nobody_came_there_is_no_price(session):
    code = EntryCode(state="s", kind=EntryCodeKind.SOURCE, created_at=NOW, cost_cents=500)
    assert CodeFigures().cents_each(code) is None
    assert CodeFigures(total=2).cents_each(code) == 250
    code.cost_cents = 0
    assert CodeFigures(total=2).cents_each(code) is None


def test_friends_without_a_code_are_a_source_of_their_own(session, sqlite_people):
    cast.befriend(session, sqlite_people.wang, cast.XU)
    assert by_kind(session, true(), NOW - DAY) == {None: 1}


@pytest.mark.parametrize(
    ("fields", "came", "found"),
    [
        ({}, CodeFigures(), CodeStanding.ACTIVE),
        ({"status": EntryCodeStatus.WAITING}, CodeFigures(), CodeStanding.WAITING),
        ({"status": EntryCodeStatus.FAILED}, CodeFigures(), CodeStanding.FAILED),
        ({"status": EntryCodeStatus.RETIRED}, CodeFigures(), CodeStanding.RETIRED),
        ({"reason": "平台没有接受"}, CodeFigures(), CodeStanding.FAILED),
        ({"target": 40}, CodeFigures(total=90, week=34), CodeStanding.ACTIVE),
        ({"target": 40}, CodeFigures(total=90, week=23), CodeStanding.SLOW),
        ({"target": 40}, CodeFigures(total=90, week=40), CodeStanding.REACHED),
        ({"target": 40, "until": 10}, CodeFigures(total=40), CodeStanding.REACHED),
        ({"target": 40, "until": 10}, CodeFigures(total=11, week=11), CodeStanding.SLOW),
        ({"target": 40, "until": 10}, CodeFigures(total=13, week=1), CodeStanding.ACTIVE),
        ({"target": 40, "until": -1}, CodeFigures(total=39), CodeStanding.EXPIRED),
        ({"target": 40, "made": 3}, CodeFigures(), CodeStanding.ACTIVE),
    ],
)
def test_a_code_says_whether_somebody_has_to_do_something(fields, came, found):
    """It was made ten days ago, or `made` days; `until`: so many days from today."""
    made, until = fields.pop("made", 10), fields.pop("until", None)
    valid_until = date(2026, 11, 19) + until * DAY if until is not None else None
    code = EntryCode(
        state="s",
        kind=EntryCodeKind.SOURCE,
        created_at=NOW - made * DAY,
        valid_until=valid_until,
        **{"status": EntryCodeStatus.READY, **fields},
    )
    assert standing(code, came, {}, NOW, ZONE) == found


def test_the_badge_of_who_left_waits_for_a_handover(session, sqlite_people):
    badge, colleague = (
        cast.ready_code(session, guide=one) for one in (sqlite_people.wang, sqlite_people.zhao)
    )
    session.get_one(Guide, sqlite_people.wang.id).leave("sync", NOW)
    session.flush()
    left = left_of(session, [badge, colleague])
    assert left == {sqlite_people.wang.id: NOW}
    assert standing(badge, CodeFigures(), left, NOW, ZONE) == CodeStanding.LEFT
    assert standing(colleague, CodeFigures(), left, NOW, ZONE) == CodeStanding.ACTIVE
