"""Whether words sell: a price or a coupon makes a piece a deal, whatever it is called."""

import re
from collections.abc import Iterable

from models.campaigns.attachments import Attachment

PRICE = re.compile(r"[¥￥]\s*\d|\d\s*元|\d\s*折|券|满\s*\d+\s*减|立减")


def sells(text: str, attachments: Iterable[Attachment]) -> bool:
    """Whether customers would read a price or a coupon."""
    if PRICE.search(text):
        return True
    return any(
        one.words.get("price") or any(map(PRICE.search, [*one.words.values(), one.title, one.note]))
        for one in attachments
    )
