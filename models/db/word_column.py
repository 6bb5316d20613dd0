"""A column that holds a word out of a closed list: text in the database, a member of its StrEnum in Python."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Dialect, String
from sqlalchemy.types import TypeDecorator


class Word(TypeDecorator[StrEnum | str]):
    """Nothing is written that the list does not know; an empty word stays empty.

    What a newer version of the program wrote is read as it stands, so that a page can show it.
    """

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.words, self.length = words, length
        self._known = {word.value: word for word in words}

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return self.words(value).value if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | str | None:
        return self._known.get(value, value) if value else value


def word_column(words: type[StrEnum], length: int, *, index: bool = False) -> Column[Any]:
    return Column(Word(words, length), index=index, nullable=False)
