"""门店与码, 导购: lists, details, codes redrawn and asked for once, and who left and how we learnt it."""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from sqlmodel import select

from models.friends import entry_codes
from models.friends.entry_codes import EntryCode, EntryCodeKind, EntryCodeStatus
from models.ledger.outbox import Outbox
from models.org import Guide, GuideStatus, Store
from tests.pages.conftest import NOON, Console, page
from tests.second_reader import second_reader


def store_code(console: Console, status: str, **values: object) -> int:
    with console.db.write() as session:
        code = EntryCode(
            **{
                "state": f"store-{status}",
                "kind": EntryCodeKind.STORE,
                "store_id": console.ids["zhongjie"],
                "name": "沈阳中街店",
                "userids": ["wangfang"],
                "status": status,
                "created_at": NOON,
            }
            | values
        )
        session.add(code)
        session.flush()
        return code.id or 0


def asked(console: Console) -> int:
    """How many calls for codes are in the ledger."""
    with console.db.read() as session:
        return len(session.exec(select(Outbox).where(Outbox.channel == "contact_way")).all())


def test_the_list_counts_guides_and_friends_and_says_how_the_code_is(console: Console) -> None:
    store_code(console, EntryCodeStatus.FAILED, reason="平台没有给这个应用权限")
    text = page(console, "/console/stores")
    assert "沈阳中街店" in text
    assert "平台没有给这个应用权限" in text
    assert "还没有码" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("code=failed", True),
        ("code=ready", False),
        ("code=missing", False),
        ("q=中街", True),
        ("q=太原", False),
    ],
)
def test_stores_are_narrowed_by_code_and_words(console: Console, query: str, found: bool) -> None:
    store_code(console, EntryCodeStatus.FAILED)
    assert (
        'class="name" href="/console/stores/' + str(console.ids["zhongjie"])
        in page(console, f"/console/stores?{query}")
    ) == found


def test_a_code_is_asked_for_once_however_often_one_taps(console: Console) -> None:
    client = console.signed_in("chen")
    taps = [
        console.post(client, f"/console/stores/{console.ids['zhongjie']}/code").location for _tap in range(2)
    ]
    assert [one.rpartition("=")[2] for one in taps] == ["asked", "waiting"]
    assert asked(console) == 1


def test_a_failed_code_is_asked_for_again(console: Console) -> None:
    code = store_code(console, EntryCodeStatus.FAILED)
    console.post(console.signed_in("zhou"), f"/console/stores/{console.ids['zhongjie']}/code")
    with console.db.read() as session:
        assert session.get_one(EntryCode, code).status == EntryCodeStatus.WAITING
    assert asked(console) == 1


def test_a_working_code_is_pointed_at_who_is_present_now(console: Console) -> None:
    store_code(
        console,
        EntryCodeStatus.READY,
        userids=["somebody-gone"],
        config_id="cfg",
        payload="https://work.weixin.qq.com/u/x",
    )
    path = f"/console/stores/{console.ids['zhongjie']}"
    assert "换成现在在岗的人" in page(console, path)
    assert "还有 1 位不在岗的" in page(console, path)
    client = console.signed_in("chen")
    assert console.post(client, f"{path}/code").location.endswith("done=refreshed")
    assert console.post(client, f"{path}/code").location.endswith("done=same")
    assert asked(console) == 1


def test_a_store_without_anybody_says_why_there_is_no_code(console: Console) -> None:
    with console.db.write() as session:
        session.get_one(Guide, console.ids["wangfang"]).status = GuideStatus.LEFT
    console.post(console.signed_in("zhou"), f"/console/stores/{console.ids['zhongjie']}/code")
    assert entry_codes.NOBODY in page(console, f"/console/stores/{console.ids['zhongjie']}")
    assert asked(console) == 0


def test_all_missing_codes_of_a_store_are_asked_for_in_one_go(console: Console) -> None:
    path = f"/console/stores/{console.ids['zhongjie']}"
    with console.db.write() as session:
        hers = entry_codes.of_guide(session, console.ids["wangfang"])
        hers.status, hers.reason = EntryCodeStatus.FAILED, "平台忙"
    assert "一次要齐缺的 2 个码" in page(console, path)
    client = console.signed_in("chen")
    taps = [console.post(client, f"{path}/codes").location for _tap in range(2)]
    assert [one.rpartition("=")[2] for one in taps] == ["asked", "waiting"]
    assert asked(console) == 2
    assert "一次要齐" not in page(console, path)


def test_the_code_of_a_leaver_says_so_before_it_is_printed(console: Console) -> None:
    guide = f"/console/guides/{console.ids['wangfang']}"
    assert "别再印" not in page(console, guide)
    with console.db.write() as session:
        session.get_one(Guide, console.ids["wangfang"]).status = GuideStatus.LEFT
    for path in (guide, f"/console/stores/{console.ids['zhongjie']}", "/console/guides?state=left"):
        assert "别再印" in page(console, path)


def test_a_manager_asks_for_no_codes(console: Console) -> None:
    assert (
        console.post(console.signed_in("ma"), f"/console/stores/{console.ids['zhongjie']}/code").status_code
        == 403
    )


def test_the_code_is_redrawn_and_says_what_the_platform_s_picture_says(console: Console) -> None:
    answer = console.signed_in("chen").get(f"/console/codes/{console.ids['code_northeast']}.svg")
    assert answer.mimetype == "image/svg+xml"
    assert second_reader(drawn(answer.get_data(as_text=True))) == "https://work.weixin.qq.com/u/northeast"


@pytest.mark.parametrize(
    ("opens", "closes", "status", "words"),
    [
        ("9:30", "21:00", 303, "09:30 – 21:00"),
        ("", "", 303, "10:00 – 22:00，和品牌一样"),
        ("22:00", "10:00", 422, "关门要晚于开门"),
        ("九点", "21:00", 422, "开门和关门都写成 10:00 这样"),
        ("10:00", "", 422, "开门和关门都写成 10:00 这样"),
    ],
)
def test_the_hours_of_a_store_are_chosen_on_its_page(
    console: Console, opens: str, closes: str, status: int, words: str
) -> None:
    path, client = f"/console/stores/{console.ids['zhongjie']}", console.signed_in("chen")
    answer = console.post(client, f"{path}/hours", {"opens": opens, "closes": closes})
    assert answer.status_code == status
    shown = answer.get_data(as_text=True) if status == 422 else page(console, path)
    assert words in shown and "Preferences(" not in shown
    if opens == "9:30":
        assert "改营业时间" in page(console, "/console/audit")
    if status == 422:
        assert f'value="{opens}"' in answer.get_data(as_text=True), "what was typed stays"


def test_a_manager_and_another_branch_choose_no_hours(console: Console) -> None:
    path, form = f"/console/stores/{console.ids['zhongjie']}", {"opens": "09:00", "closes": "21:00"}
    assert "改营业时间" not in page(console, path, "ma")
    for who, status in (("ma", 403), ("liu", 404)):
        assert console.post(console.signed_in(who), f"{path}/hours", form).status_code == status


def test_the_city_of_a_store_and_that_it_closed_are_said_on_its_page(console: Console) -> None:
    path, client = f"/console/stores/{console.ids['zhongjie']}", console.signed_in("chen")
    assert console.post(client, f"{path}/city", {"city": "沈阳市"}).status_code == 303
    assert console.post(client, f"{path}/city", {"city": "长" * 40}).status_code == 422
    for form, words, closed in (({"closed": "yes"}, "已关店", True), ({}, "这家店关了", False)):
        assert console.post(client, f"{path}/closed", form).status_code == 303
        assert words in page(console, path)
        with console.db.read() as session:
            store = session.get_one(Store, console.ids["zhongjie"])
            assert (store.city, store.closed) == ("沈阳", closed)
    noted = page(console, "/console/audit")
    assert "关店" in noted and "又开店" in noted
    for who, status in (("ma", 403), ("liu", 404)):
        assert console.post(console.signed_in(who), f"{path}/closed", {"closed": "yes"}).status_code == status


def drawn(svg: str) -> bytes:
    """The picture that a browser would make of it: runs of dark modules, line by line."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)[1]
    picture, x, y = np.full((side, side), 255, np.uint8), 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if command == "h":
            picture[int(y), int(x) : int(x + float(first))] = 0
            x += float(first)
        else:
            x, y = (float(first), float(second)) if command == "M" else (x + float(first), y + float(second))
    out = BytesIO()
    Image.fromarray(picture).resize((side * 8, side * 8), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def test_a_code_that_is_not_ready_has_no_picture(console: Console) -> None:
    assert (
        console.signed_in("zhou")
        .get(f"/console/codes/{store_code(console, EntryCodeStatus.WAITING)}.svg")
        .status_code
        == 404
    )


def test_a_branch_sees_its_own_stores_and_guides(console: Console) -> None:
    assert "南京新街口店" not in page(console, "/console/stores", "chen")
    assert "孙佳怡" not in page(console, "/console/guides?state=all", "chen")
    assert "孙佳怡" in page(console, "/console/guides?state=all", "liu")
