"""/stats and /audit: how today goes, what waits for a person, and who did what."""

from datetime import datetime
from typing import Literal

from pydantic import Field
from sqlalchemy import true
from sqlmodel import select

from models import stats, waiting
from models.accounts.audit import Audit
from models.ledger import outbox
from models.stats import Arrivals, Welcomes
from models.waiting import Waiting
from pages.api import endpoint
from pages.api.endpoint import ApiCall
from pages.api.pagination import NEWEST, between, like, piece
from pages.api.schemas import Line, Listing, Moment, Output, PageOut
from pages.web.site import site

TAG = "数字与记录"


class PeopleOut(Output):
    """有多少。"""

    guides: int
    stores: int
    branches: int


class WelcomesOut(Output):
    """今天的欢迎语。"""

    sent: int
    missed: int
    percent_in_time: float | None
    p50_seconds: float | None
    p99_seconds: float | None


class ArrivalsOut(Output):
    """今天的新好友。"""

    added: int
    lost: int
    same_time_last_week: int
    added_by_hour: list[int]
    lost_by_hour: list[int]


class UnknownOut(Output):
    """结果不明的投递。"""

    channel: str
    count: int


class WaitingOut(Output):
    """要人来定的事。"""

    parked_callbacks: int
    unknown_deliveries: list[UnknownOut]
    unanswered_deliveries: int = Field(description="平台一直没有回答、还在重试的投递")
    held_deliveries: int
    groups_not_reached: int = Field(description="这三天的公告没发出的群次")
    groups_with_dead_robots: int = Field(description="机器人失效、还没换的内部群")
    campaigns_not_made: int = Field(description="重复活动里没有建成的几次")
    failed_codes: int
    leavers: int
    friends_of_leavers: int
    unclaimed_friends: int = Field(description="没有人服务、在待领的好友")


class WindowOut(Output):
    """平台暂时关上的一个接口。"""

    api: str
    until: datetime
    words: str


class StatsOut(Output):
    """概览。今天按本系统的时区算。"""

    at: datetime
    timezone: str
    people: PeopleOut
    welcomes_today: WelcomesOut
    friends_today: ArrivalsOut
    campaigns: dict[str, int] = Field(description="每种状态的活动有几个")
    deliveries_today: dict[str, int] = Field(description="每种状态的投递有几件")
    waiting: WaitingOut
    closed_windows: list[WindowOut]
    backlog: int = Field(description="等了一分钟以上的回调")


class AuditOut(Output):
    """谁做了什么。"""

    id: int
    at: datetime
    actor: str
    verb: str
    noun: str
    detail: str


class AuditList(Listing):
    """记录的筛选。"""

    actor: Line | None = Field(None, max_length=64)
    verb: Line | None = Field(None, max_length=64)
    noun: Line | None = Field(None, max_length=64, description="例如 campaign:12")
    since: Moment | None = None
    before: Moment | None = None
    sort: Literal["id", "-id"] = NEWEST


@endpoint.reads("/stats", StatsOut, TAG)
def overview(call: ApiCall) -> StatsOut:
    """概览：今天的欢迎语、新好友，和要人来定的事"""
    session, now, zone, all_rows = call.session, call.now, site().zone, true()
    midnight, health = stats.day_start(now, zone), stats.health(session, now)
    people = stats.people(session, all_rows, all_rows, all_rows)
    found = waiting.numbers(
        session,
        hq=True,
        deliveries=all_rows,
        campaigns=all_rows,
        series=all_rows,
        announcements=all_rows,
        guides=all_rows,
        codes=all_rows,
        groups=all_rows,
        friends=all_rows,
        now=now,
    )
    return StatsOut(
        at=now,
        timezone=str(zone),
        people=PeopleOut(guides=people.guides, stores=people.stores, branches=people.branches),
        welcomes_today=_welcomes(stats.welcomes(session, midnight, all_rows)),
        friends_today=_arrivals(stats.arrivals(session, midnight, now, zone, all_rows)),
        campaigns=stats.campaign_counts(session, all_rows),
        deliveries_today=outbox.counts(session, since=midnight),
        waiting=_waiting(found),
        backlog=health.backlog,
        closed_windows=[
            WindowOut(api=_api(one.name), until=one.until, words=one.words) for one in health.windows
        ],
    )


@endpoint.reads("/audit", PageOut[AuditOut], TAG)
def audit(call: ApiCall, query: AuditList) -> PageOut[AuditOut]:
    """谁在什么时候做了什么；只增不改"""
    wanted = like(select(Audit), Audit, query, "actor", "verb", "noun")
    wanted = between(wanted, Audit.at, query.since, query.before)
    rows, after = piece(call.session, wanted, Audit, query, query.sort)
    return PageOut[AuditOut](items=[AuditOut(**row.model_dump()) for row in rows], next_cursor=after)


def _welcomes(found: Welcomes) -> WelcomesOut:
    return WelcomesOut(
        sent=len(found.taken),
        missed=found.missed,
        percent_in_time=found.share,
        p50_seconds=found.quantile(0.5),
        p99_seconds=found.quantile(0.99),
    )


def _arrivals(found: Arrivals) -> ArrivalsOut:
    return ArrivalsOut(
        added=sum(found.added),
        lost=sum(found.lost),
        same_time_last_week=found.week_ago,
        added_by_hour=list(found.added),
        lost_by_hour=list(found.lost),
    )


def _waiting(found: Waiting) -> WaitingOut:
    return WaitingOut(
        parked_callbacks=found.parked,
        unanswered_deliveries=found.unanswered,
        groups_not_reached=sum(progress.failed for _one, progress in found.not_arrived),
        groups_with_dead_robots=found.silenced,
        held_deliveries=found.held,
        campaigns_not_made=len(found.unmade),
        failed_codes=found.failed_store_codes + found.failed_guide_codes,
        leavers=found.leavers,
        friends_of_leavers=found.left_friends,
        unclaimed_friends=found.unclaimed,
        unknown_deliveries=[UnknownOut(channel=channel, count=count) for channel, count in found.unknown],
    )


def _api(name: str) -> str:
    """Which API; of a closed secret not even its hash is told."""
    kind, _, rest = name.partition(":")
    return rest if kind == "api" else kind
