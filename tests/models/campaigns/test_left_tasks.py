"""What a leaver has not sent is dropped with a reason; what is confirmed, over or a colleague's stays."""

from sqlmodel import select

from models.campaigns import CampaignStatus, Task, TaskState, left_tasks
from models.org import Guide
from tests import cast
from tests.cast import NOW


def test_her_open_tasks_are_dropped_with_a_reason_and_nobody_elses_F05(sqlite_database, sqlite_people):
    with sqlite_database.write() as session:
        wang, zhao = (session.get_one(Guide, one.id) for one in (sqlite_people.wang, sqlite_people.zhao))
        running = cast.campaign(session)
        over = cast.campaign(session, name="结束了", status=CampaignStatus.FINISHED)
        sent = cast.campaign(session, name="发过了")
        tasks = {
            "open": cast.task(session, running, wang),
            "over": cast.task(session, over, wang),
            "sent": cast.task(session, sent, wang, confirmed_at=NOW),
            "zhao": cast.task(session, running, zhao),
        }
        ids = {name: task.id for name, task in tasks.items()}
        assert left_tasks.waiting(session, wang.id) == 1
        assert left_tasks.drop(session, wang) == 1
        assert left_tasks.drop(session, wang) == 0
    with sqlite_database.read() as session:
        found = {task.id: task for task in session.exec(select(Task))}
    assert found[ids["open"]].state == TaskState.SKIPPED
    assert found[ids["open"]].skipped.startswith("王芳离职了，没发出的不再发")
    assert [found[ids[name]].skipped for name in ("over", "sent", "zhao")] == ["", "", ""]
