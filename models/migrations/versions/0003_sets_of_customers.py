"""Audiences as sets of ids: a guide's share, the whole campaign, and whom it left out.

Lists of the platform's names become Roaring bitmaps. A name that has no row gets one, so nobody is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op
from pyroaring import BitMap

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = {"reached": 1, "not_friend": 2, "limited": 3, "refused": 9}
SETS = ("members", *KINDS)
PIECE = 500
text, moment = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
JSON = sa.JSON()

AUDIENCE = sa.table(
    "audience",
    sa.column("id"),
    sa.column("task_id"),
    sa.column("customers", JSON),
    sa.column("results", JSON),
)
SHARE = sa.table(
    "task_audience",
    sa.column("id"),
    sa.column("task_id"),
    sa.column("fresh", sa.Boolean()),
    *(sa.column(name, sa.LargeBinary()) for name in SETS),
)
WHOLE = sa.table(
    "campaign_audience",
    sa.column("campaign_id"),
    *(sa.column(name, sa.LargeBinary()) for name in SETS),
)
EXCLUSION = sa.table(
    "exclusion", sa.column("campaign_id"), sa.column("words"), sa.column("members", sa.LargeBinary())
)
TASK = sa.table(
    "task",
    sa.column("id"),
    sa.column("campaign_id"),
    sa.column("guide_id"),
    sa.column("skipped"),
    sa.column("created_at", moment()),
)
CAMPAIGN = sa.table("campaign", sa.column("id"), sa.column("channel"), sa.column("planned_at", moment()))
CUSTOMER = sa.table(
    "customer",
    sa.column("id"),
    sa.column("external_userid"),
    sa.column("name"),
    sa.column("avatar_url"),
    sa.column("kind"),
    sa.column("unionid"),
    sa.column("seen_at", moment()),
)
GROUP = sa.table(
    "group_chat",
    sa.column("id"),
    sa.column("chat_id"),
    sa.column("kind"),
    sa.column("name"),
    sa.column("owner_id"),
    sa.column("members"),
    sa.column("status"),
    sa.column("member_version"),
    sa.column("created_at", moment()),
    sa.column("stale", sa.Boolean()),
)


def upgrade() -> None:
    make_tables()
    for piece in pieces(AUDIENCE):
        to_sets(piece)
    to_campaigns()
    op.drop_table("audience")


def downgrade() -> None:
    op.create_table(
        "audience",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("customers", sa.JSON(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_audience_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sa.UniqueConstraint("task_id", name=op.f("uq_audience_task_id")),
    )
    for piece in pieces(SHARE):
        to_lists(piece)
    for name in ("exclusion", "campaign_audience", "task_audience"):
        op.drop_table(name)


def pieces(table: sa.TableClause) -> Iterator[list[Any]]:
    """The rows of a table of lists with what their task and campaign say, some at a time."""
    query = (
        sa.select(
            table,
            TASK.c.campaign_id,
            TASK.c.guide_id,
            TASK.c.created_at,
            CAMPAIGN.c.channel,
        )
        .join(TASK, TASK.c.id == table.c.task_id)
        .join(CAMPAIGN, CAMPAIGN.c.id == TASK.c.campaign_id)
        .order_by(table.c.id)
        .limit(PIECE)
    )
    last = 0
    while rows := op.get_bind().execute(query.where(table.c.id > last)).all():
        yield rows
        last = rows[-1].id


def nouns(channel: str) -> tuple[sa.TableClause, sa.ColumnClause[Any]]:
    return (GROUP, GROUP.c.chat_id) if channel == "group_mass" else (CUSTOMER, CUSTOMER.c.external_userid)


# ---- names to ids


def to_sets(rows: list[Any]) -> None:
    known = {channel: ids(channel, rows) for channel in {row.channel for row in rows}}
    made = []
    for row in rows:
        number = known[row.channel]
        share = {"members": BitMap(number[name] for name in row.customers)}
        for kind, status in KINDS.items():
            told = (name for name, said in row.results.items() if said == status and name in number)
            share[kind] = BitMap(number[name] for name in told) & share["members"]
        made.append({"task_id": row.task_id, "fresh": False, **packed(share)})
    op.get_bind().execute(sa.insert(SHARE), made)


def ids(channel: str, rows: list[Any]) -> dict[str, int]:
    """Name → id of everybody in these rows; whom we have no row of gets one."""
    mine = [row for row in rows if row.channel == channel]
    wanted = {name: row for row in mine for name in row.customers}
    found = look_up(channel, wanted)
    if unknown := [name for name in wanted if name not in found]:
        make = new_group if channel == "group_mass" else new_customer
        op.get_bind().execute(sa.insert(nouns(channel)[0]), [make(name, wanted[name]) for name in unknown])
        found |= look_up(channel, unknown)
    return found


def look_up(channel: str, names: Iterable[str]) -> dict[str, int]:
    table, name = nouns(channel)
    wanted, found = list(names), {}
    for first in range(0, len(wanted), PIECE):
        query = sa.select(name, table.c.id).where(name.in_(wanted[first : first + PIECE]))
        found |= {row[0]: row[1] for row in op.get_bind().execute(query)}
    return found


def new_customer(name: str, row: Any) -> dict[str, Any]:
    return {
        "external_userid": name,
        "name": "",
        "avatar_url": "",
        "kind": 1,
        "unionid": "",
        "seen_at": row.created_at,
    }


def new_group(name: str, row: Any) -> dict[str, Any]:
    """What it is now is read from the platform at the next comparison."""
    return {
        "chat_id": name,
        "kind": "customer",
        "name": "",
        "owner_id": row.guide_id,
        "members": 0,
        "status": "active",
        "member_version": "",
        "created_at": row.created_at,
        "stale": True,
    }


def packed(sets: dict[str, BitMap]) -> dict[str, bytes]:
    return {name: one.serialize() for name, one in sets.items()}


def to_campaigns() -> None:
    """All shares of each campaign that was launched to its end; one that was not gets its sets when it is."""
    connection = op.get_bind()
    launched = connection.execute(sa.select(CAMPAIGN.c.id).where(CAMPAIGN.c.planned_at.is_not(None)))
    for (campaign_id,) in launched.all():
        whole, skipped = to_campaign(campaign_id)
        connection.execute(sa.insert(WHOLE), {"campaign_id": campaign_id, **packed(whole)})
        taken = skipped.pop("", BitMap())
        for words, members in skipped.items():
            if left_out := members - taken:
                taken |= left_out
                row = {"campaign_id": campaign_id, "words": words, "members": left_out.serialize()}
                connection.execute(sa.insert(EXCLUSION), row)
    unfinished = sa.select(CAMPAIGN.c.id).where(CAMPAIGN.c.planned_at.is_(None))
    fresh = sa.select(TASK.c.id).where(TASK.c.campaign_id.in_(unfinished))
    connection.execute(sa.update(SHARE).where(SHARE.c.task_id.in_(fresh)).values(fresh=True))


def to_campaign(campaign_id: int) -> tuple[dict[str, BitMap], dict[str, BitMap]]:
    """Its sets, and who was left out by the words why."""
    whole: dict[str, BitMap] = {name: BitMap() for name in SETS}
    skipped: dict[str, BitMap] = defaultdict(BitMap)
    shares = sa.select(SHARE, TASK.c.skipped).join(TASK, TASK.c.id == SHARE.c.task_id)
    for row in op.get_bind().execute(shares.where(TASK.c.campaign_id == campaign_id)):
        share = {name: BitMap.deserialize(getattr(row, name)) for name in SETS}
        for name in SETS:
            whole[name] |= share[name]
        skipped[row.skipped] |= share["members"]
    for kind in ("not_friend", "limited", "refused"):
        whole[kind] -= whole["reached"]
    return whole, skipped


# ---- ids to names


def to_lists(rows: list[Any]) -> None:
    made = []
    for row in rows:
        table, name = nouns(row.channel)
        sets = {one: BitMap.deserialize(getattr(row, one)) for one in SETS}
        members, known = list(sets["members"]), {}
        for first in range(0, len(members), PIECE):
            query = sa.select(table.c.id, name).where(table.c.id.in_(members[first : first + PIECE]))
            known |= {row[0]: row[1] for row in op.get_bind().execute(query)}
        results = {known[one]: status for kind, status in KINDS.items() for one in sets[kind]}
        made.append(
            {"task_id": row.task_id, "customers": [known[one] for one in members], "results": results}
        )
    op.get_bind().execute(sa.insert(AUDIENCE), made)


# ---- tables


def make_tables() -> None:
    op.create_table(
        "task_audience",
        *sets(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_audience_task_id_task")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_audience")),
        sa.UniqueConstraint("task_id", name=op.f("uq_task_audience_task_id")),
    )
    op.create_index(op.f("ix_task_audience_fresh"), "task_audience", ["fresh"])
    op.create_table(
        "campaign_audience",
        *sets(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_audience_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_audience")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_audience_campaign_id")),
    )
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("words", text(length=300), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_exclusion_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
        sa.UniqueConstraint("campaign_id", "words", name=op.f("uq_exclusion_campaign_id_words")),
    )


def sets() -> list[sa.Column[bytes]]:
    return [sa.Column(name, sa.LargeBinary(), nullable=False) for name in SETS]
