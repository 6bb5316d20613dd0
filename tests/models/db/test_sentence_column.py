"""A sentence comes back from the database with its values apart; words without values stay plain text there."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.accounts.audit import Audit, record
from models.db import Database
from models.sentences import Sentence, together
from tests.cast import NOW


def kept(database: Database, words: str) -> str:
    with database.write() as session:
        record(session, "周岚", "campaign.pause", "campaign:1", NOW, words)
    with database.read() as session:
        return session.exec(select(Audit)).one().detail


@pytest.mark.parametrize(
    "sentence",
    [
        Sentence("暂停"),
        Sentence("{n} 位导购", n=3),
        Sentence("她说「{words}」", words='{"text": "好", {n}'),
        together([Sentence("账号改为 {userid}。", userid="wang"), Sentence("{name}来了", name="王芳")], ""),
    ],
)
def test_a_sentence_comes_back_whole(database: Database, sentence: Sentence) -> None:
    found = kept(database, sentence)
    assert isinstance(found, Sentence)
    assert (found, found.text) == (sentence, sentence.text)
    assert found.values == sentence.values


def test_words_without_values_are_plain_text_for_whoever_reads_the_table(sqlite_database: Database) -> None:
    kept(sqlite_database, Sentence("暂停"))
    with sqlite_database.read() as session:
        assert session.execute(text("SELECT detail FROM audit")).scalar_one() == "暂停"


def test_words_that_are_not_ours_are_cut_and_never_taken_for_a_sentence_with_values(
    sqlite_database: Database,
) -> None:
    assert kept(sqlite_database, '{"text": "x' + "字" * 900) == '{"text": "x' + "字" * 489
