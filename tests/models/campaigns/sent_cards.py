"""Cards of a campaign that was launched, as they lie on the phone."""

from models.campaigns import Card
from tests.cast import WANG


def launched(stage, **changes):
    stage.launch(**changes)
    return stage.task(stage.people.wang), stage.cards_of(WANG)[-1]["task_id"]


def card_of(stage, task):
    with stage.db.read() as session:
        return session.get_one(Card, task.card_id)


def on_her_phone(stage):
    """The cards that lie in her chat now, as they look now, oldest first: the built-in WeCom's own screen."""
    lines = stage.world.get(f"/phone/guide/{WANG}")["chat"]
    return [line["what"]["card"] for line in lines if line["kind"] == "card"]
