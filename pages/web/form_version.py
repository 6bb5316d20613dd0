"""A form that was opened before somebody else saved the same thing: its sender is told, instead of saving over it."""

import json

from flask import g, request
from pydantic_core import to_jsonable_python

from models.encryption import fingerprint
from models.errors import Refused
from models.sentences import Sentence

FIELD = "version"
WORDS = Sentence(
    "你打开这一页之后，别处保存过一次，现在的和你看到的不一样。下面是你写的，还没有保存：核对后再按一次，就用你的"
)


def mark(values: object) -> str:
    """What a form carries in its hidden field: the version that its sender saw, until she was told of a newer one."""
    given = request.form.get(FIELD, "")
    return given if given and "version_told" not in g else of(values)


def of(values: object) -> str:
    """Which version these values are: equal values are the same one."""
    plain = json.dumps(to_jsonable_python(values), sort_keys=True, ensure_ascii=False)
    return fingerprint(plain)[:16]


def check(values: object) -> None:
    """Refused when the form that was sent shows other values than these, which it is about to replace."""
    given = request.form.get(FIELD)
    if given and given != of(values):
        g.version_told = True
        raise Refused(WORDS)
