"""The one retailer of the tests: two branches, three stores, four guides, four customers, two groups; and rows for them.

The database, the built-in WeCom (tests/wecom_world.py), the stories and the posters all show these people.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pyroaring import FrozenBitMap
from sqlalchemy import delete
from sqlmodel import Session, col, select

from models.accounts import Account, Role
from models.campaigns import Campaign, CampaignStatus, Task
from models.campaigns.pictures import Picture, keep_picture
from models.db import Database
from models.friends import Customer, Friend, FriendStatus
from models.friends.entry_codes import EntryCode, EntryCodeStatus
from models.groups import Group, GroupKind
from models.org import Branch, Guide, Store, removal_guard
from models.org.removal_guard import PendingRemoval
from models.preferences import Preference

CORP_ID, BRAND = "wwdemo0123456789ab", "霁野"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 19, 2, 8, tzinfo=UTC)
"""Thursday 19 November 2026, 10:08 in Shanghai."""

CAPS = ("contacts_per_day", "contacts_per_week", "contacts_per_month")
"""This brand contacts as often as it likes, but where a test chooses: `restrain`."""

WANG, ZHAO, GAO, ZHOU = "wangfang", "zhaoqian", "gaomin", "zhoumei"
XU, LIN, CHEN, SU = "wmXuJingyi0001", "wmLinRuoxi0002", "wmChenKexin0003", "wmSuYan0004"
NAMES = {
    WANG: "王芳",
    ZHAO: "赵倩",
    GAO: "高敏",
    ZHOU: "周梅",
    XU: "许静宜",
    LIN: "林若溪",
    CHEN: "陈可欣",
    SU: "苏妍",
}


class Place(NamedTuple):
    """A branch or a store, with the platform's department of its people."""

    code: str
    name: str
    department: int
    branch: "Place | None" = None
    latitude: float | None = None
    longitude: float | None = None


NORTHEAST, EAST = Place("northeast", "东北分公司", 2), Place("east", "华东分公司", 3)
ZHONGJIE = Place("zhongjie", "沈阳中街店", 21, NORTHEAST, 41.8016, 123.4667)
TAIYUANJIE = Place("taiyuanjie", "沈阳太原街店", 22, NORTHEAST, 41.7922, 123.3994)
XINJIEKOU = Place("xinjiekou", "南京新街口店", 31, EAST, 32.0415, 118.7841)
BRANCHES, STORES = (NORTHEAST, EAST), (ZHONGJIE, TAIYUANJIE, XINJIEKOU)
BRANCHES_CSV = "code,name\n" + "".join(f"{one.code},{one.name}\n" for one in BRANCHES)
STORES_CSV = "code,name,branch,department,latitude,longitude\n" + "".join(
    f"{one.code},{one.name},{one.branch.code},{one.department},{one.latitude},{one.longitude}\n"
    for one in STORES
    if one.branch
)
WORKS_IN = {WANG: ZHONGJIE, ZHAO: ZHONGJIE, GAO: ZHONGJIE, ZHOU: TAIYUANJIE}
SHOP_CHAT, CUSTOMER_CHAT = "wrSYZJDIANNEI", "wrSYTYVIP"
GROUP_NAMES = {SHOP_CHAT: "沈阳中街店·店内群", CUSTOMER_CHAT: "沈阳太原街店·会员群"}


@dataclass
class Cast:
    """王芳, 赵倩 and their manager 高敏 work in 沈阳中街店; 周梅, about to leave, in 沈阳太原街店.

    Nobody works in 南京新街口店 yet.
    """

    northeast: Branch
    east: Branch
    zhongjie: Store
    taiyuanjie: Store
    xinjiekou: Store
    wang: Guide
    zhao: Guide
    gao: Guide
    zhou: Guide
    guides: list[Guide] = field(default_factory=list)


def play(session: Session, *, now: datetime = NOW) -> Cast:
    """Put everybody on the stage: branches, stores and guides with their ids."""
    session.add(Preference(key="brand.name", value=BRAND))
    session.add_all(Preference(key=f"brand.{name}", value="0") for name in CAPS)
    branches = {one: add(session, branch(one)) for one in BRANCHES}
    northeast, east = branches.values()
    zhongjie, taiyuanjie, xinjiekou = (
        add(session, store(one, branches[one.branch].id)) for one in STORES if one.branch
    )
    joined = now - timedelta(days=200)
    wang = add(session, guide(WANG, zhongjie, joined))
    zhao = add(session, guide(ZHAO, zhongjie, joined))
    gao = add(session, guide(GAO, zhongjie, joined, is_manager=True))
    zhou = add(session, guide(ZHOU, taiyuanjie, joined))
    return Cast(
        northeast, east, zhongjie, taiyuanjie, xinjiekou, wang, zhao, gao, zhou, [wang, zhao, gao, zhou]
    )


def restrain(session: Session) -> None:
    """Let the brand keep the caps that everybody has who chose nothing."""
    session.execute(delete(Preference).where(col(Preference.key).in_(f"brand.{name}" for name in CAPS)))


def add(session: Session, row: Any) -> Any:
    """Add a row and learn its id."""
    session.add(row)
    session.flush()
    return row


def branch(place: Place) -> Branch:
    return Branch(code=place.code, name=place.name)


def store(place: Place, branch_id: int) -> Store:
    return Store(
        code=place.code,
        name=place.name,
        branch_id=branch_id,
        department_id=place.department,
        address=f"{place.name[:2]}市",
        latitude=place.latitude,
        longitude=place.longitude,
    )


def guide(
    userid: str, of: Store | None, joined_at: datetime = NOW, *, name: str = "", is_manager: bool = False
) -> Guide:
    return Guide(
        userid=userid,
        userid_key=userid.lower(),
        name=name or NAMES.get(userid, userid),
        store_id=of.id if of else None,
        is_manager=is_manager,
        joined_at=joined_at,
    )


def account(
    session: Session, name: str, role: str = Role.HQ, *, now: datetime = NOW, **fields: Any
) -> Account:
    """Somebody of HQ unless it is said otherwise; she signs in by her name unless she has a login of her own."""
    return add(session, Account(role=role, name=name, created_at=now, **{"login": name, **fields}))


def customer(external_userid: str, *, now: datetime = NOW) -> Customer:
    return Customer(
        external_userid=external_userid, name=NAMES.get(external_userid, external_userid), seen_at=now
    )


def customers(session: Session, *external_userids: str, now: datetime = NOW) -> FrozenBitMap:
    """Their ids as a set; whom we do not know yet gets a row."""
    rows = {
        one.external_userid: one
        for one in session.exec(select(Customer).where(col(Customer.external_userid).in_(external_userids)))
    }
    for name in external_userids:
        rows.setdefault(name, customer(name, now=now))
    session.add_all(rows.values())
    session.flush()
    return FrozenBitMap(row.id or 0 for row in rows.values())


def befriend(
    session: Session,
    owner: Guide,
    external_userid: str,
    *,
    at: datetime = NOW,
    guide: Guide | None = None,
    status: str = FriendStatus.FRIEND,
) -> Friend:
    """A friendship of the past, as if its event had been handled: no welcome, no outbox row."""
    found = session.exec(select(Customer).where(Customer.external_userid == external_userid)).one_or_none()
    person = found or add(session, customer(external_userid, now=at))
    served = guide or owner
    at_store = session.get(Store, served.store_id) if served.store_id else None
    return add(
        session,
        Friend(
            customer_id=person.id,
            owner_id=owner.id,
            guide_id=served.id,
            store_id=served.store_id,
            branch_id=at_store.branch_id if at_store else None,
            rule="owner",
            reason=f"好友在{served.name}的账号里",
            status=status,
            added_at=at,
            changed_at=at,
        ),
    )


def ready_code(
    session: Session,
    *,
    guide: Guide | None = None,
    store: Store | None = None,
    state: str = "",
    now: datetime = NOW,
) -> EntryCode:
    """An entry code that the platform has already made."""
    state = state or f"st{guide.userid if guide else 'store'}{(guide or store).id}"
    return add(
        session,
        EntryCode(
            state=state,
            kind="guide" if guide else "store",
            guide_id=guide.id if guide else None,
            store_id=store.id if store else (guide.store_id if guide else None),
            name=(guide or store).name,
            userids=[guide.userid] if guide else [WANG, ZHAO, GAO],
            status=EntryCodeStatus.READY,
            config_id=f"config-{state}",
            picture_url=f"http://127.0.0.1/qr/{state}.png",
            payload=f"https://work.weixin.qq.com/ca/{state}",
            created_at=now,
            ready_at=now,
        ),
    )


def campaign(
    session: Session,
    *,
    name: str = "初雪雪地靴",
    now: datetime = NOW,
    status: str = CampaignStatus.RUNNING,
    **fields: Any,
) -> Campaign:
    """A running campaign with a text, from an hour ago until 18:00."""
    values = {
        "name": name,
        "text": "{门店名}的{导购名}：沈阳今晚有雪，雪地靴到店了。",
        "status": status,
        "card_title": name,
        "launch_at": now - timedelta(hours=1),
        "ends_at": NOW.replace(hour=10, minute=0),
        "created_at": now - timedelta(days=1),
        "launched_at": now - timedelta(hours=1) if status == CampaignStatus.RUNNING else None,
    }
    return add(session, Campaign(**{**values, **fields}))


def poster(design: str = "headline", picture_id: int | None = None, **words: str) -> list[dict[str, Any]]:
    """Attachments of a campaign: each guide's own poster."""
    return [{"form": "poster", "design": design, "words": words, "picture_id": picture_id}]


def picture(session: Session, content: bytes, *, now: datetime = NOW) -> Picture:
    """What HQ uploaded, cleaned."""
    digest = sha256(content).hexdigest()
    return keep_picture(
        session, sha256=digest, name="雪地靴.jpg", width=1080, height=1600, content=content, now=now
    )


def pictured(picture_id: int | None) -> list[dict[str, Any]]:
    """Attachments of a campaign: one picture, the same from everybody."""
    return [{"form": "picture", "picture_id": picture_id}]


def task(
    session: Session,
    of: Campaign,
    guide: Guide,
    *,
    customer_count: int = 87,
    now: datetime = NOW,
    **fields: Any,
) -> Task:
    """Her share of a campaign, accepted by the platform and waiting in her 群发助手."""
    values = {
        "code": f"task{of.id}x{guide.id}",
        "campaign_id": of.id,
        "guide_id": guide.id,
        "store_id": guide.store_id,
        "text": of.text,
        "customer_count": customer_count,
        "created_at": now,
        "ready_at": now,
        "msgid": f"msg{of.id}x{guide.id}",
    }
    return add(session, Task(**{**values, **fields}))


def internal_group(
    session: Session, name: str = GROUP_NAMES[SHOP_CHAT], *, store: Store | None = None, now: datetime = NOW
) -> Group:
    return add(
        session,
        Group(
            chat_id=f"wr{name}",
            kind=GroupKind.INTERNAL,
            name=name,
            store_id=store.id if store else None,
            branch_id=store.branch_id if store else None,
            members=12,
            created_at=now,
        ),
    )


def customer_group(
    session: Session,
    owner: Guide,
    chat_id: str = CUSTOMER_CHAT,
    name: str = "会员群",
    *,
    now: datetime = NOW,
    **fields: Any,
) -> Group:
    values = {"chat_id": chat_id, "name": name, "owner_id": owner.id, "created_at": now}
    return add(session, Group(kind=GroupKind.CUSTOMER, **values, **fields))


def yes_to(database: Database, missing: Collection[str], *, who: str = "周岚") -> PendingRemoval:
    """HQ's yes to what a comparison held: that just these people are gone."""
    with database.write() as session:
        removal_guard.keep(session, "any", "", "一下少了很多", missing, NOW)
        removal_guard.confirm(
            session, "any", removal_guard.mark_of(removal_guard.waiting(session, "any")), who, NOW
        )
        return removal_guard.begin(session, "any", {""})[""]
