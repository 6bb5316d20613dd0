"""Whom campaigns have contacted: the reached on the day it began, whoever may still get it today, nobody else."""

from datetime import timedelta

from models.campaigns import contacts
from models.preferences import Preferences
from tests import cast
from tests.cast import LIN, NOW, XU, ZONE
from tests.models.campaigns.selecting import DAY, earlier


def test_only_what_disturbs_a_customer_is_counted_and_from_the_day_it_began(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        done = earlier(session, XU, days=3)
        running = earlier(session, LIN, days=2, over=False, reached=False)
        earlier(session, XU, days=1, channel="group_mass")
        earlier(session, XU, days=40)
        found = contacts.contacts(session, NOW - 32 * DAY, ZONE, Preferences())
        assert [one.campaign_id for one in found] == [done.id, running.id]
        xu, lin = cast.customers(session, XU), cast.customers(session, LIN)
    first = contacts.first_day(NOW, ZONE, 3)
    assert list(contacts.windows(found, first)) == [lin]
    assert list(contacts.windows(found, first - timedelta(days=1))) == [xu, lin]


def test_a_day_is_the_shops_day():
    midnight = NOW.astimezone(ZONE).replace(hour=0, minute=0)
    assert contacts.first_day(midnight, ZONE, 1) == contacts.first_day(NOW, ZONE, 1) == midnight.date()
    assert contacts.first_day(midnight - timedelta(seconds=1), ZONE, 1) == midnight.date() - DAY
