"""Templates and sprite hold the icons of the list."""

from pathlib import Path

import pages
from pages.web.assets import assets
from pages.web.icons import ICONS, STATES


def test_every_icon_of_the_list_is_in_the_sprite() -> None:
    sprite = assets()["icons.svg"].content.decode()
    missing = [
        name for name in [*ICONS, *(f"state-{name}" for name in STATES)] if f'id="{name}"' not in sprite
    ]
    assert missing == []


def test_templates_only_use_icons_of_the_list() -> None:
    import re

    folder = Path(pages.__file__).parent / "templates" / "console"
    used = {
        name
        for path in folder.glob("*.html")
        for name in re.findall(r'icon\("([a-z0-9-]+)"', path.read_text())
    }
    assert used - set(ICONS) - {f"state-{name}" for name in STATES} - {"state-"} == set()
