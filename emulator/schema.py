"""Schemas of requests: kind, length in its own unit, required or not, and which errcode says so."""

import re
from dataclasses import dataclass, field
from typing import Any

from .errors import Refusal


@dataclass(frozen=True, kw_only=True)
class Schema:
    """`missing` is the errcode when the field is absent (0: it may be); `wrong` when its kind or size is not right."""

    missing: int = 0
    wrong: int = 40058

    def check(self, value: Any, at: str) -> None:
        """Any value will do."""


@dataclass(frozen=True, kw_only=True)
class Text(Schema):
    most_bytes: int = 0
    most_chars: int = 0
    too_long: int = 40058
    empty: int = 0
    pattern: str = ""

    def check(self, value: Any, at: str) -> None:
        if not isinstance(value, str):
            raise Refusal(self.wrong, f"{at} must be a string")
        if self.empty and not value.strip():
            raise Refusal(self.empty, f"{at} is empty")
        if self.most_bytes and (size := len(value.encode())) > self.most_bytes:
            raise Refusal(self.too_long, f"{at} has {size} bytes, most {self.most_bytes}")
        if self.most_chars and len(value) > self.most_chars:
            raise Refusal(self.too_long, f"{at} has {len(value)} characters, most {self.most_chars}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise Refusal(self.wrong, f"{at} has characters that are not allowed")


@dataclass(frozen=True, kw_only=True)
class Whole(Schema):
    low: int = 0
    high: int = 2**63 - 1

    def check(self, value: Any, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise Refusal(self.wrong, f"{at} must be a whole number from {self.low} to {self.high}")


@dataclass(frozen=True, kw_only=True)
class Decimal(Schema):
    low: float
    high: float

    def check(self, value: Any, at: str) -> None:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.low <= value <= self.high
        ):
            raise Refusal(self.wrong, f"{at} must be a number from {self.low} to {self.high}")


@dataclass(frozen=True, kw_only=True)
class Flag(Schema):
    def check(self, value: Any, at: str) -> None:
        if not isinstance(value, bool):
            raise Refusal(self.wrong, f"{at} must be true or false")


@dataclass(frozen=True, kw_only=True)
class Choice(Schema):
    values: tuple[Any, ...] = ()

    def check(self, value: Any, at: str) -> None:
        if isinstance(value, bool) or value not in self.values:
            raise Refusal(self.wrong, f"{at} must be one of {list(self.values)}")


@dataclass(frozen=True, kw_only=True)
class ListOf(Schema):
    item: Schema = field(default_factory=Text)
    least: int = 0
    most: int = 0
    too_many: int = 40058
    too_few: int = 40058

    def check(self, value: Any, at: str) -> None:
        if not isinstance(value, list):
            raise Refusal(self.wrong, f"{at} must be an array")
        if len(value) < self.least:
            raise Refusal(self.too_few, f"{at} needs at least {self.least}")
        if self.most and len(value) > self.most:
            raise Refusal(self.too_many, f"{at} has {len(value)} items, most {self.most}")
        for index, item in enumerate(value):
            self.item.check(item, f"{at}[{index}]")


@dataclass(frozen=True, kw_only=True)
class Record(Schema):
    """An object with exactly these keys; a key that the platform does not know is refused."""

    fields: dict[str, Schema] = field(default_factory=dict)

    def check(self, value: Any, at: str) -> None:
        if not isinstance(value, dict):
            raise Refusal(self.wrong, f"{at or 'body'} must be an object")
        for name in value:
            if name not in self.fields:
                raise Refusal(self.wrong, f"unknown field {at + '.' if at else ''}{name}")
        for name, schema in self.fields.items():
            here = f"{at}.{name}" if at else name
            if name in value:
                schema.check(value[name], here)
            elif schema.missing:
                raise Refusal(schema.missing, f"{here} is missing")
