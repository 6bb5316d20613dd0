"""A person settles what nobody knows: the ledger and its nouns say the same, and the platform's own word is added."""

import pytest
from sqlmodel import select

from models import delivery_decisions
from models.campaigns import Card, announcement_launch, announcements, cards
from models.campaigns.announcements import Announcement, AnnouncementGroup
from models.errors import Refused
from models.friends import entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.ledger.outbox import Outbox, OutboxStatus
from models.org import Guide
from scheduler import jobs
from scheduler.jobs.cards import deal
from scheduler.queue import recovery
from tests import cast
from tests.campaign_stage import Stage
from tests.cast import LIN, WANG, ZHOU

ADD, WAY = "externalcontact/add_msg_template", "externalcontact/add_contact_way"
WHO = "周岚"


@pytest.fixture
def house(campaign_stage_on_both):
    """A person's word moves many tables: on both databases."""
    return campaign_stage_on_both


@pytest.fixture
def stage(campaign_stage):
    return campaign_stage


def say(house, row: Outbox, sent: bool, who: str = WHO) -> bool:
    """Whether the word still counted."""
    with house.db.write() as session:
        kept = session.get_one(Outbox, row.id, with_for_update=True)
        try:
            recovery.decide(session, kept, sent, who, house.now, cast.ZONE)
        except Refused:
            return False
    return True


def lost(house, channel: str, api: str, *, reset: str = "after") -> Outbox:
    """Let the platform's next answer of this kind be lost; the row that nobody knows about."""
    house.world.chaos({"api": api, "reset": reset, "times": 1})
    house.work()
    house.world.chaos()
    return house.rows(channel, status=OutboxStatus.UNKNOWN)[0]


def to_wang(house, *, reset: str = "after") -> Outbox:
    """A campaign to Wang alone, whose call got no answer; "before": it never reached the platform."""
    house.plan(scope={"guides": [house.people.wang.id]})
    jobs.launch(house.runtime, house.now)
    return lost(house, "mass", ADD, reset=reset)


def test_a_mass_call_noted_as_sent_is_on_her_card_and_its_results_are_read(house):
    """Only the platform knows the number of her task: it is asked for, and the call is not made again."""
    row = to_wang(house)
    assert house.task(house.people.wang).ready_at is None
    assert say(house, row, True)
    task = house.task(house.people.wang)
    assert (task.ready_at is not None, task.msgid, task.card_id is not None) == (True, "", True)
    house.cards_out()
    assert len(house.arrived("card", WANG)) == 1
    house.tick(seconds=15)
    task, kept = house.task(house.people.wang), house.rows("mass")[0]
    assert (kept.status, kept.settled_by, kept.answer["msgid"]) == (OutboxStatus.SENT, WHO, task.msgid)
    house.world.confirm(WANG, task.msgid)
    house.tick()
    assert house.task(house.people.wang).confirmed_at
    assert (len(house.calls(ADD)), len(house.arrived("mass", LIN)), len(house.arrived("card", WANG))) == (
        1,
        1,
        1,
    )


def test_a_mass_call_noted_as_not_sent_says_so_on_her_task_and_may_be_sent_again(house):
    row = to_wang(house, reset="before")
    assert not say(house, row, False), "the platform may still show it"
    house.advance(minutes=10)
    assert say(house, row, False)
    assert house.task(house.people.wang).skipped == f"{WHO} 核对后记为没送达"
    house.tick(seconds=15)
    assert [one.status for one in house.rows("mass")] == [OutboxStatus.NOT_SENT], (
        "a person's word is not asked about again"
    )
    with house.db.write() as session:
        delivery_decisions.send_again(session, session.get_one(Outbox, row.id), house.now, WHO)
    house.work()
    task = house.task(house.people.wang)
    assert (task.skipped, task.msgid != "") == ("", True)
    house.world.confirm(WANG, task.msgid)
    assert len(house.arrived("mass", LIN)) == 1


def test_what_was_decided_is_decided_once(house):
    row = to_wang(house)
    assert [say(house, row, sent, who) for sent, who in ((True, WHO), (False, "陈默"), (True, "陈默"))] == [
        True,
        False,
        False,
    ]
    task, kept = house.task(house.people.wang), house.rows("mass")[0]
    assert (task.skipped, kept.status, kept.settled_by) == ("", OutboxStatus.SENT, WHO)


def test_a_word_that_the_platform_cannot_confirm_stands_and_nothing_is_called_again(stage):
    say(stage, to_wang(stage, reset="before"), True)
    for _ in range(3):
        stage.tick(seconds=60)
    assert [(row.status, row.answer) for row in stage.rows("mass")] == [(OutboxStatus.SENT, None)]
    assert len(stage.calls(ADD)) == 1


@pytest.fixture
def announced(stage) -> tuple[Stage, Outbox]:
    """An announcement to Zhou's customer group, whose call got no answer."""
    with stage.db.write() as session:
        group = cast.customer_group(session, stage.people.zhou, now=stage.now)
        announcements.plan(
            session,
            title="打烊",
            text="今晚九点打烊",
            groups=[group.id],
            launch_at=stage.now,
            now=stage.now,
            who="周岚",
        )
    announcement_launch.launch_due(stage.db, stage.now)
    return stage, lost(stage, "group_mass", ADD)


def group_states(house) -> list[tuple[str, str]]:
    with house.db.read() as session:
        found = announcements.states(session, session.exec(select(Announcement)).one())
    return [(state.state, state.words) for state in found]


def test_an_announcement_noted_as_sent_waits_for_the_groups_owner_and_she_is_told(announced):
    house, row = announced
    assert group_states(house)[0][0] == OutboxStatus.UNKNOWN
    say(house, row, True)
    assert group_states(house) == [("waiting", "等群主在群发助手点一次发送")]
    house.tick(seconds=15)
    with house.db.read() as session:
        msgid = session.exec(select(AnnouncementGroup.msgid)).one()
    house.world.confirm(ZHOU, msgid)
    house.tick()
    assert group_states(house) == [(OutboxStatus.SENT, "群主已在群发助手确认")]
    assert (len(house.arrived("notice", ZHOU)), len(house.arrived("group_mass"))) == (1, 1)


def test_an_announcement_noted_as_not_sent_says_so_on_the_group(announced):
    house, row = announced
    house.advance(minutes=10)
    say(house, row, False)
    assert group_states(house) == [(OutboxStatus.NOT_SENT, f"{WHO} 核对后记为没送达")]


@pytest.mark.parametrize("sent", [True, False])
def test_a_doubtful_card_counts_as_on_her_phone_only_when_somebody_saw_it(stage, sent):
    stage.plan(scope={"guides": [stage.people.wang.id]})
    stage.tick(seconds=0)
    stage.advance(seconds=4)
    deal(stage.runtime, stage.now)
    with stage.db.write() as session:
        row = session.exec(select(Outbox).where(Outbox.channel == "card")).one()
        row.notes = {"cards": {str(session.exec(select(Card.id)).one()): 1}}
        row.request, row.status, row.done_at = {}, OutboxStatus.UNKNOWN, stage.now
    say(stage, row, sent)
    task = stage.task(stage.people.wang)
    with stage.db.read() as session:
        card = session.get_one(Card, task.card_id)
    assert (card.sent_at is not None, task.card_sent_at is not None) == (sent, sent)
    with stage.db.write() as session:  # of neither is a code known, with which it could be brought up to date
        cards.changed(session, session.merge(task), stage.now)
    stage.cards_out()
    assert len(stage.rows("card")) == (1 if sent else 2)


def lost_code(house) -> tuple[Outbox, int]:
    with house.db.write() as session:
        code = entry_codes.make_for_guide(session, session.get_one(Guide, house.people.wang.id), house.now)
    return lost(house, "contact_way", WAY), code.id


def code_of(house, code_id: int) -> EntryCode:
    with house.db.read() as session:
        return session.get_one(EntryCode, code_id)


def test_a_code_noted_as_made_is_usable_only_once_the_platform_tells_its_picture(stage):
    row, code_id = lost_code(stage)
    say(stage, row, True)
    assert (code_of(stage, code_id).status, "向平台查到后会自己补上" in code_of(stage, code_id).reason) == (
        EntryCodeStatus.FAILED,
        True,
    )
    stage.tick(seconds=15)
    assert (code_of(stage, code_id).status, code_of(stage, code_id).payload != "") == (
        EntryCodeStatus.READY,
        True,
    )
    assert len(stage.calls(WAY)) == 1


def test_a_code_noted_as_not_made_may_be_asked_for_again(stage):
    row, code_id = lost_code(stage)
    say(stage, row, False)
    assert (code_of(stage, code_id).status, code_of(stage, code_id).reason) == (
        EntryCodeStatus.FAILED,
        f"{WHO} 核对后记为没送达",
    )
    with stage.db.write() as session:
        entry_codes.make_for_guide(session, session.get_one(Guide, stage.people.wang.id), stage.now)
    stage.work()
    assert code_of(stage, code_id).status == EntryCodeStatus.READY
