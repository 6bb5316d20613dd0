"""A number that is a link opens exactly the rows that it counts: every such link of the console, for each role."""

import html
import re
from datetime import timedelta
from itertools import count, cycle, product

import pytest
from sqlmodel import Session

from models.campaigns import Campaign, CampaignStatus, Task
from models.friends import Customer, Friend, FriendStatus
from models.friends.entry_codes import EntryCode
from models.groups import Group
from models.groups.robots import Robot
from models.ledger.inbox import Inbox, InboxStatus
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide, GuideStatus
from tests.pages.conftest import Console

LISTS = re.compile(
    r"/console/(deliveries|callbacks|guides|stores|friends|groups|campaigns|campaigns/\d+/tasks)(\?|$)"
)
"""Pages of rows"""
LINK = re.compile(r'<a\b[^>]*href="(?P<href>[^"]*)"[^>]*>(?P<words>.*?)</a>', re.DOTALL)
NUMBER = re.compile(r"\d[\d,]*")
AGES = (timedelta(minutes=10), timedelta(days=3), timedelta(days=40))
BRANCHES = (("northeast", "zhongjie", "wangfang"), ("east", "xinjiekou", "sunjiayi"))


@pytest.fixture
def varied(console: Console) -> Console:
    """Rows of every kind in every state, of today, this week and long ago, in both branches."""
    numbers = count(1)
    with console.db.write() as session:
        for branch, store, guide in BRANCHES:
            _campaigns(session, console, branch)
            gone = _guides(session, console, store, guide, numbers)
            _friends(session, console, branch, store, guide, gone, numbers)
            _groups(session, console, branch, store, numbers)
            _calls(session, console, branch, guide, numbers)
            _tasks(session, console, branch, store, numbers)
        for state, age in product(InboxStatus, AGES):
            at = console.clock.now - age
            key = f"in{next(numbers)}"
            session.add(Inbox(key=key, source="app", kind="x", body="<xml/>", received_at=at, status=state))
    return console


def _campaigns(session: Session, console: Console, branch: str) -> None:
    kept = session.get_one(Campaign, console.ids[f"campaign_{branch}"])
    fields = kept.model_dump(exclude={"id", "status"})
    for state, _ in product(CampaignStatus, range(3)):
        session.add(Campaign(**fields, status=state))


def _guides(session: Session, console: Console, store: str, guide: str, numbers: "count[int]") -> Guide:
    """One who left with friends, one who left without, one who works; each has a code that failed, as her store has."""
    now, made = console.clock.now, []
    for status in (GuideStatus.LEFT, GuideStatus.LEFT, GuideStatus.ACTIVE):
        userid = f"g{next(numbers)}"
        person = Guide(
            userid=userid, userid_key=userid, name=userid, store_id=console.ids[store], joined_at=now
        )
        person.status, person.left_at = status, now if status == GuideStatus.LEFT else None
        session.add(person)
        session.flush()
        made.append(person)
    codes = [("guide", one.id, None) for one in made] + [("store", None, console.ids[store])]
    for kind, guide_id, store_id in codes:
        number = next(numbers)
        session.add(
            EntryCode(
                state=f"s{number}", kind=kind, guide_id=guide_id, store_id=store_id, name="码", status="failed", created_at=now
            )
        )  # fmt: skip
    return made[0]


def _friends(
    session: Session,
    console: Console,
    branch: str,
    store: str,
    guide: str,
    gone: Guide,
    numbers: "count[int]",
) -> None:
    """In the account of one guide and served by another, in every state."""
    for status, (owner, hers) in product(
        FriendStatus,
        ((console.ids[guide], gone.id), (gone.id, console.ids[guide]), (console.ids[guide], None)),
    ):
        now = console.clock.now
        customer = Customer(external_userid=f"wx{next(numbers)}", seen_at=now)
        session.add(customer)
        session.flush()
        session.add(
            Friend(
                customer_id=customer.id, owner_id=owner, guide_id=hers, store_id=console.ids[store],
                branch_id=console.ids[branch], status=status, added_at=now, changed_at=now,
            )
        )  # fmt: skip


def _groups(session: Session, console: Console, branch: str, store: str, numbers: "count[int]") -> None:
    """Internal groups whose robot works, is dead, is none; and one that was dismissed."""
    for state, robot in (("active", "active"), ("active", "dead"), ("active", ""), ("dismissed", "dead")):
        number = next(numbers)
        group = Group(
            chat_id=f"wr{number}", kind="internal", name=f"群 {number}", status=state, store_id=console.ids[store],
            branch_id=console.ids[branch], created_at=console.clock.now,
        )  # fmt: skip
        session.add(group)
        session.flush()
        if robot:
            session.add(
                Robot(
                    group_id=group.id, name="机器人", encrypted_key="x", key_hash=f"h{number}", status=robot,
                    created_at=console.clock.now,
                )
            )  # fmt: skip


def _calls(session: Session, console: Console, branch: str, guide: str, numbers: "count[int]") -> None:
    for state, channel, age in product(OutboxStatus, ("welcome", "mass"), AGES):
        at = console.clock.now - age
        session.add(
            Outbox(
                key=f"out{next(numbers)}", channel=channel, lane="quick", status=state, due_at=at, created_at=at, called_at=at,
                done_at=at, guide_id=console.ids[guide], campaign_id=console.ids[f"campaign_{branch}"],
                attempts=2, reason="没有回答", target="王芳",
            )
        )  # fmt: skip


def _tasks(session: Session, console: Console, branch: str, store: str, numbers: "count[int]") -> None:
    """Every way in which a guide may have come so far, with and without a task that left her out."""
    now = console.clock.now
    without = cycle([("", "m"), ("没有好友", ""), ("", ""), ("平台不认识", "m")])
    for (carded, opened, said, confirmed), (skipped, made) in zip(
        product((now, None), repeat=4), without, strict=False
    ):
        number = next(numbers)
        userid = f"t{number}"
        person = Guide(
            userid=userid, userid_key=userid, name=userid, store_id=console.ids[store], joined_at=now
        )
        session.add(person)
        session.flush()
        session.add(
            Task(
                code=f"c{number}", campaign_id=console.ids[f"campaign_{branch}"], guide_id=person.id,
                store_id=console.ids[store], branch_id=console.ids[branch], text="来", customer_count=3,
                msgid=made and f"m{number}", skipped=skipped, created_at=now, card_sent_at=carded, opened_at=opened,
                reported_at=said, confirmed_at=confirmed, ready_at=now if made else None,
            )
        )  # fmt: skip


def pages_of(console: Console) -> list[str]:
    ids = console.ids
    return [
        "/console/",
        *(f"/console/{name}" for name in ("deliveries", "callbacks", "guides", "stores", "friends", "groups", "campaigns")),
        *(f"/console/campaigns/{ids[f'campaign_{branch}']}" for branch, *_ in BRANCHES),
        *(f"/console/campaigns/{ids[f'campaign_{branch}']}/tasks" for branch, *_ in BRANCHES),
        *(f"/console/guides/{ids[guide]}" for *_, guide in BRANCHES),
        *(f"/console/stores/{ids[store]}" for _, store, _ in BRANCHES),
        "/console/groups/" + str(ids["group_northeast"]),
    ]  # fmt: skip


def rows(client, address: str) -> int:
    """How many rows the address opens, over all its pages."""
    found, page = 0, 1
    while True:
        text = client.get(f"{address}{'&' if '?' in address else '?'}page={page}").get_data(as_text=True)
        body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
        found += len(re.findall(r"<tr\b", body[1])) if body else 0
        if f"page={page + 1}" not in text:
            return found
        page += 1


@pytest.mark.parametrize("who", ["zhou", "chen", "ma"])
def test_a_number_opens_exactly_the_rows_that_it_counts(varied: Console, who: str) -> None:
    client = varied.signed_in(who)
    wrong, seen = [], {}
    for path in pages_of(varied):
        answer = client.get(path)
        if answer.status_code != 200:
            continue
        for link in LINK.finditer(answer.get_data(as_text=True)):
            href, words = html.unescape(link["href"]), html.unescape(re.sub(r"<[^>]+>", " ", link["words"]))
            number = NUMBER.search(words)
            if not number or not LISTS.match(href) or re.search("[?&](page|open)=", href):
                continue
            said = int(number[0].replace(",", ""))
            seen[href] = seen[href] if href in seen else rows(client, href)
            if seen[href] != said:
                wrong.append(f"{path}: {' '.join(words.split())} → {href} opens {seen[href]}")
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 15


@pytest.mark.parametrize("who", ["zhou", "chen"])
def test_a_line_of_a_campaign_opens_as_many_guides_as_it_says(varied: Console, who: str) -> None:
    client = varied.signed_in(who)
    page = client.get(f"/console/campaigns/{varied.ids['campaign_northeast']}").get_data(as_text=True)
    lines = re.findall(
        r'<tr data-href="([^"]*/tasks\?[^"]*)">.*?<td class="num weak">([\d,]+)</td>', page, re.DOTALL
    )
    assert lines
    for href, number in lines:
        assert rows(client, html.unescape(href)) == int(number)
