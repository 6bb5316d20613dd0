"""两种正文: of one campaign some customers get another text, always the same ones; and whether it made a difference."""

import hashlib
from dataclasses import dataclass
from math import sqrt
from typing import Any

from pyroaring import FrozenBitMap
from sqlmodel import Session, select

from models.campaigns import Campaign, CampaignAudience, audience
from models.db.sets import NOBODY
from models.sentences import Sentence

SURE = 1.96
"""Standard errors of an interval that holds the truth in 95 of 100 cases"""


def second_of(campaign: Campaign, members: FrozenBitMap) -> FrozenBitMap:
    """Who of them gets the second text: by the customer alone, whichever guide writes to her and whenever it is asked."""
    if not campaign.second_text:
        return NOBODY
    return FrozenBitMap(one for one in members if _place(campaign.id or 0, one) < campaign.second_percent)


def _place(campaign_id: int, customer: int) -> int:
    """Where she stands among a hundred, in this campaign."""
    digest = hashlib.blake2b(f"{campaign_id}:{customer}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % 100


def calls(campaign: Campaign, members: FrozenBitMap) -> list[dict[str, Any]]:
    """The payloads of the calls that one guide's share takes: those of the first text, then those of the second.

    part: the number of the call in the task; of: which piece of its side it is.
    """
    second = second_of(campaign, members)
    if not second:
        return [{"part": part} for part in range(audience.parts(campaign.channel, len(members)))]
    sides = [(False, members - second), (True, second)]
    pieces = [
        {"of": of, "second": is_second}
        for is_second, side in sides
        for of in range(audience.parts(campaign.channel, len(side)) if side else 0)
    ]
    return [{"part": part, **piece} for part, piece in enumerate(pieces)]


def addressed(campaign: Campaign, members: FrozenBitMap, payload: dict[str, Any]) -> FrozenBitMap:
    """Who of a guide's share belongs to one of these calls: the same after a crash."""
    part = int(payload.get("part", 0))
    if "second" not in payload:
        return audience.part_of(campaign.channel, members, part)
    second = second_of(campaign, members)
    side = second if payload["second"] else members - second
    return audience.part_of(campaign.channel, side, int(payload["of"]))


# ---- what became of it


@dataclass(frozen=True)
class Arm:
    """One of the two texts."""

    customers: int
    reached: int

    @property
    def share(self) -> float:
        return 100 * self.reached / self.customers if self.customers else 0.0


@dataclass(frozen=True)
class Comparison:
    """Both texts beside each other."""

    first: Arm
    second: Arm

    @property
    def interval(self) -> tuple[float, float]:
        """Between which percentage points the true difference (second minus first) lies, in 95 of 100 cases.

        By Agresti and Caffo, who add one success and one failure to each side, so that small numbers do not mislead.
        """
        shares = [
            ((one.reached + 1) / (one.customers + 2), one.customers + 2) for one in (self.first, self.second)
        ]
        middle = shares[1][0] - shares[0][0]
        error = SURE * sqrt(sum(share * (1 - share) / number for share, number in shares))
        return 100 * (middle - error), 100 * (middle + error)

    @property
    def words(self) -> Sentence:
        """Whether the difference may be chance, in one sentence."""
        low, high = self.interval
        if not self.first.reached and not self.second.reached:
            return Sentence("还没有人收到，比不出来")
        if low <= 0 <= high:
            return Sentence(
                "收到的比例相差 {low} 到 {high} 个百分点之间，可能只是碰巧，现在不能说哪种更好",
                low=f"{low:+.1f}",
                high=f"{high:+.1f}",
            )
        better = Sentence("第二种" if low > 0 else "第一种")
        least, most = sorted((abs(low), abs(high)))
        return Sentence(
            "{better}收到的比例高 {low} 到 {high} 个百分点，多半不是碰巧",
            better=better,
            low=f"{least:.1f}",
            high=f"{most:.1f}",
        )


def comparison(session: Session, campaign: Campaign) -> Comparison | None:
    """How many of each side were reached so far; None where there is one text, or nothing was launched."""
    query = select(CampaignAudience).where(CampaignAudience.campaign_id == campaign.id)
    whole = session.exec(query).one_or_none() if campaign.second_text else None
    if whole is None:
        return None
    first = whole.members - whole.second
    return Comparison(
        Arm(len(first), len(first & whole.reached)),
        Arm(len(whole.second), len(whole.second & whole.reached)),
    )
