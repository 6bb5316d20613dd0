"""The icons that pages use, cut out of the npm package into one sprite."""

import re
from pathlib import Path

ICONS = (
    "alert-triangle",
    "apps",
    "arrow-back-up",
    "bell",
    "building-store",
    "calendar-event",
    "chart-bar",
    "check",
    "checklist",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "clock",
    "copy",
    "device-mobile",
    "download",
    "eye",
    "eye-off",
    "file",
    "git-branch",
    "grip-vertical",
    "heart-handshake",
    "history",
    "home",
    "inbox",
    "language",
    "link",
    "layout-grid-add",
    "list-check",
    "lock",
    "logout",
    "message-circle",
    "messages",
    "pencil",
    "photo",
    "photo-heart",
    "player-pause",
    "player-play",
    "plus",
    "qrcode",
    "refresh",
    "robot",
    "search",
    "send",
    "settings",
    "share",
    "speakerphone",
    "square",
    "text-wrap",
    "trash",
    "upload",
    "user",
    "user-heart",
    "user-minus",
    "user-plus",
    "user-share",
    "users",
    "users-group",
    "video",
    "x",
)
"""Tabler outline icons, by the package's names. Add a name here, then use `icon("name")`."""

RING = '<circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.75"/>'
DASHED = '<circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.75" stroke-dasharray="2.3 1.82"/>'
DISC = "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 0 0 0-12.5z"


def _cut_out(hole: str) -> str:
    return f'<path fill-rule="evenodd" fill="currentColor" d="{DISC}{hole}"/>'


STATES = {
    "waiting": RING,
    "calling": f'{RING}<path d="M8 4.6a3.4 3.4 0 0 1 0 6.8z" fill="currentColor"/>',
    "done": _cut_out("m3.2 4.95-3.75 3.9-.55.05-2.1-2 .9-.95 1.5 1.4 3.1-3.25z"),
    "failed": _cut_out(
        "M6.1 5.15 8 7.05l1.9-1.9.95.95L8.95 8l1.9 1.9-.95.95L8 8.95l-1.9 1.9-.95-.95L7.05 8l-1.9-1.9z"
    ),
    "unknown": f'{DASHED}<circle cx="8" cy="8" r="1.4" fill="currentColor"/>',
    "paused": _cut_out("M5.9 5.5h1.4v5H5.9zM8.7 5.5h1.4v5H8.7z"),
    "ended": f'{RING}<path d="M5.5 8h5" stroke="currentColor" stroke-width="1.75"/>',
    "draft": DASHED,
    "asked": f'{RING}<circle cx="8" cy="8" r="2.1" fill="currentColor"/>',
    "planned": f'{RING}<path d="M8 5v3.1l2 1.2" fill="none" stroke="currentColor" stroke-width="1.4"/>',
    "over": '<path d="m3.6 8.4 2.9 2.9 5.9-6.2" fill="none" stroke="currentColor" stroke-width="1.75"/>',
    "agreed": f'{RING}<path d="m5.7 8.1 1.6 1.6 3-3.2" fill="none" stroke="currentColor" stroke-width="1.5"/>',
}
"""The shapes of states: each is told apart without colour."""


def sprite(folder: Path) -> bytes:
    symbols = [
        _symbol(name, (folder / f"{name}.svg").read_text())
        for name in ICONS
        if (folder / f"{name}.svg").is_file()
    ]
    symbols += [
        f'<symbol id="state-{name}" viewBox="0 0 16 16">{body}</symbol>' for name, body in STATES.items()
    ]
    return ('<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>").encode()


def _symbol(name: str, svg: str) -> str:
    body = re.sub(r"\s+", " ", svg.partition(">")[2].rpartition("</svg>")[0]).strip()
    body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", body)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'
