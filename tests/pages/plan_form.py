"""The form of a campaign, as HQ fills it in and sends it, and what came of it."""

from flask.testing import FlaskClient
from sqlmodel import select

from models.campaigns import Campaign
from tests.pages.conftest import Console

PLAN = {
    "name": "初雪雪地靴",
    "channel": "mass",
    "text": "新到的雪地靴，来{门店名}找我。",
    "to": "all",
    "launch_at": "2026-11-20T10:00",
    "ends_at": "2026-11-20T18:00",
}


def poster(design: str = "headline", place: int = 0, **words: str) -> dict[str, str]:
    """A poster among the inputs of the form."""
    here = f"attachments.{place}."
    typed = {f"{here}words.{name}": text for name, text in words.items()}
    return {f"{here}form": "poster", f"{here}design": design, **typed}


def pictured(picture_id: object, place: int = 0) -> dict[str, str]:
    """A picture for all among the inputs of the form."""
    return {f"attachments.{place}.form": "picture", f"attachments.{place}.picture_id": str(picture_id)}


def send(console: Console, client: FlaskClient, path: str = "/console/campaigns/new", **changes: object):
    return console.post(client, path, {**PLAN, "do": "save", **changes})


def campaigns(console: Console) -> list[Campaign]:
    with console.db.read() as session:
        return [
            one
            for one in session.exec(select(Campaign))
            if "northeast" not in one.name and "east" not in one.name
        ]
