"""Charts as numbers for inline SVG: the templates draw, nothing runs in the browser."""

from dataclasses import dataclass

from models.friends.welcome import WELCOME_SECONDS
from models.stats import HOURS, Arrivals, Welcomes
from pages.web.formatting import count, seconds
from pages.web.i18n import _

WIDTH, HEIGHT = 372, 62
LEAST_HOURS = 12
"""A bar is no wider than if there were so many."""


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    tone: str = ""


@dataclass(frozen=True)
class Chart:
    """Bars above (and below) a base line, with a sentence for those who cannot see it."""

    bars: tuple[Bar, ...]
    label: str
    base: float = HEIGHT


def welcome_bars(found: Welcomes) -> Chart:
    """One bar per second up to the platform's limit; what was missed stands alone and red behind it."""
    bins, step = found.bins(), WIDTH / (WELCOME_SECONDS + 2)
    top = max([*bins, found.missed, 1])
    bars = [
        Bar(
            n * step,
            HEIGHT - _height(number, top),
            step - 2.5,
            _height(number, top),
            "strong" if n < 4 else "",
        )
        for n, number in enumerate(bins)
        if number
    ]
    if found.missed:
        bars.append(
            Bar(
                (WELCOME_SECONDS + 0.6) * step,
                HEIGHT - _height(found.missed, top),
                step - 2.5,
                _height(found.missed, top),
                "bad",
            )
        )
    label = _(
        "{n} 条欢迎语的用时：一半在 {p50} 以内，百分之九十九在 {p99} 以内，错过 {missed} 位",
        n=count(len(found.taken)),
        p50=seconds(found.quantile(0.5)),
        p99=seconds(found.quantile(0.99)),
        missed=found.missed,
    )
    return Chart(tuple(bars), label)


def hour_bars(found: Arrivals, hour: int) -> Chart:
    """New friends above the line, lost ones below, hour by hour until now, at the right."""
    room, below = 52, 9.5
    first, free = _hours(found, hour)
    step, top = WIDTH / (free + hour - first + 1), max(*found.added, *found.lost, 1)
    bars = []
    for place, n in enumerate(range(first, hour + 1), free):
        height = _height(found.added[n], top, room)
        bars.append(
            Bar(place * step, room - max(height, 1), step - 5, max(height, 1), "strong" if height else "rail")
        )
        if found.lost[n]:
            bars.append(
                Bar(
                    place * step,
                    room + 2.5,
                    step - 5,
                    max(2, min(below, found.lost[n] / top * room)),
                    "grey",
                )
            )
    label = _(
        "今天每小时新增好友，共 {n} 位；流失 {m} 位", n=count(sum(found.added)), m=count(sum(found.lost))
    )
    return Chart(tuple(bars), label, room)


def hour_axis(found: Arrivals, hour: int) -> list[tuple[float, str, str]]:
    """(x in per cent, words, anchor) under the chart of hours."""
    first, free = _hours(found, hour)
    step = 100 / (free + hour - first + 1)
    marks = [(100.0, _("现在"), "end")]
    if hour - first >= 6:
        middle = (first + hour) // 2
        marks.insert(0, ((free + middle - first + 0.5) * step, _("{h} 时", h=middle), "middle"))
    if hour - first >= 2:
        marks.insert(0, (free * step, _("{h} 时", h=first), "start"))
    return marks


def _hours(found: Arrivals, hour: int) -> tuple[int, int]:
    """The first hour to draw: of the first friend, or the morning; and how much stays free before it where there are few."""
    earliest = next((n for n in range(HOURS) if found.added[n] or found.lost[n]), hour)
    first = min(earliest, 8, hour)
    return first, max(0, LEAST_HOURS - (hour - first + 1))


def _height(number: int, top: int, room: float = HEIGHT) -> float:
    """Bars start at zero; anything above zero can be seen."""
    return 0.0 if not number else max(2.5, room * number / top)
