"""The library in the browser: written, submitted, approved by somebody else, taken into a campaign, counted."""

import pytest
from sqlmodel import col, select

from models.materials import Material, MaterialStatus
from tests.pages.conftest import Console, page
from tests.pages.console.library_form import TYPED, press, write
from tests.pages.plan_form import campaigns, poster, send


def row(console: Console, number: int) -> Material:
    with console.db.read() as session:
        return session.get_one(Material, number)


def test_a_piece_is_written_submitted_and_taken_into_a_campaign(console: Console) -> None:
    number = write(console)
    assert press(console, number, "submit").status_code == 303
    assert row(console, number).status == MaterialStatus.APPROVED
    client = console.signed_in("zhou")
    typed = send(console, client, text="", do="take", from_library=str(number)).get_data(as_text=True)
    assert f'name="attachments.0.material_id" value="{number}"' in " ".join(typed.split())
    assert "量一下脚长，30 秒知道穿几码。</textarea>" in typed
    link = {name: value for name, value in TYPED.items() if name.startswith("attachments.")}
    origin = {"attachments.0.material_id": str(number), "attachments.0.version": "1"}
    assert send(console, client, **link, **origin).status_code == 303
    assert campaigns(console)[0].attachments[0]["material_id"] == number
    assert campaigns(console)[0].name in page(console, f"/console/materials/{number}")


LINK = {"form": "link", "url": "https://shop.example/size", "title": "尺码"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "请给素材起个名字"),
        ({"text": "只要 199 元"}, "要归到「销售」"),
        ({"attachments.0.url": "shop"}, "请填完整的网址"),
        ({"valid_from": "2026-12-01", "valid_until": "2026-11-01"}, "最后一天要晚于第一天"),
        ({"valid_until": "2026-02-30"}, "请选一个日期"),
        (poster(headline="九个字的标题太长了"), "标题有 9 个字，最多 8 个"),
        (poster("artwork"), "请选一张海报图"),
        ({f"attachments.{n}.{name}": it for n in range(10) for name, it in LINK.items()}, "平台上限 9"),
        ({"valid_until": "9999-12-31"}, "请选一个日期"),
        ({"stock": "in", "stock_left": "三十"}, "要写一个数"),
        ({"stock": "in", "stock_floor": "-1"}, "要写一个数"),
    ],
)
def test_what_cannot_stay_so_is_said_at_its_field(
    console: Console, changes: dict[str, str], words: str
) -> None:
    answer = console.post(console.signed_in("zhou"), "/console/materials/new", TYPED | changes)
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    with console.db.read() as session:
        assert session.exec(select(Material).where(col(Material.branch_id).is_(None))).all() == []


def test_its_days_are_those_of_the_shop(console: Console) -> None:
    number = write(console, valid_from="2026-11-19", valid_until="2026-11-30")
    kept = row(console, number)
    assert f"{kept.valid_from:%d %H:%M}" == "18 16:00" and f"{kept.valid_until:%d %H:%M}" == "30 16:00"
    shown = page(console, f"/console/materials/{number}/edit")
    assert 'value="2026-11-19"' in shown and 'value="2026-11-30"' in shown
    assert "11.19 – 11.30" in page(console, "/console/materials")


def test_a_branch_uses_what_hq_approved_and_changes_only_its_own_I01(console: Console) -> None:
    number = write(console)
    client = console.signed_in("chen")
    assert client.get(f"/console/materials/{number}").status_code == 404, "not approved yet"
    press(console, number, "submit")
    assert client.get(f"/console/materials/{number}").status_code == 200
    assert client.get(f"/console/materials/{number}/edit").status_code == 403
    assert press(console, number, "retire", who="chen").status_code == 403
    own = write(console, who="chen", name="自己的")
    assert console.signed_in("liu").get(f"/console/materials/{own}").status_code == 404
    assert press(console, own, "submit", who="chen").status_code == 303
    assert row(console, own).status == MaterialStatus.SUBMITTED, "HQ can look at it"
    assert press(console, own, "approve", who="chen").status_code == 409
    answer = press(console, own, "return", reason="口气太急")
    assert answer.status_code == 303 and "口气太急" in page(console, f"/console/materials/{own}", "chen")


def test_the_goods_are_counted_on_its_page(console: Console) -> None:
    number = write(console, stock="in", stock_left="146", stock_floor="50")
    assert "剩 146 件" in page(console, "/console/materials")
    for left in ("", "-1", "十"):
        refused = press(console, number, "stock", left=left)
        assert refused.status_code == 409 and "要写一个数" in refused.text
    assert row(console, number).stock_left == 146, "nothing was counted, so nothing is sold out"
    assert press(console, number, "stock", left="50").status_code == 303
    assert "没货了" in page(console, "/console/materials")
    plain = write(console, name="不用货的")
    assert press(console, plain, "stock", left="5").status_code == 409
