"""One filled-in poster of each design, with pictures drawn for this project: for documents, tests and measurements."""

import json
from pathlib import Path

from posters.fields import Art

FOLDER = Path(__file__).parent


def picture(name: str) -> bytes:
    """A picture of this folder."""
    return (FOLDER / name).read_bytes()


def samples() -> dict[str, Art]:
    """By the name of the design."""
    written = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    arts = (
        Art(**{**one, "picture": picture(one["picture"]) if "picture" in one else b""}) for one in written
    )
    return {art.design: art for art in arts}
