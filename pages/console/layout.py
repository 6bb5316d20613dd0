"""What every console page shares: the way through the console, the counters beside it, who is signed in."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from models import stats
from models.accounts import Role
from models.db.writable import Unwritable
from models.sentences import Sentence
from pages.web import access, kept_forms, sessions
from pages.web.site import site

DISK = {
    Unwritable.FULL: Sentence(
        "磁盘满了：什么都存不下，回调会由平台再送来。请在服务器上腾出地方，腾出后自己恢复"
    ),
    Unwritable.READ_ONLY: Sentence("数据库所在的文件夹只能读：什么都存不下。请检查它的权限和磁盘的挂载方式"),
    Unwritable.BROKEN: Sentence("数据库所在的磁盘报错：什么都存不下。请先看磁盘，再看备份"),
}


@dataclass(frozen=True)
class Link:
    """One line of the sidebar."""

    endpoint: str
    word: str
    icon: str
    badge: str = ""
    counted: str = ""
    """The state whose rows the badge counts, where the page's list knows it: the number opens exactly these."""
    also: tuple[str, ...] = ()
    """Endpoints of what else lies behind it, besides the pages below its own address"""

    @property
    def here(self) -> bool:
        """The page asked for lies behind it."""
        roots = [url_for(one) for one in (self.endpoint, *self.also)]
        return any(request.path == one or request.path.startswith(f"{one}/") for one in roots)


WAYS: tuple[tuple[str, tuple[Link, ...]], ...] = (
    (
        "",
        (
            Link("overview.today", "今日", "home"),
            Link("calendar.shown", "日历", "calendar-event"),
            Link("campaigns.all_campaigns", "活动", "speakerphone", "running", "running"),
            Link("materials.all_materials", "素材与海报", "photo"),
        ),
    ),
    (
        "人与群",
        (
            Link("friends.all_friends", "好友", "user-heart"),
            Link("guides.all_guides", "导购", "users", also=("handovers.all_handovers",)),
            Link("stores.all_stores", "门店与码", "building-store", also=("codes.all_codes",)),
            Link("groups.all_groups", "群与机器人", "robot", also=("announcements.all_announcements",)),
        ),
    ),
    (
        "运行",
        (
            Link("deliveries.all_deliveries", "投递", "send", "unknown", "unknown"),
            Link("callbacks.all_callbacks", "回调", "inbox", "parked", "parked"),
            Link("timetable.all_plans", "时间表", "clock"),
            Link(
                "accounts.settings",
                "设置",
                "settings",
                also=(
                    "accounts.all_accounts",
                    "accounts.all_tokens",
                    "passwords.form",
                    "audit.rows",
                    "setup.steps",
                ),
            ),
        ),
    ),
)
"""The sidebar. A line appears once its page exists and only for those who may open it."""


def install(app: Flask) -> None:
    app.context_processor(shared)


def shared() -> dict[str, Any]:
    """Template variables of every page: `site`, `now`, and on console pages `account`, `ways`, `badges`, `brand`."""
    always = {"site": site(), "now": site().clock(), "config_htmx": HTMX}
    if not request.path.startswith(access.GUARDED):
        return always
    visit = sessions.visit(sessions.CONSOLE)
    account = visit.account if visit else None
    partial = bool(request.headers.get("HX-Request"))
    unwritable = site().db.unwritable() if account and not partial else None
    with site().db.read() as session:
        brand = stats.brand_name(session)
        kept = None if partial else kept_forms.of_viewer(session)
        badges = (
            stats.badges(
                session,
                access.scope(account).campaigns(session),
                access.scope(account).deliveries(),
                account.role == Role.HQ,
            )
            if account and not partial
            else {}
        )
    return always | {
        "account": account,
        "kept": kept,
        "brand": brand,
        "disk": DISK[unwritable] if unwritable else "",
        "badges": badges,
        "ways": ways(account.role) if account and not partial else [],
    }


def ways(role: Role) -> list[tuple[str, list[tuple[Link, str]]]]:
    """The sidebar for one role, as (heading, [(link, address)])."""
    found = [
        (heading, [(link, url_for(link.endpoint)) for link in links if _open(link, role)])
        for heading, links in WAYS
    ]
    return [(heading, links) for heading, links in found if links]


def _open(link: Link, role: Role) -> bool:
    return link.endpoint in current_app.view_functions and role in access.roles_of(link.endpoint)


HTMX = (
    '{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyCacheSize":0,"responseHandling":['
    '{"code":"204","swap":false},{"code":"304","swap":false},{"code":"[23]..","swap":true},'
    '{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}'
)
"""htmx's configuration: nothing evaluated, no styles of its own, no other site, 304 changes nothing, 422 shows the form again."""
