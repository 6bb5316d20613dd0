"""A task's text with the guide's names filled in, and its customers in as many calls as they take."""

from pyroaring import FrozenBitMap

from models import placeholders
from models.campaigns import Campaign
from models.ledger.channels import CHANNELS, MASS
from models.org import Guide, Store
from models.sentences import Sentence
from wecom.limits import limit_of

TEXT_BYTES = limit_of(MASS, "text").most
"""The platform's and our column's room for one text; a long store name may push a text over it."""
NAMES = {"门店名": "门店", "导购名": "我", "门店地址": ""}
"""What may be filled in, and what stands there for a guide of whom we do not know it."""


def fill(text: str, guide: Guide, store: Store | None) -> str:
    """The text as this guide's customers read it. Only the three names are replaced, once; all else is literal."""
    known = {
        "导购名": guide.customer_name,
        "门店名": store.name if store else "",
        "门店地址": store.address if store else "",
    }
    named = text if guide.customer_name else placeholders.nameless(text)
    return placeholders.fill(
        named, {name: " ".join(known[name].split()) or blank for name, blank in NAMES.items()}
    )


def whom(campaign: Campaign, count: int) -> str:
    """How many of what a campaign goes to, in words; empty for a notice, which reaches no customer."""
    use = campaign.way.campaign if campaign.way.sends else None
    return Sentence("{count:,} {unit}", count=count, unit=Sentence(use.unit)) if use else ""


def part_size(channel: str) -> int:
    """Customers or groups that one mass message may hold (contract 6.1)."""
    way = CHANNELS[channel]
    return way.most(way.campaign.receivers) if way.campaign else 1


def parts(channel: str, customers: int) -> int:
    """Calls that a task of so many customers takes."""
    return max(1, -(-customers // part_size(channel)))


def part_of(channel: str, members: FrozenBitMap, number: int) -> FrozenBitMap:
    """The members of one call. By the order of their ids, so that it is the same call after a crash."""
    size = part_size(channel)
    return members[number * size : (number + 1) * size]
