"""What a campaign that leaves by a channel should know of it: who does what with it, whom it reaches, what it carries."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CampaignUse:
    """What a campaign that takes this channel should know."""

    hint: str
    """Who does what, in the form that plans it"""
    unit: str
    """What it reaches, after a number"""
    receivers: str = ""
    """The field of the call that holds them; as many as it takes go into one call."""
    confirmed: bool = True
    """The platform tells when she has sent it; else her word ends it, and its card is all there is."""
    carries: tuple[str, ...] = ()
    """What may go with its text: forms of models/campaigns/attachments.py"""
    disturbs: bool = True
    """It uses up the contact budget of whom it reaches; what does not, does so only where the brand counts it."""
    everybody: bool = False
    """All friends of each guide see it: nobody can be left out, nor left to another guide."""
    one_kind: bool = False
    """Only pictures, or one link, or one video: a Moments post mixes nothing."""
    together: bool = False
    """One call for all its guides, so that text and attachments are the same for all of them."""
    place: str = "群发助手"
    """Where she does it, and what: for her card, page and reminders"""
    deed: str = "发送"
