"""A guide tapped something on her card: noted as her word, never as more."""

from handlers.registry import EventContext, on
from models.campaigns import cards


@on("template_card_event", "template_card_menu_event")
def tap(context: EventContext) -> str:
    """She opened a task or says that she sent it; the platform's own word comes from reading results back."""
    event = context.event
    return cards.tapped(
        context.session,
        userid=event.actor,
        task_key=event.text("TaskId"),
        event_key=event.text("EventKey"),
        response_code=event.text("ResponseCode"),
        at=context.at,
        now=context.now,
        zone=context.handler_context.zone,
    )
