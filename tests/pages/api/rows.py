"""The small retailer whose systems call the API: two branches, three stores, three guides, a row of each noun per branch."""

from datetime import timedelta

from pyroaring import FrozenBitMap

from models.campaigns import Campaign, Task, TaskAudience
from models.encryption import fingerprint
from models.friends import Customer, Friend
from models.friends.entry_codes import EntryCode
from models.groups import Group
from models.groups.robots import Robot
from models.ledger.inbox import Inbox
from models.ledger.outbox import Outbox
from tests import cast
from tests.pages.shop import SUN, add_org, keep


def fill(session, ids, encryption, now):
    add_org(session, ids, now)
    for branch, store, guide in (("northeast", "zhongjie", cast.WANG), ("east", "xinjiekou", SUN)):
        _people(session, ids, now, branch, store, guide)
        _ledger(session, ids, now, branch, guide)
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


def _people(session, ids, now, branch, store, guide):
    code = keep(
        session,
        ids,
        f"code_{branch}",
        EntryCode(
            state=f"state-{branch}",
            kind="guide",
            guide_id=ids[guide],
            name="试衣间",
            userids=[guide],
            status="ready",
            config_id=f"cfg-{branch}",
            payload=f"https://work.weixin.qq.com/u/{branch}",
            created_at=now,
        ),
    )
    customer = keep(
        session,
        ids,
        f"customer_{branch}",
        Customer(external_userid=f"wm-{branch}", name="林若溪", seen_at=now),
    )
    step = {"rule": "code", "question": "码是谁的", "answer": "她的", "outcome": "hit"}
    keep(
        session,
        ids,
        f"friend_{branch}",
        Friend(
            customer_id=customer,
            owner_id=ids[guide],
            guide_id=ids[guide],
            store_id=ids[store],
            branch_id=ids[branch],
            rule="code",
            reason="码是她的",
            steps=[step],
            code_id=code,
            state=f"state-{branch}",
            added_at=now - timedelta(minutes=5),
            changed_at=now,
        ),
    )
    keep(
        session,
        ids,
        f"group_{branch}",
        Group(
            chat_id=f"wr-{branch}",
            kind="internal",
            name=f"{branch} 店长群",
            owner_id=ids[guide],
            store_id=ids[store],
            branch_id=ids[branch],
            members=12,
            created_at=now,
        ),
    )


def _ledger(session, ids, now, branch, guide):
    callback = keep(
        session,
        ids,
        f"callback_{branch}",
        Inbox(
            key=f"key-{branch}",
            source="app",
            kind="change_external_contact.add_external_contact",
            actor="sys",
            subject=guide,
            body="<xml><Event>change_external_contact</Event></xml>",
            event_at=now,
            received_at=now,
            status="handled",
            handled_at=now,
        ),
    )
    called = now - timedelta(minutes=5)
    keep(
        session,
        ids,
        f"delivery_{branch}",
        Outbox(
            key=f"welcome:{branch}",
            channel="welcome",
            lane="welcome",
            priority=0,
            status="sent",
            due_at=now,
            guide_id=ids[guide],
            friend_id=ids[f"friend_{branch}"],
            group_id=ids[f"group_{branch}"],
            target="林若溪",
            why="新好友",
            inbox_id=callback,
            payload={"text": "您好"},
            attempts=1,
            created_at=called,
            called_at=called,
            done_at=called + timedelta(seconds=0.8),
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
