"""The corp's customer tags change."""

from handlers.registry import Arrival, on

CHANGES = {"create": "新建了", "update": "改了", "delete": "删了", "shuffle": "重新排了"}


@on("change_external_tag.*")
def tag_changed(arrival: Arrival) -> str:
    """A tag or a group of tags changed; the list itself is read from the platform."""
    event = arrival.event
    what = "标签组" if event.text("TagType") == "tag_group" else "标签"
    change = CHANGES.get(event.kind.partition(".")[2], "动了")
    return f"管理员{change}{what}，已记下"
