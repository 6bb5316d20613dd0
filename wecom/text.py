"""Text from outside, as far as our database can hold it."""

from typing import Any


def clean(text: str) -> str:
    """Without NUL, and without halves of characters, which JSON may carry."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def clean_all(value: Any) -> Any:
    """A JSON value whose every string is clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_all(one) for one in value]
    if isinstance(value, dict):
        return {clean(name): clean_all(one) for name, one in value.items()}
    return value
