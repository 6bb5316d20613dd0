"""A column that holds a sentence: as it is read in Chinese where nothing stands in it, else with its values apart."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Column, Dialect, String
from sqlalchemy.types import TypeDecorator

from models.sentences import Sentence

LONGEST = 500
"""Letters that are kept of a value, or of words that are not ours"""
BEGINNING = '{"text":'


class SentenceText(TypeDecorator[str]):
    """What was written before sentences had values, and words of the platform, are read as they stand."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value and value.startswith(BEGINNING):
            value = Sentence("{words}", words=value)
        if isinstance(value, Sentence) and value.values:
            return json.dumps(_apart(value), ensure_ascii=False)
        return value[:LONGEST] if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _together(json.loads(value)) if value.startswith(BEGINNING) else Sentence(value)


class SentencesInJson(TypeDecorator[Any]):
    """Lists and tables whose sentences are kept like those of a column of their own."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if isinstance(value, Sentence):
            return _apart(value)
        return _each(value, lambda one: self.process_bind_param(one, dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if isinstance(value, dict) and value.keys() == {"text", "values"}:
            return _together(value)
        return _each(value, lambda one: self.process_result_value(one, dialect))


def _each(value: Any, turned: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: turned(one) for name, one in value.items()}
    return [turned(one) for one in value] if isinstance(value, list) else value


def sentence_column(*, index: bool = False) -> Column[Any]:
    return Column(SentenceText(), index=index, nullable=False)


def _apart(sentence: Sentence) -> dict[str, Any]:
    return {"text": sentence.text, "values": {name: _value(one) for name, one in sentence.values.items()}}


def _value(value: object) -> object:
    if isinstance(value, Sentence):
        return _apart(value)
    return value if isinstance(value, int | float) else str(value)[:LONGEST]


def _together(kept: dict[str, Any]) -> Sentence:
    values = {name: _together(one) if isinstance(one, dict) else one for name, one in kept["values"].items()}
    return Sentence(kept["text"], **values)
