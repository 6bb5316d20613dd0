"""Lists of names become sets of ids: nobody is lost, not even whom no row tells of, and the way back gives the same."""

from datetime import UTC, datetime

import pytest
from alembic import command
from pyroaring import FrozenBitMap
from sqlalchemy import JSON, Boolean, DateTime, Integer, MetaData, Table, insert
from sqlmodel import col, select

from models import migrate
from models.campaigns import CampaignAudience, Exclusion, Result, Task, TaskAudience, recipients, results
from models.db import Database
from models.groups import Group
from models.ledger.channels import GROUP_MASS, MASS
from tests import conftest

NOON = datetime(2026, 11, 19, 4, 0, tzinfo=UTC)
BEFORE = "0002"
NO_CODE = "她还没有能用的渠道码"


@pytest.fixture(params=["sqlite", "postgres"])
def old(request, tmp_path):
    """A database as it was before, with two guides, a campaign to customers and one to groups."""
    name = f"lists_{next(conftest.numbers)}"
    if request.param == "sqlite":
        url, server = f"sqlite:///{tmp_path}/old.sqlite3", None
    else:
        server = request.getfixturevalue("postgres_url")
        conftest.on_server(server, f"CREATE DATABASE {name}")
        url = conftest.sibling(server, name)
    database = Database(url)
    command.upgrade(migrate.config(database), BEFORE)
    fill(database)
    yield database
    database.close()
    if server:
        conftest.on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def fill(database):
    for number, userid in enumerate(("wang", "zhao"), 1):
        put(database, "guide", id=number, userid=userid, userid_key=userid)
    for name in ("wm-a", "wm-b", "wm-c", "wm-d"):
        put(database, "customer", external_userid=name)
    put(database, "group_chat", chat_id="wr-1", kind="customer", owner_id=1)
    put(database, "campaign", id=1, channel=MASS, planned_at=NOON)
    put(database, "campaign", id=2, channel=GROUP_MASS, planned_at=NOON)
    put(database, "campaign", id=3, channel=MASS)  # its launch was killed half way
    audience(database, 1, 1, 1, ["wm-c", "wm-a", "wm-gone"], {"wm-a": 1, "wm-c": 3, "wm-gone": 9})
    audience(database, 2, 1, 2, ["wm-c", "wm-d"], {}, skipped=NO_CODE)
    audience(database, 3, 2, 1, ["wr-1", "wr-new"], {"wr-new": 1, "wr-1": 0})
    audience(database, 4, 3, 1, ["wm-b"], {"wm-b": 2})


def audience(database, task_id, campaign_id, guide_id, customers, results, **more):
    put(database, "task", id=task_id, code=f"t{task_id}", campaign_id=campaign_id, guide_id=guide_id, **more)
    put(database, "audience", id=task_id, task_id=task_id, customers=customers, results=results)


def put(database, name, **values):
    """A row of a table as it was then; what is not said is empty."""
    with database.write() as session:
        table = Table(name, MetaData(), autoload_with=session.connection())
        missing = [
            one for one in table.columns if not (one.nullable or one.primary_key or one.name in values)
        ]
        session.execute(insert(table), {**{one.name: blank(one.type) for one in missing}, **values})


def blank(kind):
    for family, value in ((Boolean, False), (Integer, 0), (DateTime, NOON), (JSON, {})):
        if isinstance(kind, family):
            return value
    return ""


def shares(session):
    """Task → (the names in each set)."""
    found = {}
    for task, share in session.exec(select(Task, TaskAudience).join(TaskAudience)).all():
        channel = GROUP_MASS if task.campaign_id == 2 else MASS
        found[task.id] = {
            kind: set(names.values())
            for kind in ("members", *Result)
            if (names := recipients.names_of(session, channel, getattr(share, kind)))
        }
    return found


def test_every_name_of_every_list_is_in_its_set(old):
    migrate.upgrade(old)
    with old.read() as session:
        assert shares(session) == {
            1: {
                "members": {"wm-a", "wm-c", "wm-gone"},
                "reached": {"wm-a"},
                "limited": {"wm-c"},
                "refused": {"wm-gone"},
            },
            2: {"members": {"wm-c", "wm-d"}},
            3: {"members": {"wr-1", "wr-new"}, "reached": {"wr-new"}},
            4: {"members": {"wm-b"}, "not_friend": {"wm-b"}},
        }
        assert session.exec(select(Group.kind, Group.stale).where(Group.chat_id == "wr-new")).one() == (
            "customer",
            True,
        )


def test_a_launched_campaign_has_its_sets_and_the_words_for_whom_it_left_out(old):
    migrate.upgrade(old)
    with old.write() as session:
        whole = {row.campaign_id: row for row in session.exec(select(CampaignAudience))}
        left_out = session.exec(select(Exclusion)).one()
        assert set(whole) == {1, 2}
        assert set(recipients.names_of(session, MASS, whole[1].members).values()) == {
            "wm-a",
            "wm-c",
            "wm-d",
            "wm-gone",
        }
        assert len(whole[1].reached) == len(whole[1].limited) == len(whole[1].refused) == 1
        assert (left_out.campaign_id, left_out.words) == (1, NO_CODE)
        assert recipients.names_of(session, MASS, left_out.members) == {4: "wm-d"}, "wang writes to wm-c"
        session.add(CampaignAudience(campaign_id=3))
        session.flush()
        assert results.gather(session, 10) == 1, "what the third one has learnt waits for its launch to end"
        assert session.exec(
            select(col(CampaignAudience.not_friend)).where(CampaignAudience.campaign_id == 3)
        ).one() == FrozenBitMap([2])


def test_the_way_back_gives_the_same_lists(old):
    migrate.upgrade(old)
    command.downgrade(migrate.config(old), BEFORE)
    with old.read() as session:
        table = Table("audience", MetaData(), autoload_with=session.connection())
        back = {row.task_id: (sorted(row.customers), row.results) for row in session.execute(select(table))}
    assert back == {
        1: (["wm-a", "wm-c", "wm-gone"], {"wm-a": 1, "wm-c": 3, "wm-gone": 9}),
        2: (["wm-c", "wm-d"], {}),
        3: (["wr-1", "wr-new"], {"wr-new": 1}),
        4: (["wm-b"], {"wm-b": 2}),
    }
