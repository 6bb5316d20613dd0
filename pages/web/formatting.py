"""How numbers, times and states are said on pages."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from flask import Flask, current_app, has_app_context

from pages.web.i18n import CHINESE, _, current
from pages.web.labels import LABELS, NAMED_IN_SENTENCES, WORDS, state_of, word_of
from pages.web.site import site

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
LONG_WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
NONE = "—"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        count=count,
        percent=percent,
        yuan=yuan,
        clock=clock,
        clock_seconds=clock_seconds,
        clock_millis=clock_millis,
        day=day,
        short_day=short_day,
        short_days=short_days,
        month=month,
        weekday=weekday,
        moment=moment,
        seconds=seconds,
        size=size,
        listed=listed,
        duration=duration,
        initial=initial,
        local=local,
    )
    app.jinja_env.globals.update(state_of=state_of, word_of=word_of)
    app.jinja_env.globals.update({one.__name__: one for one in (*LABELS, *WORDS, *NAMED_IN_SENTENCES)})


def count(number: int | None) -> str:
    """1,248; a real minus; a dash where there is no number."""
    return NONE if number is None else f"{number:,}".replace("-", "−")


def listed(words: Iterable[object]) -> str:
    """Several, one after the other."""
    return ("、" if current() == CHINESE else ", ").join(map(str, words))


def percent(part: int, whole: int, digits: int = 1) -> str:
    return NONE if not whole else f"{100 * part / whole:.{digits}f}%"


def yuan(cents: int | None) -> str:
    """¥15.00; ¥4,680 where it is much and whole."""
    if cents is None:
        return NONE
    return f"¥{cents // 100:,}" if cents % 100 == 0 and cents >= 10_000 else f"¥{cents / 100:,.2f}"


def seconds(value: float | None) -> str:
    """0.8 秒, 10.0 秒, 75 秒, 2 分钟, 13 小时 36 分."""
    if value is None:
        return NONE
    if value >= 120:
        return duration(timedelta(seconds=value))
    return _("{n} 秒", n=f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 60 else f"{value:.0f}")


def duration(value: timedelta) -> str:
    """3 小时 28 分, for what is left or has passed."""
    minutes = max(0, int(value.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("{d} 天 {h} 小时", d=days, h=hours)
    return _("{h} 小时 {m} 分", h=hours, m=minutes % 60) if hours else _("{m} 分钟", m=minutes % 60)


def size(number: int) -> str:
    """1.5 MB, 8 MB, 12 KB."""
    if number < 1_048_576:
        return f"{max(1, round(number / 1024))} KB"
    return f"{number / 1_048_576:.1f}".removesuffix(".0") + " MB"


def initial(name: str) -> str:
    """The sign in a round picture: the first of a name."""
    return name.strip()[:1].upper() or "?"


def local(moment: datetime) -> datetime:
    """In the shop's own time."""
    zone = site().zone if has_app_context() and "onetap" in current_app.extensions else UTC
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


def clock(moment: datetime | None) -> str:
    return f"{local(moment):%H:%M}" if moment else NONE


def clock_seconds(moment: datetime | None) -> str:
    return f"{local(moment):%H:%M:%S}" if moment else NONE


def clock_millis(moment: datetime | None) -> str:
    return f"{local(moment):%H:%M:%S}.{local(moment).microsecond // 1000:03d}" if moment else NONE


def day(moment: datetime | date) -> str:
    """11 月 19 日"""
    when = local(moment) if isinstance(moment, datetime) else moment
    return f"{when.month} 月 {when.day} 日" if current() == CHINESE else f"{when:%b} {when.day}"


def short_days(first: date, last: date) -> str:
    """11.16 – 22; 11.30 – 12.6: where a column is narrow"""
    same = first.month == last.month
    if current() == CHINESE:
        return f"{first.month}.{first.day} – {last.day if same else f'{last.month}.{last.day}'}"
    return f"{first:%b} {first.day} – {last.day if same else f'{last:%b} {last.day}'}"


def short_day(when: date) -> str:
    """11.28; with the year where it is another than today's."""
    other = when.year != local(site().clock()).year
    if current() == CHINESE:
        return f"{when.year}.{when.month}.{when.day}" if other else f"{when.month}.{when.day}"
    return f"{when:%b} {when.day}" + (f", {when.year}" if other else "")


def month(when: date) -> str:
    """2026 年 11 月"""
    return f"{when.year} 年 {when.month} 月" if current() == CHINESE else f"{when:%B %Y}"


def weekday(moment: datetime | date, long: bool = False) -> str:
    when = local(moment) if isinstance(moment, datetime) else moment
    return _((LONG_WEEKDAYS if long else WEEKDAYS)[when.weekday()])


def moment(when: datetime | None, now: datetime | None = None) -> str:
    """今天 14:32, 昨天 09:10, 明天 10:00, else 11 月 6 日 14:31 (with the year when it is another)."""
    if when is None:
        return NONE
    then, today = local(when), local(now or site().clock())
    days = (then.date() - today.date()).days
    near = {0: "今天 {t}", -1: "昨天 {t}", 1: "明天 {t}"}.get(days)
    if near:
        return _(near, t=f"{then:%H:%M}")
    year = f"{then.year} " + ("年 " if current() == CHINESE else "") if then.year != today.year else ""
    return f"{year}{day(then.date())} {then:%H:%M}"
