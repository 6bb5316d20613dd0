"""What a person decides about calls: once, with her name, and never so that something arrives twice."""

import pytest
from sqlmodel import select

from models import delivery_decisions
from models.campaigns import Campaign, CampaignStatus, announcements
from models.campaigns.announcements import AnnouncementGroup
from models.db import Database, Offer
from models.errors import Refused
from models.friends import entry_codes
from models.groups.robots import Robot
from models.ledger import lease, outbox
from models.ledger.outbox import Outbox, OutboxStatus
from models.ledger.recovery import RECONCILED
from tests import cast
from tests.cast import NOW
from tests.models.ledger.rows import SECOND, claim, put, read, write


def again(database: Database, row_id: int, now=NOW) -> None:
    with database.write() as session:
        delivery_decisions.send_again(session, session.get_one(Outbox, row_id), now, "小李")


def refusal(database: Database, row_id: int) -> str:
    with pytest.raises(Refused) as no:
        again(database, row_id)
    return no.value.words


def campaign(database: Database, status: str, name: str = "初雪") -> int:
    with database.write() as session:
        return cast.campaign(session, name=name, status=status).id


def test_a_person_decides_an_unknown_row_once(database: Database):
    row = claim(database, put(database))
    write(database, lambda s: lease.settle(s, row, OutboxStatus.UNKNOWN, NOW))

    def decide(session):
        return delivery_decisions.decide(session, session.get_one(Outbox, row.id), True, "总部小李", NOW)

    write(database, decide)
    with pytest.raises(Refused, match="只有结果不明的才要人来定"):
        write(database, decide)
    assert read(database, row.id).reason == "总部小李 核对后记为已送达"


def test_a_person_may_send_again_what_surely_did_not_arrive(database: Database):
    offers: list[Offer] = []
    database.offer = offers.extend
    row = claim(database, put(database, due_at=NOW - SECOND))
    write(database, lambda s: lease.write_request(s, row, {"a": 1}, NOW))
    write(
        database,
        lambda s: lease.settle(
            s, row, OutboxStatus.NOT_SENT, NOW, errcode=40201, reason="被拦下", answer={"errcode": 40201}
        ),
    )
    offers.clear()
    again(database, row.id)
    kept = read(database, row.id)
    assert (kept.status, kept.attempts, kept.request, kept.errcode, kept.answer) == (
        OutboxStatus.QUEUED,
        0,
        None,
        None,
        None,
    )
    assert offers == [Offer("outbox", row.id, "quick")]
    assert "确定没送到" in refusal(database, row.id), "a second tap changes nothing"


def test_what_is_sent_again_is_nobodys_decision_any_more(database: Database):
    """Its new call may end unknown as well: then the platform is asked about it, as about any other."""
    row_id, later = put(database, "mass", status=OutboxStatus.UNKNOWN), NOW + RECONCILED
    write(database, lambda s: delivery_decisions.decide(s, s.get_one(Outbox, row_id), False, "小李", later))
    again(database, row_id)
    assert (read(database, row_id).settled_by, read(database, row_id).asked_at) == ("", None)


@pytest.mark.parametrize(
    "status",
    [
        OutboxStatus.SENT,
        OutboxStatus.UNKNOWN,
        OutboxStatus.QUEUED,
        OutboxStatus.CALLING,
        OutboxStatus.HELD,
        OutboxStatus.CANCELLED,
        OutboxStatus.EXPIRED,
    ],
)
def test_what_arrived_or_may_have_or_was_taken_back_is_never_sent_again(
    sqlite_database: Database, status: str
):
    """A row taken back may have been called before: without an answer, or before a restore."""
    row_id = put(sqlite_database, status=status)
    assert "只有确定没送到的才能再发" in refusal(sqlite_database, row_id)
    assert read(sqlite_database, row_id).status == status


def test_what_is_too_late_is_not_sent_again(sqlite_database: Database):
    row_id = put(sqlite_database, status=OutboxStatus.NOT_SENT, deadline=NOW - SECOND)
    assert "时限" in refusal(sqlite_database, row_id)


@pytest.mark.parametrize("status", [CampaignStatus.CANCELLED, CampaignStatus.FINISHED])
def test_a_campaign_that_is_over_sends_nothing_again_but_still_takes_back(
    sqlite_database: Database, status: str
):
    over = campaign(sqlite_database, status)
    task = put(sqlite_database, "mass", "task", status=OutboxStatus.NOT_SENT, campaign_id=over)
    recall = put(sqlite_database, "mass_cancel", "recall", status=OutboxStatus.NOT_SENT, campaign_id=over)
    assert "活动「初雪」" in refusal(sqlite_database, task)
    again(sqlite_database, recall)
    assert [read(sqlite_database, one).status for one in (task, recall)] == [
        OutboxStatus.NOT_SENT,
        OutboxStatus.QUEUED,
    ]


def test_a_stopped_announcement_says_nothing_again_in_any_group(sqlite_database: Database):
    with sqlite_database.write() as session:
        group = cast.internal_group(session)
        cast.add(session, Robot(group_id=group.id, encrypted_key="x", key_hash="x", created_at=NOW))
        said = announcements.plan(
            session, title="闭店时间", text="今晚九点", groups=[group.id], launch_at=NOW, now=NOW, who="周岚"
        )
        share = cast.add(session, AnnouncementGroup(announcement_id=said.id, group_id=group.id))
    by_robot = put(sqlite_database, "robot", "r", status=OutboxStatus.NOT_SENT, subject_id=share.id)
    by_owner = put(sqlite_database, "group_mass", "o", status=OutboxStatus.NOT_SENT, subject_id=said.id)
    for row_id in (by_robot, by_owner):
        again(sqlite_database, row_id)
        write(
            sqlite_database,
            lambda s, one=row_id: setattr(s.get_one(Outbox, one), "status", OutboxStatus.NOT_SENT),
        )
    with sqlite_database.write() as session:
        announcements.cancel(session, session.get_one(announcements.Announcement, said.id), "周岚", NOW)
    assert [refusal(sqlite_database, one) for one in (by_robot, by_owner)] == [
        "公告「闭店时间」已停止，里面的投递不再发"
    ] * 2


@pytest.mark.parametrize("channel", ["card", "card_update", "contact_way"])
def test_a_card_or_code_that_was_tried_anew_is_not_made_twice(sqlite_database: Database, channel: str):
    code = {"response_code": "C"}
    first = put(sqlite_database, channel, "first", status=OutboxStatus.NOT_SENT, subject_id=7, payload=code)
    other = put(
        sqlite_database, channel, "of another", status=OutboxStatus.NOT_SENT, subject_id=8, payload=code
    )
    put(sqlite_database, channel, "second", subject_id=7)
    assert "已经有新的一条" in refusal(sqlite_database, first)
    again(sqlite_database, other)


def test_a_card_without_a_code_for_its_update_is_not_tried_again(sqlite_database: Database):
    row_id = put(sqlite_database, "card_update", status=OutboxStatus.NOT_SENT, subject_id=7)
    assert "没有可用的更新凭证" in refusal(sqlite_database, row_id)


def test_who_takes_a_call_back_tells_its_code_or_task(sqlite_database: Database):
    with sqlite_database.write() as session:
        people = cast.play(session)
        code = entry_codes.make_for_guide(session, people.wang, NOW)
        task = cast.task(session, cast.campaign(session), people.wang, msgid="")
        mass = outbox.put(session, "mass", "mass:1", now=NOW, task_id=task.id)
        for row in (
            session.exec(select(Outbox).where(Outbox.channel == "contact_way")).one(),
            session.get_one(Outbox, mass),
        ):
            delivery_decisions.take_back(session, row, NOW, "周岚")
            session.refresh(row)
            with pytest.raises(Refused, match="撤不下来"):
                delivery_decisions.take_back(session, row, NOW, "周岚")
        assert (code.status, code.reason) == ("failed", "周岚 撤下了申请，可以再要一次")
        assert session.get_one(type(task), task.id).skipped == "周岚 撤下"


def test_a_restores_held_rows_leave_only_after_a_person_said_so_D08(database: Database):
    """Held rows are no business of the feeder."""
    row_id = put(database, status=OutboxStatus.HELD)
    with database.read() as session:
        assert outbox.due(session, "quick", NOW + SECOND, 9) == []
    assert write(database, lambda s: delivery_decisions.release(s, NOW, "小李")) == 1
    assert read(database, row_id).reason == "小李 放行"
    assert claim(database, row_id) is not None


def test_letting_go_leaves_a_paused_campaign_alone_D08(database: Database):
    paused = campaign(database, CampaignStatus.PAUSED, "停着的")
    running = campaign(database, CampaignStatus.RUNNING, "走着的")
    rows = [
        put(database, key=str(of), status=OutboxStatus.HELD, campaign_id=of) for of in (paused, running, None)
    ]
    assert write(database, lambda s: delivery_decisions.release(s, NOW, "小李", only=rows[0])) == 0
    assert write(database, lambda s: delivery_decisions.release(s, NOW, "小李")) == 2
    assert [read(database, row_id).status for row_id in rows] == [
        OutboxStatus.HELD,
        OutboxStatus.QUEUED,
        OutboxStatus.QUEUED,
    ]
    write(database, lambda s: setattr(s.get_one(Campaign, paused), "status", CampaignStatus.RUNNING))
    assert write(database, lambda s: delivery_decisions.release(s, NOW, "小李")) == 1


def test_one_row_may_be_let_go_alone(sqlite_database: Database):
    first, second = (put(sqlite_database, key=key, status=OutboxStatus.HELD) for key in "ab")
    assert write(sqlite_database, lambda s: delivery_decisions.release(s, NOW, "小李", only=second)) == 1
    assert [read(sqlite_database, one).status for one in (first, second)] == [
        OutboxStatus.HELD,
        OutboxStatus.QUEUED,
    ]
    assert write(sqlite_database, lambda s: delivery_decisions.release(s, NOW, "小李", only=second)) == 0


def test_thousands_are_let_go_in_pieces_the_most_urgent_first(sqlite_database: Database):
    for key, channel in enumerate(("mass", "notice", "mass")):
        put(sqlite_database, channel, str(key), status=OutboxStatus.HELD)
    assert write(sqlite_database, lambda s: delivery_decisions.release(s, NOW, "小李", limit=2)) == 2
    assert [read(sqlite_database, one).status for one in (1, 2, 3)] == [
        OutboxStatus.QUEUED,
        OutboxStatus.QUEUED,
        OutboxStatus.HELD,
    ]
    assert write(sqlite_database, lambda s: delivery_decisions.release(s, NOW, "小李", limit=2)) == 1
