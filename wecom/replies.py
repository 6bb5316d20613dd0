"""Passive replies: what the answer to a smart robot's callback may carry."""

from typing import Any


def robot_text(content: str) -> dict[str, Any]:
    """Only allowed as the answer to event.enter_chat."""
    return {"msgtype": "text", "text": {"content": content}}


def robot_stream(stream: str, content: str, *, finish: bool = True) -> dict[str, Any]:
    """Markdown, at once or in pieces; the platform asks again under the same id until it is finished."""
    return {"msgtype": "stream", "stream": {"id": stream, "finish": finish, "content": content}}
