"""比例 in the console: said while one types, on the page of the approval, and HQ's word that a week may hold more."""

from sqlmodel import select

from models import preferences
from models.campaigns.mix import MixAllowance
from tests.pages.conftest import NOON, Console, page
from tests.pages.plan_form import PLAN, campaigns, send

DEAL = {"text": "今晚只要 199 元，来{门店名}找我。"}
BRANCH = {"to": "some"}


def strict(console: Console) -> None:
    with console.db.write() as session:
        preferences.change(session, "周岚", NOON, mix_rule="block")


def test_the_form_says_live_why_it_counts_as_a_deal_and_what_the_week_holds(console: Console) -> None:
    client = console.signed_in("zhou")
    plain = console.post(client, "/console/campaigns/preview", PLAN).get_data(as_text=True)
    assert "连这件：内容" in plain and "算「销售」" not in plain
    deal = console.post(client, "/console/campaigns/preview", PLAN | DEAL).get_data(as_text=True)
    assert "写了价格或券，算「销售」" in deal and "只是提醒，可以照发" in deal
    notice = console.post(client, "/console/campaigns/preview", PLAN | {"channel": "notice"})
    assert "不算进比例" in notice.get_data(as_text=True)


def test_the_line_names_a_branch_that_it_goes_to_and_what_of_the_choice_does_not_count(
    console: Console,
) -> None:
    client = console.signed_in("zhou")
    two = PLAN | {"to": "some", "branch": [str(console.ids[name]) for name in ("northeast", "east")]}
    live = console.post(client, "/console/campaigns/preview", two).get_data(as_text=True)
    assert "分公司（选中的里销售最多），连这件" in live and "全国" not in live
    deal = console.post(client, "/console/campaigns/preview", PLAN | DEAL).get_data(as_text=True)
    assert "算「销售」；选的「内容」不作数" in deal
    named = console.post(client, "/console/campaigns/preview", PLAN | DEAL | {"kind": "deal"})
    assert "不作数" not in named.get_data(as_text=True)


def test_the_kind_is_kept_and_a_price_makes_it_a_deal(console: Console) -> None:
    client = console.signed_in("zhou")
    assert send(console, client, kind="brand").status_code == 303
    assert campaigns(console)[-1].kind == "brand"
    assert send(console, client, kind="brand", **DEAL).status_code == 303
    assert campaigns(console)[-1].kind == "deal"


def test_a_strict_hq_holds_it_back_until_somebody_allows_the_week_more(console: Console) -> None:
    strict(console)
    client = console.signed_in("zhou")
    refused = send(console, client, do="schedule", **DEAL)
    assert refused.status_code == 409 and "请总部放宽这一周" in refused.get_data(as_text=True)
    assert send(console, client, **DEAL).status_code == 303
    number = campaigns(console)[-1].id
    assert "看这一周的比例" in page(console, f"/console/campaigns/{number}")
    path = f"/console/campaigns/{number}/allow-mix"
    no_reason = console.post(client, path, {"mix_percent": "100"})
    assert no_reason.status_code == 422 and "请写为什么放宽" in no_reason.get_data(as_text=True)
    assert console.post(client, path, {"mix_percent": "100", "mix_reason": "会员日"}).status_code == 303
    assert "把这一周放宽到 100%：会员日" in page(console, f"/console/campaigns/{number}/approval")
    assert console.post(client, f"/console/campaigns/{number}/schedule").status_code == 303
    assert console.post(client, path, {"mix_percent": "100", "mix_reason": "再来"}).status_code == 409


def test_a_branch_is_warned_but_does_not_allow_itself_more_I01(console: Console) -> None:
    client = console.signed_in("chen")
    assert send(console, client, **DEAL).status_code == 303
    number = campaigns(console)[-1].id
    text = page(console, f"/console/campaigns/{number}/approval", "chen")
    assert "最多 20%" in text and "为什么放宽" not in text
    answer = console.post(
        client, f"/console/campaigns/{number}/allow-mix", {"mix_percent": "99", "mix_reason": "想"}
    )
    assert answer.status_code == 403
    with console.db.read() as session:
        assert session.exec(select(MixAllowance)).all() == []
