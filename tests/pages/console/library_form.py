"""A piece of the library as HQ types it, and the buttons of its page."""

from tests.pages.conftest import Console

TYPED = {
    "name": "尺码怎么选",
    "kind": "content",
    "text": "量一下脚长，30 秒知道穿几码。",
    "attachments.0.form": "link",
    "attachments.0.url": "https://shop.example/size",
    "attachments.0.title": "尺码怎么选",
    "stock": "none",
    "do": "save",
}


def write(console: Console, who: str = "zhou", **changes: str) -> int:
    answer = console.post(
        console.signed_in(who), "/console/materials/new", TYPED | {"once": str(changes)} | changes
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return int(answer.location.partition("?")[0].rpartition("/")[2])


def press(console: Console, number: int, verb: str, who: str = "zhou", **form: str):
    return console.post(console.signed_in(who), f"/console/materials/{number}/{verb}", form)
