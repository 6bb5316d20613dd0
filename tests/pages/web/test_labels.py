"""Every state has its shape, its word and its tone; every kind its word; both in Chinese and in English."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlmodel import select

import models  # noqa: F401  every table must be known
from models.campaigns import CampaignStatus
from models.campaigns.announcements import AnnouncementStatus
from models.db import Database, metadata
from models.db.word_column import Word
from models.friends import FriendStatus
from models.groups import Group, GroupKind
from pages.web import i18n, icons, labels
from pages.web.labels import LABELS, NAMED_IN_SENTENCES, WORDS, Label, state_of, word_of
from tests import cast

IN_ROWS = {
    column.type.words
    for table in metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, Word)
}
TONES = {"quiet", "run", "ok", "warn", "bad"}


def said() -> list[tuple[str, str]]:
    """(member, its word)"""
    states = [
        (f"{noun.__name__}.{one.name}", it.word) for noun, of in LABELS.items() for one, it in of.items()
    ]
    kinds = [(f"{noun.__name__}.{one.name}", word) for noun, of in WORDS.items() for one, word in of.items()]
    return states + kinds


TEMPLATES = Path(labels.__file__).parents[1] / "templates"


def test_what_a_row_may_hold_is_said_in_one_place() -> None:
    assert {FriendStatus, CampaignStatus} <= IN_ROWS
    for words in IN_ROWS:
        assert [words in LABELS, words in WORDS, words in NAMED_IN_SENTENCES].count(True) == 1, words


@pytest.mark.parametrize("noun", [*LABELS, *WORDS], ids=lambda noun: noun.__name__)
def test_every_member_is_said(noun: type[StrEnum]) -> None:
    assert set(LABELS.get(noun) or WORDS[noun]) == set(noun)


def test_a_state_has_a_drawn_shape_and_a_known_tone() -> None:
    labels = [label for states in LABELS.values() for label in states.values()]
    assert [one for one in labels if one.shape not in icons.STATES or one.tone not in TONES] == []


@pytest.mark.parametrize(("member", "word"), said())
def test_a_word_is_chinese_and_has_its_english(member: str, word: str) -> None:
    english = i18n.catalogue(i18n.ENGLISH).gettext(word)
    assert re.search(r"[\u4e00-\u9fff]", word) and english != word


@pytest.mark.parametrize("language", [i18n.CHINESE, i18n.ENGLISH])
def test_two_states_of_a_noun_are_never_said_alike(language: str) -> None:
    for noun, states in LABELS.items():
        words = [i18n.catalogue(language).gettext(label.word) for label in states.values()]
        assert len(set(words)) == len(words), noun


def test_campaigns_and_announcements_say_alike_what_is_alike() -> None:
    alike = {one.value for one in CampaignStatus} & {one.value for one in AnnouncementStatus}
    assert alike == {"scheduled", "cancelled"}
    for value in alike:
        assert state_of(CampaignStatus(value)) == state_of(AnnouncementStatus(value))


def test_members_that_the_database_spells_alike_keep_their_own_words() -> None:
    guide, group = (
        next(one for one in LABELS if one.__name__ == name) for name in ("GuideStatus", "GroupStatus")
    )
    assert guide("active") == group("active")
    assert (state_of(guide("active")).word, state_of(group("active")).word) == ("在岗", "在用")


@pytest.fixture
def from_a_newer_version(sqlite_database: Database) -> Group:
    """A group as a version after this one left it, read back by this one."""
    with sqlite_database.write() as session:
        group = Group(chat_id="wr1", kind=GroupKind.CUSTOMER, created_at=cast.NOW)
        session.add(group)
        session.flush()
        session.execute(text("UPDATE group_chat SET kind = 'upstream', status = 'frozen'"))
    with sqlite_database.read() as session:
        return session.exec(select(Group)).one()


def test_a_word_of_a_newer_version_is_shown_as_it_is(from_a_newer_version: Group) -> None:
    row = from_a_newer_version
    assert (state_of(row.status), word_of(row.kind)) == (Label("unknown", "frozen", "quiet"), "upstream")


def test_a_word_that_the_list_does_not_know_is_not_written(sqlite_database: Database) -> None:
    with (
        pytest.raises(StatementError, match="'frozen' is not a valid GroupStatus"),
        sqlite_database.write() as session,
    ):
        session.add(Group(chat_id="wr1", kind=GroupKind.CUSTOMER, status="frozen", created_at=cast.NOW))


def test_templates_ask_for_members_that_exist() -> None:
    nouns = {noun.__name__: noun for noun in (*LABELS, *WORDS, *NAMED_IN_SENTENCES)}
    asked = {
        (path.name, name, member)
        for path in TEMPLATES.rglob("*.html")
        for name, member in re.findall(r"\b([A-Z]\w+)\.([A-Z_]+)\b", path.read_text(encoding="utf-8"))
    }
    assert len(asked) > 30
    assert [
        one for one in sorted(asked) if one[1] not in nouns or one[2] not in nouns[one[1]].__members__
    ] == []
