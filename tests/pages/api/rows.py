"""The small retailer whose systems call the API: two branches, three stores, three guides, a row of each noun per branch."""

from datetime import timedelta

from pyroaring import FrozenBitMap

from models.campaigns import Campaign, Task, TaskAudience
from models.encryption import fingerprint
from models.groups.robots import Robot
from tests import cast
from tests.pages.shop import SUN, add_callback, add_code, add_delivery, add_friend, add_group, add_org, keep


def fill(session, ids, encryption, now):
    add_org(session, ids, now)
    for branch, store, guide in (("northeast", "zhongjie", cast.WANG), ("east", "xinjiekou", SUN)):
        add_code(session, ids, now, branch, guide)
        add_callback(session, ids, now, branch, guide)
        add_friend(session, ids, now, branch, store, guide)
        add_group(session, ids, now, branch, store, guide)
        add_delivery(session, ids, now, branch, guide)
    _campaign(session, ids, now)
    ids["robot"] = keep(
        session,
        ids,
        "robot",
        Robot(
            group_id=ids["group_east"],
            name="播报",
            encrypted_key=encryption.encrypt("secret-webhook-key"),
            key_hash=fingerprint("secret-webhook-key"),
            key_tail="-key",
            created_at=now,
        ),
    )


def _campaign(session, ids, now):
    """It runs, with two tasks and what became of their customers."""
    number = keep(
        session,
        ids,
        "campaign",
        Campaign(
            name="周末九折",
            text="周末九折",
            status="running",
            launch_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=5),
            launched_at=now,
            created_at=now,
        ),
    )
    for guide, store, branch, people in (
        ("wangfang", "zhongjie", "northeast", ["wm-a", "wm-b", "wm-c"]), ("sunjiayi", "xinjiekou", "east", ["wm-d", "wm-e"]),
    ):  # fmt: skip
        task = keep(
            session,
            ids,
            f"task_{guide}",
            Task(
                code=f"secret-task-{guide}",
                campaign_id=number,
                guide_id=ids[guide],
                store_id=ids[store],
                branch_id=ids[branch],
                customer_count=len(people),
                created_at=now,
                card_sent_at=now,
                opened_at=now if guide == "wangfang" else None,
            ),
        )
        first, second, *_ = members = cast.customers(session, *people)
        session.add(
            TaskAudience(
                task_id=task, members=members, reached=FrozenBitMap([first]), limited=FrozenBitMap([second])
            )
        )
