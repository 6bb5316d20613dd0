"""The retailer's own program at the JSON API, with a token from the command line; HQ sees on its pages what it did."""

import re
from datetime import timedelta

import pytest

from models.ledger.outbox import OutboxStatus
from ops import wiring
from tests import cast
from tests.cast import CHEN
from tests.stories.house import Browser, House
from tests.stories.plans import read_results, ready_task


class Program(Browser):
    """The member system, with a token."""

    def __init__(self, house: House, token: str) -> None:
        super().__init__()
        self.url = f"{house.url}/api/v1"
        self.headers["Authorization"] = f"Bearer {token}"

    def ask(self, path: str, **query: object) -> dict:
        answer = self.get(self.url + path, params=query, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tell(self, path: str, body: object = None, status: int = 200, **headers: str) -> dict:
        answer = self.post(self.url + path, json=body, headers=headers, timeout=20)
        assert answer.status_code == status, answer.text
        return answer.json()


def token_for(house: House, name: str, *options: str) -> str:
    """As the administrator makes it on the command line; shown once."""
    made = house.command("token", "create", "--name", name, *options)
    assert made.exit_code == 0, made.output
    return made.output.split()[-1]


@pytest.fixture(scope="module")
def crm(sqlite_house: House) -> Program:
    sqlite_house.run_job("friends")
    return Program(sqlite_house, token_for(sqlite_house, "crm", "--writes"))


def plan(**changes: object) -> dict:
    now = wiring.clock()
    return {
        "name": "会员日预告",
        "text": "{门店名}的{导购名}：周六会员日。",
        "launch_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=8)).isoformat(),
    } | changes


def test_a_campaign_planned_by_the_api_reaches_customers_and_hqs_page(sqlite_house: House, crm: Program):
    house = sqlite_house
    made = crm.tell("/campaigns", plan(), status=201)
    assert made["status"] == "draft"
    number = made["id"]
    assert crm.tell(f"/campaigns/{number}/submit")["status"] == "scheduled"
    task = ready_task(house, "zhoumei", number)
    house.world.confirm("zhoumei", task.msgid)
    assert [row for row in house.world.ledger("mass", who=CHEN) if "周六会员日" in str(row["what"])]
    read_results(house, "zhoumei", number, "reached")
    funnel = crm.ask(f"/campaigns/{number}/funnel")
    assert (
        funnel["progress"]["targeted"],
        funnel["progress"]["confirmed"],
        funnel["progress"]["reached"],
    ) == (4, 1, 1)
    assert "会员日预告" in house.office().page("/console/campaigns")
    assert "平台已确认" in house.office().page(f"/console/campaigns/{number}")
    assert "api:crm" in house.office().page("/console/audit?q=会员日预告")


def test_the_same_call_twice_is_one_campaign(crm: Program):
    body = plan(name="只要一个")
    first, second = (
        crm.tell("/campaigns", body, status=201, **{"Idempotency-Key": "twice"}) for _ in range(2)
    )
    assert first == second
    assert [one["name"] for one in crm.ask("/campaigns")["items"]].count("只要一个") == 1


def test_a_token_for_reading_changes_nothing_and_a_revoked_one_reads_nothing_I14(sqlite_house: House):
    bi, office = Program(sqlite_house, token_for(sqlite_house, "bi")), sqlite_house.office()
    assert "只能读" in bi.tell("/campaigns", plan(), status=403)["detail"]
    assert bi.ask("/stores")["items"]
    number = office.page("/console/tokens").split('/revoke"')[0].rpartition("/")[2]  # the newest is on top
    office.press(f"/console/tokens/{number}/revoke", at="/console/tokens")
    assert bi.get(f"{bi.url}/stores", timeout=20).status_code == 401


def test_stores_upserted_by_the_api_stand_on_hqs_page_and_bad_rows_come_back(
    sqlite_house: House, crm: Program
):
    rows = [
        {"code": "S51", "name": "成都春熙路店", "branch": cast.NORTHEAST.code},
        {"code": "S52", "name": "成都太古里店", "branch": "B9"},
    ]
    answer = crm.tell("/stores", rows)
    assert (answer["added"], answer["errors"][0]["row"], answer["errors"][0]["field"]) == (1, 2, "branch")
    page = sqlite_house.office().page("/console/stores?q=成都")
    assert "成都春熙路店" in page and "成都太古里店" not in page


def test_what_the_program_reads_is_what_the_platform_did(sqlite_house: House, crm: Program):
    house = sqlite_house
    friend = house.befriend("wmAPI", "wangfang", "接口")
    known = house.until(lambda: [one for one in crm.ask("/friends")["items"] if one["id"] == friend.id])[0]
    assert known["guide"]["userid"] == "wangfang"
    house.until(
        lambda: [
            row
            for row in crm.ask("/deliveries", channel="welcome", status=OutboxStatus.SENT)["items"]
            if row["friend_id"] == friend.id
        ]
    )
    assert any("wmAPI" in one["subject"] for one in crm.ask("/callbacks", status="handled")["items"])
    assert any(
        code["guide"] and code["guide"]["userid"] == "wangfang" for code in crm.ask("/entry-codes")["items"]
    )


def announcement(house: House, crm: Program) -> dict:
    """One to the first customer group that is found."""
    house.run_job("groups")
    house.run_job("group_details")
    group = next(one for one in crm.ask("/groups")["items"] if one["kind"] == "customer")
    return {
        "title": "接口公告",
        "text": "接口发的公告。",
        "groups": [group["id"]],
        "launch_at": wiring.clock().isoformat(),
    }


def test_an_announcement_by_the_api_goes_through_the_owner_of_the_group(sqlite_house: House, crm: Program):
    house, body = sqlite_house, announcement(sqlite_house, crm)
    refused = crm.tell("/announcements", body | {"by_robot": body["groups"]}, status=409)
    assert "平台不让群机器人进客户群" in refused["detail"]
    made = crm.tell("/announcements", body, status=201)
    house.until(lambda: crm.ask(f"/announcements/{made['id']}")["states"][0]["state"] == "waiting")
    assert "接口公告" in house.office().page("/console/announcements")


def test_every_address_of_the_document_answers_in_a_house_at_work(sqlite_house: House, crm: Program):
    """What /api/openapi.json promises to tell, each list and the first row of each, with a token that only reads."""
    sqlite_house.befriend("wmDOCS", "wangfang", "文档")
    daily = crm.tell("/campaigns", plan(), status=201)
    crm.tell(f"/campaigns/{daily['id']}/repeat", {"every": "day", "count": 2}, status=201)
    begins = wiring.clock() + timedelta(days=2)
    window = {
        "begins_at": begins,
        "ends_at": begins + timedelta(hours=6),
        "submit_by": begins - timedelta(days=1),
    }
    crm.tell("/slots", {name: at.isoformat() for name, at in window.items()}, status=201)
    crm.tell("/announcements", announcement(sqlite_house, crm), status=201)
    crm.tell("/materials", {"name": "尺码怎么选", "text": "量一下脚长"}, status=201)
    crm.tell("/handovers", {"userid": "wangfang"}, status=201)
    made = sqlite_house.office().send_form("/console/tokens", {"name": "docs"}).text
    bi = Program(sqlite_house, re.search(r"onetap_[\w-]+", made)[0])
    document = bi.get(f"{sqlite_house.url}/api/openapi.json", timeout=20).json()
    assert bi.get(f"{sqlite_house.url}/api/docs", timeout=20).ok
    paths = [path for path, ways in document["paths"].items() if "get" in ways]
    assert len(paths) > 20
    for path in paths:
        start, number, rest = path.removeprefix("/api/v1").partition("/{number}")
        assert bi.ask(f"{start}/{bi.ask(start)['items'][0]['id']}{rest}" if number else start)
