"""The invented retailer of the demo and the measurements: 霁野, a shoe brand; the same seed gives the same people."""

import random
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

BRAND = "霁野"
ROBOT = "小霁"
ZONE = ZoneInfo("Asia/Shanghai")
"""Where its shops are"""
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = tuple(
    "芳 倩 敏 静 丽 娟 艳 霞 雪 梅 琳 佳怡 晓雯 子墨 雨桐 欣怡 若溪 可欣 静宜 思琪 "  # noqa: SIM905  easier to read
    "嘉慧 梦洁 婉清 诗涵 雅婷 丹丹 红梅 立冬 海燕 春燕 秀英 玉兰 佩玲 淑贞 慧敏 文静 晓彤 子涵 一诺 安然".split()
)
CITIES: dict[str, tuple[float, float, tuple[str, ...]]] = {
    "沈阳": (41.80, 123.43, ("中街店", "太原街店", "铁西万象汇店", "浑南奥体店")),
    "长春": (43.88, 125.32, ("重庆路店", "欧亚店", "红旗街店")),
    "大连": (38.91, 121.61, ("青泥洼店", "西安路店", "高新万达店")),
    "哈尔滨": (45.80, 126.53, ("中央大街店", "群力店", "哈西店")),
    "杭州": (30.27, 120.16, ("银泰店", "湖滨店", "城西店")),
    "南京": (32.06, 118.79, ("新街口店", "河西店", "江宁店")),
}
FRIENDS_OF_WANG = 87
FIRST_STORE = 100
"""Department ids: 1 is the company, 2… the branches, 100… the stores."""


@dataclass
class SamplePerson:
    """A guide: her userid, name and store (index into Retailer.stores)."""

    userid: str
    name: str
    store: int
    manager: bool = False


HQ_USERID, HQ_NAME = "zhoulan", "周岚"
"""HQ's person: no guide of any store, but a member, so that a 【测试】 reaches her phone"""


@dataclass
class Shop:
    """A store: its branch (a city), name and place."""

    branch: str
    name: str
    latitude: float
    longitude: float
    department: int


@dataclass
class Buyer:
    """A customer and the guides whose friend she is."""

    external_userid: str
    name: str
    friends_of: list[str] = field(default_factory=list)


XU = Buyer("wmXUJINGYI", "许静宜")
"""Nobody's friend yet: she scans in the demo."""


@dataclass
class Retailer:
    """Everybody. Customers belong to one guide, a few to two."""

    branches: list[str]
    stores: list[Shop]
    guides: list[SamplePerson]
    customers: list[Buyer]
    groups: list[dict[str, Any]]


def invent(*, seed: int = 7, guides_per_store: int = 5, customers_per_guide: int = 24) -> Retailer:
    """The retailer with about guides_per_store × 19 guides; 王芳 of 沈阳中街店 and 许静宜 are always there."""
    chance = random.Random(seed)
    stores = [
        Shop(
            city,
            city + name,
            round(latitude + chance.uniform(-0.08, 0.08), 5),
            round(longitude + chance.uniform(-0.08, 0.08), 5),
            0,
        )
        for city, (latitude, longitude, names) in CITIES.items()
        for name in names
    ]
    for number, store in enumerate(stores):
        store.department = FIRST_STORE + number
    guides = _guides(chance, stores, guides_per_store)
    customers = _customers(chance, guides, customers_per_guide)
    return Retailer(list(CITIES), stores, guides, customers, _groups(chance, stores, guides, customers))


def _guides(chance: random.Random, stores: list[Shop], each: int) -> list[SamplePerson]:
    known = {0: [("wangfang", "王芳"), ("zhaoqian", "赵倩"), ("gaomin", "高敏")], 13: [("zhoumei", "周梅")]}
    made: list[SamplePerson] = []
    for number in range(len(stores)):
        people = known.get(number, [])
        people = people + [
            (f"g{number:02d}{place:02d}", _name(chance)) for place in range(max(0, each - len(people)))
        ]
        made += [SamplePerson(userid, name, number) for userid, name in people]
        manager = next((one for one in made if one.userid == "gaomin"), made[-1]) if number == 0 else made[-1]
        manager.manager = True
    return made


def _customers(chance: random.Random, guides: list[SamplePerson], each: int) -> list[Buyer]:
    made: list[Buyer] = []
    for guide in guides:
        many = chance.randint(each * 2 // 3, each * 4 // 3)
        for _ in range(many if guide.userid != "wangfang" else FRIENDS_OF_WANG):
            buyer = Buyer(f"wm{chance.getrandbits(80):020x}", _name(chance), [guide.userid])
            if made and chance.random() < 0.02:
                buyer.friends_of.append(
                    chance.choice([other.userid for other in guides if other.store == guide.store])
                )
                buyer.friends_of = list(dict.fromkeys(buyer.friends_of))
            made.append(buyer)
    return made


def _groups(
    chance: random.Random, stores: list[Shop], guides: list[SamplePerson], customers: list[Buyer]
) -> list[dict[str, Any]]:
    """Every store has an internal group with a robot; every second one a customer group."""
    made: list[dict[str, Any]] = []
    for number, store in enumerate(stores):
        staff = [guide.userid for guide in guides if guide.store == number]
        owner = next(guide.userid for guide in guides if guide.store == number and guide.manager)
        made.append(
            {
                "chat_id": f"wrIN{number:04d}{chance.getrandbits(48):012x}",
                "name": f"{store.name} · 店内群",
                "kind": "internal",
                "owner": owner,
                "members": staff,
                "customers": [],
                "robot": True,
                "webhooks": [{"key": _uuid(chance), "name": ROBOT}],
            }
        )
        if number % 2 == 0:
            fans = [buyer.external_userid for buyer in customers if set(buyer.friends_of) & set(staff)][:60]
            made.append(
                {
                    "chat_id": f"wrCU{number:04d}{chance.getrandbits(48):012x}",
                    "name": f"{store.name} · 会员群",
                    "kind": "customer",
                    "owner": owner,
                    "members": staff[:2],
                    "customers": fans,
                    "webhooks": [],
                    "robot": False,
                }
            )
    return made


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def _uuid(chance: random.Random) -> str:
    text = f"{chance.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def corp(retailer: Retailer, secrets: dict[str, str], *, app_url: str) -> dict[str, Any]:
    """CORP.json for the built-in WeCom: the same people, with callbacks to `app_url`."""
    callbacks = {
        name: {
            "token": secrets[f"{name}_token"],
            "aes_key": secrets[f"{name}_aes_key"],
            "callback_url": f"{app_url}/callback/{name}",
        }
        for name in ("app", "contacts", "robot")
    }
    return {
        "corp_id": secrets["corp_id"],
        "seed": 7,
        "public_url": None,
        "app": {
            "agentid": 1000002,
            "secret": secrets["app_secret"],
            "home": f"{app_url}/g/",
            **callbacks["app"],
        },
        "contacts": {"secret": secrets["contacts_secret"], **callbacks["contacts"]},
        "robot": {"aibotid": "aibOnetapDemo", "name": ROBOT, **callbacks["robot"]},
        "links": [
            {"word": "回到演示", "href": f"{app_url}/demo"},
            {"word": "总部控制台", "href": f"{app_url}/console/"},
        ],
        "departments": _departments(retailer),
        "members": [{"userid": HQ_USERID, "name": HQ_NAME, "department": [1], "position": "总部运营"}]
        + [
            {
                "userid": guide.userid,
                "name": guide.name,
                "department": [retailer.stores[guide.store].department],
                "position": "店长" if guide.manager else "导购",
                "is_leader": guide.manager,
            }
            for guide in retailer.guides
        ],
        "customers": [vars(buyer) for buyer in [*retailer.customers, XU]],
        "groups": retailer.groups,
    }


def _departments(retailer: Retailer) -> list[dict[str, Any]]:
    branches = {city: number for number, city in enumerate(retailer.branches, 2)}
    made: list[dict[str, Any]] = [{"id": 1, "name": BRAND, "parentid": 0}]
    made += [{"id": number, "name": f"{city}分公司", "parentid": 1} for city, number in branches.items()]
    return made + [
        {"id": store.department, "name": store.name, "parentid": branches[store.branch]}
        for store in retailer.stores
    ]
