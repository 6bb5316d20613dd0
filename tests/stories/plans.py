"""HQ plans a campaign on its page, and what became of it for one guide."""

from datetime import timedelta

from sqlmodel import select

from models.campaigns import Campaign, Task
from models.org import find_guide
from ops import wiring
from tests.posters.samples import BOOTS
from tests.stories.house import House

TEXT = "沈阳今晚有雪，想试雪地靴可以来{门店名}找{导购名}。"


def poster_form(house: House, **changes: str) -> dict[str, str]:
    """What HQ types: a poster for everybody, from now for eight hours."""
    now = wiring.clock().astimezone(house.settings.zone)
    return {
        "name": "初雪雪地靴 · 东北首发",
        "channel": "mass",
        "attachments.0.form": "poster",
        "attachments.0.design": "artwork",
        "text": TEXT,
        "card_title": "初雪雪地靴",
        "card_note": "18:00 前，在群发助手里点一次发送",
        "to": "all",
        "do": "schedule" if "launch_at" in changes else "launch",
        "once": "once-1",
        "launch_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M}",
    } | changes


def schedule_poster(house: House, **changes: str) -> int:
    """HQ fills in the form and lets it start now; the campaign's id."""
    fields = poster_form(house, **changes)
    picture = (
        {"attachments.0.upload": ("boots.jpg", BOOTS, "image/jpeg")} if fields["attachments.0.form"] else {}
    )
    answer = house.office().send_form("/console/campaigns/new", fields, **picture)
    assert "/console/campaigns/" in answer.url and answer.ok, answer.text[:2000]
    house.run_job("launch")
    return int(answer.url.split("/console/campaigns/")[1].split("?")[0])


def text_form(house: House, name: str, **changes: str) -> dict[str, str]:
    """The same in words alone."""
    words = {"name": name, "attachments.0.form": "", "card_title": name, "once": name}
    return poster_form(house, **{**words, **changes})


def schedule_text(house: House, name: str, **changes: str) -> int:
    return schedule_poster(house, **text_form(house, name, **changes))


def in_an_hour(house: House) -> str:
    """As a form wants it, in the shop's own time."""
    return f"{wiring.clock().astimezone(house.settings.zone) + timedelta(hours=1):%Y-%m-%dT%H:%M}"


def remind(house: House, campaign_id: int) -> str:
    """HQ presses the button; the page that follows."""
    said = house.office().press(
        f"/console/campaigns/{campaign_id}/remind", at=f"/console/campaigns/{campaign_id}"
    )
    house.run_job("reminders")
    return said


def campaign(house: House, campaign_id: int) -> Campaign:
    return house.row(lambda session: session.get_one(Campaign, campaign_id))


def task_of(house: House, userid: str, campaign_id: int | None = None) -> Task:
    """Her task, of this campaign where there are several, as soon as she has one."""

    def look(session):
        query = select(Task).where(Task.guide_id == find_guide(session, userid).id)
        return session.exec(
            query.where(Task.campaign_id == campaign_id) if campaign_id else query
        ).one_or_none()

    return house.until(lambda: house.row(look))


def ready_task(house: House, userid: str, campaign_id: int | None = None) -> Task:
    """Her task, once it waits in her 群发助手."""
    return house.until(lambda: (task := task_of(house, userid, campaign_id)).msgid and task)


def read_results(house: House, userid: str, campaign_id: int, column: str) -> None:
    """Let the platform be asked, some minutes on, until her task knows this of it (confirmed_at, reached)."""
    house.until(
        lambda: (
            house.run_job("results", minutes=31) is not None
            and getattr(task_of(house, userid, campaign_id), column)
        )
    )
