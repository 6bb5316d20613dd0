"""总部开放的位置 in the console: HQ opens one, a branch fills it, HQ says yes to a variant."""

import re
from datetime import timedelta

from models.campaigns import CampaignStatus, variants
from models.org import Branch
from tests import cast
from tests.pages.conftest import NOON, Console, page
from tests.pages.console.calendar.shown import DAY, open_slot, plan
from tests.pages.plan_form import PLAN, campaigns
from tests.source import ROOT

PATH = "/console/calendar/slots"
FORM = {
    "begins_at": "2026-11-21T14:00",
    "ends_at": "2026-11-21T20:00",
    "submit_by": "2026-11-20T18:00",
    "to": "all",
}


def test_hq_opens_a_slot_and_faults_stand_beside_their_fields(console: Console) -> None:
    browser = console.signed_in("zhou")
    assert console.post(browser, PATH, {**FORM, "kind": ["content", "brand"]}).status_code == 303
    assert "内容、品牌" in page(console, PATH)
    for changes, words in (
        ({"begins_at": "x"}, "请选日期和时间"),
        ({"to": "some"}, "还没选给哪些分公司"),
        ({"submit_by": "2026-11-22T10:00"}, "开始以前"),
        ({"ends_at": "9999-12-31T23:59"}, "请选日期和时间"),
        ({"to": "some", "branch": "9" * 30}, "有的分公司不存在"),
        ({"campaign": "9" * 30}, "只有总部自己的活动"),
    ):
        answer = console.post(browser, PATH, {**FORM, **changes})
        assert answer.status_code == 422 and words in answer.text
    assert console.post(console.signed_in("chen"), PATH, FORM).status_code == 403


def test_a_branch_finds_its_slots_from_the_calendar_and_reads_how_each_stands(console: Console) -> None:
    slot = open_slot(console, note="门店日")
    open_slot(console, branches=[console.ids["east"]], note="别家的")
    for view in ("/console/calendar", "/console/calendar/week"):
        assert f'href="{PATH}"' in page(console, view, "chen")
        assert f'href="{PATH}"' not in page(console, view, "ma")
    text = page(console, PATH, "chen")
    assert f'href="{PATH}/{slot}"' in text and "门店日" in text and "还空着" in text
    assert "别家的" not in text and "开一个位置" not in text
    assert console.signed_in("ma").get(PATH).status_code == 403


def test_a_branch_fills_a_slot_and_takes_its_campaign_out_again(console: Console) -> None:
    slot = open_slot(console)
    here = {"branches": [console.ids["northeast"]]}
    mine = plan(console, "雨靴", 2, created_by=console.ids["chen"], scope=here, status=CampaignStatus.DRAFT)
    chen = console.signed_in("chen")
    assert "雨靴" in page(console, f"{PATH}/{slot}", "chen")
    assert console.post(chen, f"{PATH}/{slot}/fill", {"campaign": mine}).status_code == 303
    assert "放了，还没批" in page(console, f"{PATH}/{slot}", "chen")
    assert "雨靴" in page(console, f"{PATH}/{slot}", "zhou")
    assert console.post(chen, f"{PATH}/{slot}/clear").status_code == 303
    late = plan(console, "太晚", 5, created_by=console.ids["chen"], scope=here)
    answer = console.post(chen, f"{PATH}/{slot}/fill", {"campaign": late})
    assert answer.status_code == 409 and "不在这个位置里" in answer.text
    assert console.post(console.signed_in("zhou"), f"{PATH}/{slot}/close").status_code == 303
    assert console.post(chen, f"{PATH}/{slot}/fill", {"campaign": mine}).status_code == 409


def test_the_only_campaign_that_fits_has_its_button_and_is_not_offered_again_once_it_lies_there(
    console: Console,
) -> None:
    slot, own = open_slot(console), {"created_by": console.ids["chen"], "status": CampaignStatus.DRAFT}
    here = {"branches": [console.ids["northeast"]]}
    mine = plan(console, "雨靴", 2, scope=here, **own)
    offered = f'<option value="{mine}"'
    form = page(console, f"{PATH}/{slot}", "chen")
    assert offered in form and "放进来</button>" in form
    console.post(console.signed_in("chen"), f"{PATH}/{slot}/fill", {"campaign": mine})
    other = plan(console, "雨衣", 2, scope=here, **own)
    form = page(console, f"{PATH}/{slot}", "chen")
    assert offered not in form and f'<option value="{other}"' in form and "换成这一件</button>" in form


def test_from_a_slot_a_campaign_is_planned_in_its_window_and_hq_reads_where_it_lies(console: Console) -> None:
    slot, chen = open_slot(console, channels=["moment"], kinds=["brand"]), console.signed_in("chen")
    new = f"/console/campaigns/new?slot={slot}"
    assert new in page(console, f"{PATH}/{slot}", "chen")
    form = page(console, new, "chen")
    for words in ('value="2026-11-21T14:32"', 'value="2026-11-21T22:32"', f'name="slot" value="{slot}"'):
        assert words in form, words
    assert 'value="moment" checked' in form and 'value="brand" checked' in form
    typed = PLAN | {"channel": "moment", "kind": "brand", "text": "小雪到了", "slot": str(slot), "do": "save"}
    typed |= {"launch_at": "2026-11-21T15:00", "ends_at": "2026-11-21T20:00"}
    answer = console.post(chen, "/console/campaigns/new", typed)
    assert answer.status_code == 303 and answer.location == f"{PATH}/{slot}?done=made"
    assert "还没放进来" in page(console, answer.location, "chen")
    made = campaigns(console)[-1].id
    console.post(chen, f"{PATH}/{slot}/fill", {"campaign": made})
    assert console.post(chen, f"/console/campaigns/{made}/submit").status_code == 303
    assert "放在 11 月 21 日 14:32 开放的位置里" in page(console, f"/console/campaigns/{made}/approval")
    theirs = open_slot(console, branches=[console.ids["east"]])
    assert chen.get(f"/console/campaigns/new?slot={theirs}").status_code == 404


def test_the_list_names_the_branches_to_which_a_slot_is_open(console: Console) -> None:
    open_slot(console, branches=[console.ids["east"]], note="一家")
    with console.db.read() as session:
        name = session.get_one(Branch, console.ids["east"]).name
    assert re.search(rf"<small>[^<]*{name}[^<]*之前提交", page(console, PATH))


def test_only_a_form_that_looks_something_up_leaves_by_itself_when_something_is_chosen() -> None:
    """The script sends these as soon as a choice changes, and hides their button."""
    texts = [one.read_text() for one in (ROOT / "pages" / "templates").rglob("*.html")]
    forms = [form for text in texts for form in re.findall(r'<form class="finding"[^>]*>', text)]
    assert forms and all('method="get"' in form for form in forms)


def test_a_variant_goes_from_the_branch_to_hq_and_back_and_again(console: Console) -> None:
    number = plan(console, "总部的靴", 2, ends_at=NOON + 2 * DAY + timedelta(hours=8))
    slot = open_slot(console, campaign_id=number, parts=["text"])
    chen, zhou, branch = console.signed_in("chen"), console.signed_in("zhou"), console.ids["northeast"]
    put, say = f"{PATH}/{slot}/put", {"branch": branch}
    assert "什么都没换" in console.post(chen, put, {"text": ""}).text
    assert console.post(chen, put, {"text": "东北写的"}).status_code == 303
    assert "等你批的分公司版" in page(console, PATH) and "东北写的" in page(console, f"{PATH}/{slot}")
    assert "退回的原因" in console.post(zhou, f"{PATH}/{slot}/return", say).text
    assert console.post(zhou, f"{PATH}/{slot}/return", {**say, "reason": "太硬"}).status_code == 303
    assert "太硬" in page(console, f"{PATH}/{slot}", "chen")
    assert console.post(chen, put, {"text": "软一点"}).status_code == 303
    assert console.post(zhou, f"{PATH}/{slot}/approve", say).status_code == 303
    with console.db.read() as session:
        assert variants.that_go(session, number)[branch].text == "软一点"
    assert console.post(chen, f"{PATH}/{slot}/take_back").status_code == 303


def test_a_slot_of_others_and_a_verb_of_others_are_not_there_I01(console: Console) -> None:
    slot = open_slot(console, branches=[console.ids["east"]])
    hers = plan(
        console, "华东的", 2, created_by=console.ids["liu"], scope={"branches": [console.ids["east"]]}
    )
    shared = open_slot(console)
    chen = console.signed_in("chen")
    assert chen.get(f"{PATH}/{slot}").status_code == 404
    assert console.post(chen, f"{PATH}/{slot}/fill").status_code == 404
    assert console.post(chen, f"{PATH}/{shared}/approve").status_code == 404
    assert console.post(chen, f"{PATH}/{shared}/fill", {"campaign": hers}).status_code == 404
    assert console.post(console.signed_in("ma"), f"{PATH}/{shared}/fill").status_code == 403


def test_a_headline_that_the_poster_cannot_hold_is_said_to_the_branch_and_not_at_ten_o_clock_F16(
    console: Console,
) -> None:
    posters = cast.poster("headline", headline="初雪")
    number = plan(console, "总部的靴", 2, ends_at=NOON + 2 * DAY + timedelta(hours=8), attachments=posters)
    slot = open_slot(console, campaign_id=number, parts=["headline", "text"])
    chen, put = console.signed_in("chen"), f"{PATH}/{slot}/put"
    refused = console.post(chen, put, {"headline": "九个字的标题太长了"})
    assert refused.status_code == 422 and "标题有 9 个字，最多 8 个" in refused.text
    cut = console.post(chen, put, {"text": "a" * 4001})
    assert cut.status_code == 422 and "4,001 字节" in cut.text
    with console.db.read() as session:
        assert variants.of_branch(session, [slot], console.ids["northeast"]) == {}
    assert console.post(chen, put, {"headline": "初雪到了"}).status_code == 303


def test_what_is_wrong_with_hq_s_own_part_is_told_above_the_form(console: Console) -> None:
    number = plan(console, "总部的靴", 2, ends_at=NOON + 2 * DAY + timedelta(hours=8), card_note="长" * 45)
    slot = open_slot(console, campaign_id=number, parts=["text"])
    answer = console.post(console.signed_in("chen"), f"{PATH}/{slot}/put", {"text": "东北写的"})
    assert answer.status_code == 422 and "卡片副标题 45 个字" in answer.text
