"""A guide tapped something on her card: noted as her word, never as more."""

from handlers.registry import Arrival, on
from models.campaigns import cards


@on("template_card_event", "template_card_menu_event")
def tap(arrival: Arrival) -> str:
    """She opened a task or says that she sent it; the platform's own word comes from reading results back."""
    event = arrival.event
    return cards.tapped(
        arrival.session, userid=event.actor, task_key=event.text("TaskId"), event_key=event.text("EventKey"),
        response_code=event.text("ResponseCode"), at=arrival.at, now=arrival.now,
    )
