"""Taking over a newer version: on the campaign's page and on the piece's, and in no campaign of somebody else."""

from typing import Any

from tests.pages.conftest import Console, page
from tests.pages.console.library_form import TYPED, press, write
from tests.pages.plan_form import campaigns, send


def with_piece(console: Console, number: int, who: str = "zhou") -> Any:
    link = {name: value for name, value in TYPED.items() if name.startswith("attachments.")}
    origin = {"attachments.0.material_id": str(number), "attachments.0.version": "1"}
    before = {one.id for one in campaigns(console)}
    assert send(console, console.signed_in(who), text=TYPED["text"], **link, **origin).status_code == 303
    return next(one for one in campaigns(console) if one.id not in before)


def second_version(console: Console, number: int) -> None:
    shown = page(console, f"/console/materials/{number}/edit")
    version = shown.partition('name="version" value="')[2].partition('"')[0]
    answer = console.post(
        console.signed_in("zhou"),
        f"/console/materials/{number}/edit",
        TYPED | {"text": "先量脚长。", "version": version},
    )
    assert answer.status_code == 303
    assert press(console, number, "submit").status_code == 303


def test_a_campaign_that_has_not_started_is_asked_and_takes_it_with_one_press(console: Console) -> None:
    number = write(console)
    press(console, number, "submit")
    one = with_piece(console, number)
    assert "素材有新的一版" not in page(console, f"/console/campaigns/{one.id}")
    second_version(console, number)
    assert "素材有新的一版" in page(console, f"/console/campaigns/{one.id}")
    assert console.post(console.signed_in("zhou"), f"/console/campaigns/{one.id}/renew").status_code == 303
    kept = next(it for it in campaigns(console) if it.id == one.id)
    assert (kept.text, kept.attachments[0]["version"]) == ("先量脚长。", 2)
    assert "素材有新的一版" not in page(console, f"/console/campaigns/{one.id}")


def test_the_piece_offers_it_for_all_and_a_branch_changes_only_its_own_I01(console: Console) -> None:
    number = write(console)
    press(console, number, "submit")
    hqs, own = with_piece(console, number), with_piece(console, number, "chen")
    second_version(console, number)
    assert "1 个没开始的换成第 2 版" in page(console, f"/console/materials/{number}", "chen")
    assert "2 个没开始的换成第 2 版" in page(console, f"/console/materials/{number}")
    assert press(console, number, "renew", who="chen").status_code == 303
    versions = {one.id: one.attachments[0]["version"] for one in campaigns(console) if one.attachments}
    assert (versions[hqs.id], versions[own.id]) == (1, 2)
    assert press(console, number, "renew").status_code == 303
    assert "1 个没开始的" not in page(console, f"/console/materials/{number}")
    answer = console.post(console.signed_in("chen"), f"/console/campaigns/{hqs.id}/renew")
    assert answer.status_code == 403
