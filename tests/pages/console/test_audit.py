"""谁做了什么: machine words never reach the page, and what was changed is one tap away."""

import ast
from pathlib import Path

import pytest

import models
from models.accounts import audit
from models.accounts.audit import COMMAND_LINE, Audit
from pages.console.audit import NOUNS, VERBS
from tests.pages.conftest import NOON, Console

ROOT = Path(models.__file__).parents[1]


def recorded() -> set[str]:
    """The verbs that the code writes down in so many letters."""
    found: set[str] = set()
    for room in ("models", "ops", "pages", "scheduler"):
        for path in (ROOT / room).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(
                    ("audit.note", "audit.record", "record")
                ):
                    found |= {
                        str(word.value)
                        for word in call.args[2:3]
                        if isinstance(word, ast.Constant) and isinstance(word.value, str)
                    }
    return found


def test_everything_that_is_written_down_has_a_word_for_people() -> None:
    assert len(recorded()) > 20
    assert recorded() - set(VERBS) == set()
    assert {verb.partition(".")[0] for verb in VERBS} - {"import", "removal_guard", "timetable"} <= set(NOUNS)


@pytest.mark.parametrize(
    ("verb", "noun", "shown", "machine_word"),
    [
        ("campaign.freeze", "campaign:{campaign_northeast}", "人群冻结", "campaign.freeze"),
        ("delivery.release", "deliveries", "放行", "delivery.release"),
        ("account.off", "account:1", "账号 1", "account:1"),
    ],
)
def test_no_machine_word_stands_on_the_page(
    console: Console, verb: str, noun: str, shown: str, machine_word: str
) -> None:
    with console.db.write() as session:
        audit.record(session, COMMAND_LINE, verb, noun.format(**console.ids), NOON)
    page = console.signed_in("zhou").get("/console/audit").get_data(as_text=True)
    assert shown in page and machine_word not in page


def test_what_was_changed_is_one_tap_away_unless_it_is_gone(console: Console) -> None:
    campaign = console.ids["campaign_northeast"]
    with console.db.write() as session:
        audit.note(session, "周岚", "campaign.edit", campaign, "改了 1 处", NOON)
        audit.note(session, "周岚", "campaign.discard", campaign + 900, "删掉草稿", NOON)
    page = console.signed_in("zhou").get("/console/audit").get_data(as_text=True)
    assert f'href="/console/campaigns/{campaign}"' in page
    assert f"活动 {campaign + 900}" in page and f"/console/campaigns/{campaign + 900}" not in page


def test_a_word_of_a_newer_version_is_shown_as_it_is(console: Console) -> None:
    with console.db.write() as session:
        session.add(Audit(at=NOON, actor="周岚", verb="lottery.draw", noun="lottery:1"))
    page = console.signed_in("zhou").get("/console/audit").get_data(as_text=True)
    assert "lottery.draw" in page and "lottery 1" in page
